using System.Collections.ObjectModel;

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

    /// <summary>
    /// What else decides the numbers, by name and in words: target, tolerance, baseline or background, samples and seed, and what is held
    /// fixed; rows of numbers are told by their count and the first digits of a SHA-256. Results with the same settings can be joined.
    /// </summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = ReadOnlyDictionary<string, string>.Empty;
}
