namespace Interact.Cli;

/// <summary>What a pair, or a feature, adds to f(x) - f(baseline).</summary>
/// <param name="Name">The feature, or both of the pair.</param>
/// <param name="Value">An attribution, or Γ_ij + Γ_ji.</param>
internal sealed record Effect(string Name, double Value)
{
    /// <summary>
    /// The strongest effects of a result, without those that are 0: of its pairs where it has interactions, otherwise of its
    /// features.
    /// </summary>
    public static IReadOnlyList<Effect> Strongest(AttributionResult result, int count)
    {
        IReadOnlyList<FeaturePair>? pairs = result switch
        {
            InteractionResult { Interactions: var interactions } => interactions.Strongest(count),
            PartialInteractionResult partial => partial.Strongest(count),
            _ => null,
        };

        IEnumerable<Effect> effects = pairs is null
            ? result.Attributions.Strongest(count).Select(share => new Effect(share.Feature, share.Value))
            : pairs.Select(pair => new Effect(Pair(pair.First, pair.Second), pair.WholeEffect));

        return [.. effects.Where(effect => effect.Value != 0)];
    }

    /// <summary>The name of a pair.</summary>
    public static string Pair(string first, string second) => $"{first} × {second}";
}
