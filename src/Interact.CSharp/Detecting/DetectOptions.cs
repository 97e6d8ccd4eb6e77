namespace Interact;

/// <summary>How interactions of a whole model are detected by mixed partial derivatives.</summary>
public sealed record DetectOptions
{
    /// <summary>The largest number of features that act together, 2 or more; 2 by default.</summary>
    public int Order { get; init; } = 2;

    /// <summary>
    /// For orders above 2, how many of the strongest sets of the order below are expanded by each feature. Null, the default, looks
    /// at all sets of an order where there are at most 20,000 of them, and otherwise expands 10^(k-1) sets to sets of k features.
    /// </summary>
    public int? Parents { get; init; }

    /// <summary>How the rows' magnitudes become one strength; by default their mean.</summary>
    public SetAggregation Aggregation { get; init; } = SetAggregation.Mean;

    /// <summary>At which rows derivatives are taken; 256 drawn ones by default, or all where there are no more.</summary>
    public Representatives Representatives { get; init; } = Representatives.Drawn(256);

    /// <summary>
    /// Values of the model's inputs that are not explained, one for all rows each; none by default. Those that
    /// <see cref="Model.Hold"/> holds need no value here.
    /// </summary>
    public IReadOnlyList<FixedInput> FixedInputs { get; init; } = [];

    /// <summary>Which output is explained; by default each row's largest.</summary>
    public Target Target { get; init; } = Target.Predicted;

    /// <summary>
    /// Names of the features, one each; null, the default, takes the columns of a <see cref="RowTable"/>, or x0, x1, and so on.
    /// </summary>
    public IReadOnlyList<string>? FeatureNames { get; init; }

    /// <summary>Whether a model with kinks is taken as it is between them; by default it is refused.</summary>
    public bool AllowKinks { get; init; }

    /// <summary>On how many threads, 1 to 1024; the number of processors by default. Results do not depend on it.</summary>
    public int Threads { get; init; } = Math.Min(Environment.ProcessorCount, 1024);

    /// <summary>How many bytes may be taken to work in; null, the default, is half of the memory that is free.</summary>
    public long? Memory { get; init; }

    internal IntegratedHessiansOptions ForRows() =>
        new()
        {
            FixedInputs = FixedInputs,
            Target = Target,
            FeatureNames = FeatureNames,
            Threads = Threads,
            Memory = Memory,
        };
}
