namespace Interact;

/// <summary>The shares of a table's rows, which add up to 1.</summary>
public sealed record TableSplit
{
    /// <summary>What weights are fitted to; positive.</summary>
    public double Training { get; init; } = 0.7;

    /// <summary>What decides when training stops, and which weights are kept; positive.</summary>
    public double Validation { get; init; } = 0.15;

    /// <summary>What neither has seen; 0 for none.</summary>
    public double Test { get; init; } = 0.15;
}
