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
    /// Values of the model's inputs that are not explained, held fixed along each row's path; none by default. Those that
    /// <see cref="Model.Hold"/> holds need no value here.
    /// </summary>
    public IReadOnlyList<FixedInput> FixedInputs { get; init; } = [];

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
    /// What is done at kinks, where the slope of a network with ReLU, max pooling and the like jumps; by default they are
    /// found and counted in exactly, which is the limit of ever sharper smoothing.
    /// </summary>
    public KinkTreatment Kinks { get; init; } = KinkTreatment.Automatic;

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
    /// The numbers, among all rows, of those that are explained, where <see cref="Rows"/> names them too; null, the default, for all
    /// that it names. <see cref="Representatives"/> chooses such numbers. Makes no difference to a single row.
    /// </summary>
    public IReadOnlyCollection<int>? RowNumbers { get; init; }

    /// <summary>
    /// On how many threads rows are explained, 1 to 1024; the number of processors by default. Several rows are divided
    /// among them; fewer rows than threads are each worked on by several. Results do not depend on it.
    /// </summary>
    public int Threads { get; init; } = Math.Min(Environment.ProcessorCount, 1024);

    /// <summary>
    /// What derivatives are evaluated in; double precision by default. In single precision the certificate still rests
    /// on values and probes in double precision: it tells what single precision costs, which leaves most results
    /// correct to 1e-6 or 1e-5 of the largest interaction.
    /// </summary>
    public Precision Precision { get; init; } = Precision.Double;

    /// <summary>
    /// How many bytes may be taken to work in, by all threads together; null, the default, is half of the memory that is
    /// free. The memory of the model itself and of results that were handed out is not counted. Less memory means fewer
    /// points at a time, and may change results by rounding.
    /// </summary>
    public long? Memory { get; init; }
}
