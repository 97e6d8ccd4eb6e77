namespace Interact;

/// <summary>How <see cref="Explain"/> runs Integrated Gradients.</summary>
public sealed record IntegratedGradientsOptions : PathMethodOptions;
