namespace Interact;

/// <summary>What the explanations of several rows have in common.</summary>
public sealed record ExplanationHeader
{
    /// <summary>The method, such as "integrated-hessians".</summary>
    public required string Method { get; init; }

    /// <summary>What the derivatives were evaluated in.</summary>
    public Precision Precision { get; init; } = Precision.Double;

    /// <summary>The file of the model; null where the model was written in code.</summary>
    public ModelSource? Model { get; init; }

    /// <summary>The names of the features, or of the groups.</summary>
    public required IReadOnlyList<string> FeatureNames { get; init; }

    /// <summary>Which interactions the results hold where they do not hold all; null for whole matrices.</summary>
    public InteractionPart? Part { get; init; }

    /// <summary>
    /// The explained input, or tensor inside the model; null where the model has one input only and that is explained.
    /// </summary>
    public string? Input { get; init; }
}
