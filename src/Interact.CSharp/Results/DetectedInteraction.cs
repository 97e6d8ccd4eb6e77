namespace Interact;

/// <summary>A set of features and how strongly they interact, for a ranking of such sets.</summary>
/// <param name="Features">The features' indices, two or more, ascending.</param>
/// <param name="Names">Their names.</param>
/// <param name="Strength">Not negative; of use beside others of the same model and output only.</param>
public sealed record DetectedInteraction(IReadOnlyList<int> Features, IReadOnlyList<string> Names, double Strength);
