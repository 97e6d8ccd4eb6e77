namespace Interact;

/// <summary>A penalty on the attributions or interactions of a network while it learns from a table.</summary>
public sealed record TablePrior
{
    /// <summary>What is wanted.</summary>
    public TablePriorKind Kind { get; init; } = TablePriorKind.None;

    /// <summary>What the penalty is multiplied by before it is added to the loss; not negative.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The columns that must not interact, by their names; none for all. Of the kind "interactions" alone.</summary>
    public IReadOnlyList<(string First, string Second)> Pairs { get; init; } = [];

    /// <summary>How many baselines are drawn for a row at a step, from the training part.</summary>
    public int Samples { get; init; } = 1;
}
