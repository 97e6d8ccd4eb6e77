using System.Collections.Immutable;

namespace Interact;

/// <summary>Where the paths of explanations start: what a row is compared with.</summary>
public sealed class Baseline
{
    private Baseline(BaselineKind kind, ImmutableArray<double[]> points)
    {
        Kind = kind;
        Points = points;
    }

    /// <summary>Every element is 0.</summary>
    public static Baseline Zeros { get; } = new(BaselineKind.Zeros, []);

    /// <summary>
    /// The column means of all rows that are given, also of those that <see cref="PathMethodOptions.Rows"/> leaves out.
    /// One row by itself has none.
    /// </summary>
    public static Baseline Mean { get; } = new(BaselineKind.Mean, []);

    internal BaselineKind Kind { get; }

    internal ImmutableArray<double[]> Points { get; }

    /// <summary>One point for all rows.</summary>
    /// <param name="point">As many finite elements as a row; copied.</param>
    public static Baseline Row(params ReadOnlySpan<double> point) => new(BaselineKind.Row, [point.ToArray()]);

    /// <summary>A point of its own for every row.</summary>
    /// <param name="points">As many as there are rows, each of as many finite elements as a row; copied.</param>
    public static Baseline Rows(IEnumerable<double[]> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        return new Baseline(BaselineKind.Rows, [.. points.Select(point => point.ToArray())]);
    }

    /// <summary>"zeros", "mean", or how many points there are.</summary>
    public override string ToString() =>
        Kind switch
        {
            BaselineKind.Zeros => "zeros",
            BaselineKind.Mean => "mean",
            BaselineKind.Row => "one row",
            _ => $"{Points.Length} rows",
        };
}
