namespace Interact.Cli;

/// <summary>What `explain` is asked for.</summary>
internal sealed record ExplainOptions
{
    /// <summary>How many of the strongest pairs or features are shown.</summary>
    public const int DefaultTop = 5;

    /// <summary>Model, rows, and what the explanation is about.</summary>
    public required RunOptions Run { get; init; }

    /// <summary>How rows are explained.</summary>
    public ExplainMethod Method { get; init; } = ExplainMethod.IntegratedHessians;

    /// <summary>What expected methods average over, and what is drawn.</summary>
    public BackgroundOptions Background { get; init; } = new(null, null, null);

    /// <summary>"tokens", "patches:HxW" or a JSON file of groups; null to explain single features.</summary>
    public string? Groups { get; init; }

    /// <summary>The numbers of the rows that are explained; null for all of the run's.</summary>
    public IReadOnlyCollection<int>? RowNumbers { get; init; }

    /// <summary>Which interactions are computed; null for all.</summary>
    public InteractionPart? Part { get; init; }

    /// <summary>Which part of the rows; null for all of them.</summary>
    public Shard? Shard { get; init; }

    /// <summary>The file to write; null for none.</summary>
    public string? Out { get; init; }

    /// <summary>How many of the strongest pairs or features are shown.</summary>
    public int Top { get; init; } = DefaultTop;
}
