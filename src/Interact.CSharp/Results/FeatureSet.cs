namespace Interact;

/// <summary>A set of features and a number that belongs to it.</summary>
/// <param name="Features">The features' names, in the order of their indices.</param>
/// <param name="Indices">The features' indices, ascending.</param>
/// <param name="Value">
/// The mixed partial derivative by all of them; in a ranking the aggregate of its magnitudes.
/// </param>
public readonly record struct FeatureSet(IReadOnlyList<string> Features, IReadOnlyList<int> Indices, double Value)
{
    /// <summary>The names, joined by ×.</summary>
    public override string ToString() => $"{string.Join(" × ", Features)}: {Value}";
}
