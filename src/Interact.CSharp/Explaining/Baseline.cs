using System.Collections.Immutable;
using System.Globalization;

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

    /// <summary>
    /// The column medians of all rows that are given, also of those that <see cref="PathMethodOptions.Rows"/> leaves out.
    /// One row by itself has none.
    /// </summary>
    public static Baseline Median { get; } = new(BaselineKind.Median, []);

    /// <summary>The standard deviation of the blur, in pixels; 0 for other baselines.</summary>
    internal double Sigma { get; private init; }

    internal BaselineKind Kind { get; }

    internal ImmutableArray<double[]> Points { get; }

    /// <summary>The baseline in words, by which it can be told from others.</summary>
    internal string Identity => Points.IsEmpty ? ToString() : $"{this} {Digest.Of(Points)}";

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

    /// <summary>
    /// Each row itself, an image of the shape batch x channels x height x width, blurred by a Gaussian filter: colours are as in the
    /// image, shapes are not.
    /// </summary>
    /// <param name="sigma">The standard deviation of the filter in pixels, positive and at most the image's larger side.</param>
    /// <exception cref="ArgumentOutOfRangeException">Sigma is not positive.</exception>
    public static Baseline Blurred(double sigma)
    {
        Guard.Positive(sigma, nameof(sigma));
        return new Baseline(BaselineKind.Blurred, []) { Sigma = sigma };
    }

    /// <summary>"zeros", "mean", "median", "blur" with sigma, or how many points there are.</summary>
    public override string ToString() =>
        Kind switch
        {
            BaselineKind.Zeros => "zeros",
            BaselineKind.Mean => "mean",
            BaselineKind.Median => "median",
            BaselineKind.Blurred => string.Create(CultureInfo.InvariantCulture, $"blur:{Sigma}"),
            BaselineKind.Row => "one row",
            _ => $"{Points.Length} rows",
        };
}
