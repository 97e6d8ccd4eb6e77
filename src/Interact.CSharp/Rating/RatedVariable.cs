namespace Interact;

/// <summary>A variable, or a group of variables, and its relative centrality.</summary>
/// <param name="Index">Its place among all variables, or all groups, from 0.</param>
/// <param name="Name">Its name.</param>
/// <param name="Rate">RATE, its share in the sum of all divergences.</param>
/// <param name="Divergence">
/// How far the distribution of the other effect sizes moves where its own is known to be 0, in nats.
/// </param>
public sealed record RatedVariable(int Index, string Name, double Rate, double Divergence);
