namespace Interact;

/// <summary>How the weights of a network for tables are changed.</summary>
public sealed record TableOptimizer
{
    /// <summary>How gradients become steps.</summary>
    public TableOptimizerKind Kind { get; init; } = TableOptimizerKind.Adam;

    /// <summary>The length of steps; positive.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>
    /// The share of every weight that a step takes away is this times the learning rate; null for 0.01 with Adam, and 0 with gradient
    /// descent, which has none.
    /// </summary>
    public double? WeightDecay { get; init; }

    /// <summary>How the learning rate changes.</summary>
    public TableSchedule Schedule { get; init; } = TableSchedule.Constant;

    /// <summary>Over how many epochs the learning rate of the cosine schedule rises from 0.</summary>
    public int Warmup { get; init; }
}
