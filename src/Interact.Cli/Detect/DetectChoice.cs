namespace Interact.Cli;

/// <summary>What `detect` is asked for.</summary>
internal sealed record DetectChoice
{
    /// <summary>How many of the strongest sets are shown.</summary>
    public const int DefaultTop = 10;

    /// <summary>Rows that stand for all where nothing is said.</summary>
    public const int DefaultRows = 256;

    /// <summary>Model and rows.</summary>
    public required RunOptions Run { get; init; }

    /// <summary>What sets are ranked by.</summary>
    public DetectMethod Method { get; init; }

    /// <summary>The method that explains rows, where pairs are ranked by explanations.</summary>
    public ExplainMethod? Explaining { get; init; }

    /// <summary>The largest number of features in a set.</summary>
    public int Order { get; init; } = 2;

    /// <summary>How rows become one number; null for the mean.</summary>
    public SetAggregation? Aggregation { get; init; }

    /// <summary>Which rows stand for all, by the seed; null for as many drawn ones as there are by default.</summary>
    public Func<int, Representatives>? Representatives { get; init; }

    /// <summary>The baselines of expected methods, and what is drawn.</summary>
    public BackgroundOptions Background { get; init; } = new(null, null, null);

    /// <summary>"tokens", "patches:HxW" or a JSON file of groups; null for single features.</summary>
    public string? Groups { get; init; }

    /// <summary>Whether sets within a stronger set stay in the ranking.</summary>
    public bool KeepSubsets { get; init; }

    /// <summary>How many of the strongest sets are shown.</summary>
    public int Top { get; init; } = DefaultTop;

    /// <summary>The file to write; null for none.</summary>
    public string? Out { get; init; }

    /// <summary>What `explain` would be asked for.</summary>
    public ExplainOptions ForExplaining =>
        new()
        {
            Run = Run,
            Method = Explaining ?? ExplainMethod.IntegratedHessians,
            Background = Background,
            Groups = Groups,
        };
}
