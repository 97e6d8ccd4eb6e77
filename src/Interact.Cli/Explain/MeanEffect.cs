namespace Interact.Cli;

/// <summary>The mean effect of a pair or feature over several rows.</summary>
/// <param name="Name">The feature, or both of the pair.</param>
/// <param name="Magnitude">The mean of the effects' magnitudes.</param>
/// <param name="Value">The mean of the effects.</param>
internal readonly record struct MeanEffect(string Name, double Magnitude, double Value);
