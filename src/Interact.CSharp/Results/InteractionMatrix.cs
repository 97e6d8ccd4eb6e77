using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Interact;

/// <summary>One number a pair of features or groups, in a symmetric matrix Γ that adds up to f(x) - f(x').</summary>
/// <remarks>
/// Main effects stand on the diagonal, each other pair stands twice, as Γ_ij and Γ_ji, and row i adds up to the
/// attribution of feature i.
/// </remarks>
public sealed class InteractionMatrix
{
    private readonly double[,] _values;

    internal InteractionMatrix(double[,] values, IReadOnlyList<string> featureNames)
    {
        _values = values;
        FeatureNames = featureNames;
    }

    /// <summary>Number of features or groups: of rows, and of columns.</summary>
    public int Count => _values.GetLength(0);

    /// <summary>Their names, in the order of rows and columns.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>
    /// One cell of the matrix: a main effect where both indices are equal, otherwise half of what a pair adds.
    /// </summary>
    /// <param name="first">From 0 to <see cref="Count"/>, excluded.</param>
    /// <param name="second">From 0 to <see cref="Count"/>, excluded.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such feature.</exception>
    public double this[int first, int second]
    {
        get
        {
            Guard.Index(first, Count, nameof(first));
            Guard.Index(second, Count, nameof(second));
            return _values[first, second];
        }
    }

    /// <summary>One cell of the matrix by the features' names.</summary>
    /// <param name="first">Name of a feature.</param>
    /// <param name="second">Name of a feature.</param>
    /// <exception cref="ArgumentException">No feature has this name, or several have.</exception>
    public double this[string first, string second] =>
        _values[Names.IndexOf(FeatureNames, first, nameof(first)), Names.IndexOf(FeatureNames, second, nameof(second))];

    /// <summary>All cells in row-major order.</summary>
    internal ReadOnlySpan<double> Values =>
        MemoryMarshal.CreateReadOnlySpan(
            ref Unsafe.As<byte, double>(ref MemoryMarshal.GetArrayDataReference(_values)),
            _values.Length
        );

    /// <summary>The pairs of largest magnitude, largest first, in row-major order where they are equal.</summary>
    /// <param name="count">How many; fewer come where there are fewer.</param>
    /// <returns>
    /// Pairs of different features, each once, with one cell's value each. Main effects are no pairs.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public IReadOnlyList<FeaturePair> Strongest(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Pairs().OrderByDescending(pair => Math.Abs(pair.Value)).Take(count).ToArray();
    }

    /// <summary>The cells in a new array.</summary>
    public double[,] ToArray() => (double[,])_values.Clone();

    internal IEnumerable<FeaturePair> Pairs()
    {
        for (int i = 0; i < Count; i++)
        {
            for (int j = i + 1; j < Count; j++)
                yield return new FeaturePair(FeatureNames[i], FeatureNames[j], i, j, _values[i, j]);
        }
    }
}
