namespace Interact;

/// <summary>How many nodes of a model there are of one operator.</summary>
/// <param name="Operator">The operator; with its domain in front where that is not the standard one.</param>
/// <param name="Count">The number of nodes, at least 1.</param>
public sealed record OperatorCount(string Operator, int Count);
