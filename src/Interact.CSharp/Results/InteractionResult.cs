namespace Interact;

/// <summary>
/// The explanation of one row by interactions: one number a pair, and the attributions that they add up to.
/// </summary>
public sealed class InteractionResult : AttributionResult
{
    internal InteractionResult(Core.Explanation inner, IReadOnlyList<string> featureNames)
        : base(inner, featureNames) =>
        Interactions = new InteractionMatrix(Interop.InteractionsOf(inner), featureNames);

    /// <summary>One number a pair of features or groups; they add up to f(x) - f(x') where the method promises that.</summary>
    public InteractionMatrix Interactions { get; }
}
