namespace Interact;

/// <summary>
/// How <see cref="Explain"/> runs derivatives at the row and contextual decomposition. There is no path: <see
/// cref="PathMethodOptions.Kinks"/> and <see cref="PathMethodOptions.MaxSamples"/> make no difference.
/// </summary>
public sealed record ComparatorOptions : PathMethodOptions;
