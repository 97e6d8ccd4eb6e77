namespace Interact;

/// <summary>How sets of features that act together are searched.</summary>
public sealed record SetSearchOptions
{
    /// <summary>The largest number of features in a set, at least 2; 3 by default.</summary>
    public int Order { get; init; } = 3;

    /// <summary>
    /// How many sets of one order, the strongest ones, are expanded by every feature to sets of the next order.
    /// Positive; null, the default, expands 10^(k-1) to sets of k features.
    /// </summary>
    public int? Parents { get; init; }

    /// <summary>What sets are ranked by; the mean over the rows by default.</summary>
    public SetAggregation Aggregation { get; init; } = SetAggregation.Mean;

    /// <summary>How derivatives are taken.</summary>
    public MixedPartialsOptions Derivatives { get; init; } = new();
}
