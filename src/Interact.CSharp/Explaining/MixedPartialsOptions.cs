namespace Interact;

/// <summary>How mixed partial derivatives are taken.</summary>
public sealed record MixedPartialsOptions
{
    /// <summary>
    /// Values of the model's inputs that are not explained, held fixed; none by default. Those that
    /// <see cref="Model.Hold"/> holds need no value here.
    /// </summary>
    public IReadOnlyList<FixedInput> FixedInputs { get; init; } = [];

    /// <summary>
    /// Which output is differentiated; by default each row's largest, which is the only one where there is one.
    /// </summary>
    public Target Target { get; init; } = Target.Predicted;

    /// <summary>
    /// Names of the features, one each; null, the default, takes the columns of a <see cref="RowTable"/>, or x0, x1,
    /// and so on.
    /// </summary>
    public IReadOnlyList<string>? FeatureNames { get; init; }

    /// <summary>
    /// Whether a model with kinks (ReLU, max pooling and the like) is accepted. By default it is refused: between kinks
    /// derivatives miss what happens at them, and of a piecewise linear network all of second order and above are zero.
    /// <see cref="Model.Smooth"/> makes of ReLU a smooth function.
    /// </summary>
    public bool AllowKinks { get; init; }

    /// <summary>
    /// Which of several rows are worked on; all by default. Results bear the numbers that the rows have among all.
    /// Makes no difference to a single row.
    /// </summary>
    public Range Rows { get; init; } = Range.All;

    /// <summary>
    /// How many threads work, 1 to 1024; the number of processors by default. Results do not depend on it.
    /// </summary>
    public int Threads { get; init; } = Math.Min(Environment.ProcessorCount, 1024);

    /// <summary>
    /// How many bytes may be taken to work in, by all threads together; null, the default, is half of the memory that is
    /// free. The memory of the model itself and of results is not counted. Results do not depend on it.
    /// </summary>
    public long? Memory { get; init; }

    /// <summary>What is the same for methods that explain rows along paths, which these do not have.</summary>
    internal IntegratedHessiansOptions ForRows() =>
        new()
        {
            FixedInputs = FixedInputs,
            Target = Target,
            FeatureNames = FeatureNames,
            Rows = Rows,
            Threads = Threads,
            Memory = Memory,
        };
}
