namespace Interact;

/// <summary>
/// How <see cref="Explain"/> runs Shapley interactions and Shapley-Taylor interactions. There is no path: <see
/// cref="PathMethodOptions.Kinks"/> and <see cref="PathMethodOptions.MaxSamples"/> make no difference.
/// </summary>
public sealed record ShapleyOptions : PathMethodOptions
{
    /// <summary>The largest number of features or groups of which all coalitions are evaluated where nothing is said: 20.</summary>
    public static int LargestExact => Core.CoalitionOptionsModule.mostExact;

    /// <summary>
    /// How often every pair is drawn, at least 2; null, the default, evaluates all coalitions of up to 20 features or groups, and
    /// draws every pair 100 times where there are more. One draw of all pairs takes 2 d² evaluations of the model, or d² for Shapley-Taylor.
    /// </summary>
    public int? Samples { get; init; }

    /// <summary>What the draws depend on, together with the number of the row; 0 by default.</summary>
    public int Seed { get; init; }
}
