using System.Collections;

namespace Interact;

/// <summary>One number a feature or group: its share of f(x) - f(x').</summary>
public sealed class FeatureAttributions : IReadOnlyList<double>
{
    private readonly double[] _values;

    internal FeatureAttributions(double[] values, IReadOnlyList<string> featureNames)
    {
        _values = values;
        FeatureNames = featureNames;
    }

    /// <summary>Number of features or groups.</summary>
    public int Count => _values.Length;

    /// <summary>Their names, in the order of the values.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>The attribution of a feature.</summary>
    /// <param name="index">From 0 to <see cref="Count"/>, excluded.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such feature.</exception>
    public double this[int index]
    {
        get
        {
            Guard.Index(index, Count, nameof(index));
            return _values[index];
        }
    }

    /// <summary>The attribution of a feature.</summary>
    /// <param name="feature">Its name.</param>
    /// <exception cref="ArgumentException">No feature has this name, or several have.</exception>
    public double this[string feature] => _values[Names.IndexOf(FeatureNames, feature, nameof(feature))];

    internal ReadOnlySpan<double> Values => _values;

    /// <summary>
    /// The attributions of largest magnitude, largest first, in the order of the features where they are equal.
    /// </summary>
    /// <param name="count">How many; fewer come where there are fewer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public IReadOnlyList<FeatureAttribution> Strongest(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);

        return Enumerable
            .Range(0, Count)
            .Select(i => new FeatureAttribution(FeatureNames[i], i, _values[i]))
            .OrderByDescending(attribution => Math.Abs(attribution.Value))
            .Take(count)
            .ToArray();
    }

    /// <summary>The values in a new array.</summary>
    public double[] ToArray() => [.. _values];

    /// <inheritdoc/>
    public IEnumerator<double> GetEnumerator() => ((IEnumerable<double>)_values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
