namespace Interact;

/// <summary>How <see cref="Explain"/> runs Expected Gradients.</summary>
public sealed record ExpectedGradientsOptions : ExpectedMethodOptions;
