namespace Interact;

/// <summary>The mixed partial derivatives of one row: one number a set of features, ∂^|S| f / Π ∂x_i over i in S.</summary>
public sealed class MixedPartialsResult
{
    private readonly double[] _values;
    private readonly int[][] _sets;

    internal MixedPartialsResult(Core.MixedPartialsRow inner, int[][] sets, IReadOnlyList<string> featureNames)
    {
        Inner = inner;
        Row = inner.Row;
        Target = inner.Target;
        FeatureNames = featureNames;
        _values = inner.Values;
        _sets = sets;
    }

    internal Core.MixedPartialsRow Inner { get; }

    /// <summary>Number of the row, from 0.</summary>
    public int Row { get; }

    /// <summary>Index of the differentiated output in the flattened output.</summary>
    public int Target { get; }

    /// <summary>The names of the features.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>Number of sets.</summary>
    public int Count => _values.Length;

    /// <summary>
    /// The derivatives, in output units per product of the features' units, in the order in which the sets were given.
    /// </summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>A set and its derivative.</summary>
    /// <param name="place">From 0 to <see cref="Count"/>, excluded, in the order in which the sets were given.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such set.</exception>
    public FeatureSet this[int place]
    {
        get
        {
            Guard.Index(place, Count, nameof(place));
            return SetRanking.Named(_sets[place], FeatureNames, _values[place]);
        }
    }

    /// <summary>The derivative by a set of features.</summary>
    /// <param name="features">The features' indices, in any order.</param>
    /// <exception cref="ArgumentException">This set was not asked for.</exception>
    public double Of(params ReadOnlySpan<int> features)
    {
        int[] set = features.ToArray();
        Array.Sort(set);
        int place = Array.FindIndex(_sets, other => other.AsSpan().SequenceEqual(set));

        return place >= 0
            ? _values[place]
            : throw new ArgumentException($"The set {string.Join(", ", set)} was not asked for.", nameof(features));
    }

    /// <summary>The sets whose derivatives are of largest magnitude, largest first.</summary>
    /// <param name="count">How many; fewer come where there are fewer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public IReadOnlyList<FeatureSet> Strongest(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);

        return Enumerable
            .Range(0, Count)
            .OrderByDescending(place => Math.Abs(_values[place]))
            .Take(count)
            .Select(place => this[place])
            .ToArray();
    }
}
