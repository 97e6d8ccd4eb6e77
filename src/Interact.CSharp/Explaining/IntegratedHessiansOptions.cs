namespace Interact;

/// <summary>How <see cref="Explain"/> runs Integrated Hessians.</summary>
public sealed record IntegratedHessiansOptions : PathMethodOptions;
