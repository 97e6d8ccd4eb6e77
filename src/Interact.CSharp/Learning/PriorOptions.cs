namespace Interact;

/// <summary>What a prior takes its explanations from.</summary>
public abstract record PriorOptions
{
    private protected PriorOptions() { }

    /// <summary>
    /// The element of the flattened output that is explained; null for the output of each example's class, whose number is the first
    /// number of its target. 0 by default.
    /// </summary>
    public int? Target { get; init; } = 0;

    /// <summary>
    /// Baselines, each with one point on its path, that are drawn for an example at a step; at least 1, the default.
    /// </summary>
    public int Samples { get; init; } = 1;
}

/// <summary>What attributions a prior is a function of.</summary>
public sealed record AttributionPriorOptions : PriorOptions
{
    /// <summary>
    /// Features whose attributions are summed, so that the prior sees one number for each group; null, the default, for one for each
    /// feature.
    /// </summary>
    public FeatureGroups? Groups { get; init; }

    /// <summary>
    /// What each attribution, of a feature or of a group, is multiplied by; null, the default, for 1.
    /// </summary>
    public IReadOnlyList<double>? Factors { get; init; }
}

/// <summary>What interactions a prior is a function of.</summary>
public sealed record InteractionPriorOptions : PriorOptions
{
    /// <summary>
    /// β, where every ReLU is taken as the SoftPlus ln(1+exp(βz))/β, whose second derivatives do not vanish; positive. Null, the default,
    /// takes it as it is.
    /// </summary>
    public double? Smooth { get; init; }
}
