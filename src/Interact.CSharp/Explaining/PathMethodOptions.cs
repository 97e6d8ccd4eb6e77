namespace Interact;

/// <summary>
/// What the methods share that integrate derivatives along the straight path from a baseline to a row.
/// </summary>
public abstract record PathMethodOptions
{
    private protected PathMethodOptions() { }

    /// <summary>Where the paths start; zeros by default.</summary>
    public Baseline Baseline { get; init; } = Baseline.Zeros;

    /// <summary>
    /// Which output is explained; by default each row's largest, which is the only one where there is one.
    /// </summary>
    public Target Target { get; init; } = Target.Predicted;

    /// <summary>
    /// The largest residual and error with which a row counts as certified, relative to |f(x) - f(x')| or the largest
    /// |attribution|, whichever is larger. Positive; 1e-6 by default.
    /// </summary>
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>Sets of features that act as one; null, the default, explains single features.</summary>
    public FeatureGroups? Groups { get; init; }

    /// <summary>
    /// Names of the features, one each; null, the default, takes the columns of a <see cref="RowTable"/>, or x0, x1,
    /// and so on. With <see cref="Groups"/> the groups' names are used instead.
    /// </summary>
    public IReadOnlyList<string>? FeatureNames { get; init; }

    /// <summary>
    /// Points of a row's path that may be tried before it is given up, uncertified. Positive; 50,000 by default.
    /// </summary>
    public int MaxSamples { get; init; } = 50_000;

    /// <summary>
    /// Which of several rows are explained; all by default. Results bear the numbers that the rows have among all.
    /// Makes no difference to a single row.
    /// </summary>
    public Range Rows { get; init; } = Range.All;

    /// <summary>
    /// On how many threads several rows are explained, 1 to 1024; the number of processors by default. Results do not
    /// depend on it.
    /// </summary>
    public int Threads { get; init; } = Math.Min(Environment.ProcessorCount, 1024);
}
