namespace Interact;

/// <summary>What Taylor-CAM looks at.</summary>
public sealed record TaylorCamOptions
{
    /// <summary>
    /// The positions: sets of elements of what is explained. Null, the default, takes them from its shape: every place of an image
    /// or feature map over all channels (batch x channels x height x width), or every token (batch x tokens x width).
    /// </summary>
    public FeatureGroups? Positions { get; init; }

    /// <summary>How many positions act together, 2 or more; 2 by default. Sets of three and more need a model that is a graph.</summary>
    public int Order { get; init; } = 2;

    /// <summary>Which output is explained; by default each row's largest.</summary>
    public Target Target { get; init; } = Target.Predicted;

    /// <summary>Values of the model's inputs that are not explained; none by default.</summary>
    public IReadOnlyList<FixedInput> FixedInputs { get; init; } = [];

    /// <summary>Which of several rows are explained; all by default.</summary>
    public Range Rows { get; init; } = Range.All;

    /// <summary>On how many threads, 1 to 1024; the number of processors by default. Results do not depend on it.</summary>
    public int Threads { get; init; } = Math.Min(Environment.ProcessorCount, 1024);

    /// <summary>What derivatives are evaluated in; double precision by default.</summary>
    public Precision Precision { get; init; } = Precision.Double;

    /// <summary>How many bytes may be taken to work in; null, the default, is half of the memory that is free.</summary>
    public long? Memory { get; init; }

    /// <summary>
    /// What decides the numbers beside the model, by name and in words: target, order, precision where it is single, positions where
    /// they are set, and what is held fixed; for <see cref="TaylorCamFile"/>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Settings() => Interact.Settings.Of(this);

    /// <summary>The same as options of a path that stays at the row.</summary>
    internal PathMethodOptions ForRows(FeatureGroups positions) =>
        new IntegratedHessiansOptions
        {
            Groups = positions,
            Target = Target,
            FixedInputs = FixedInputs,
            Rows = Rows,
            Threads = Threads,
            Precision = Precision,
            Memory = Memory,
        };
}
