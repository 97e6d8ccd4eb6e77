namespace Interact;

/// <summary>How <see cref="Explain"/> runs Expected Hessians.</summary>
public sealed record ExpectedHessiansOptions : ExpectedMethodOptions;
