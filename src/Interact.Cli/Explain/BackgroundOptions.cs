namespace Interact.Cli;

/// <summary>What --background, --samples and --seed say.</summary>
/// <param name="Source">"noise:SD", "kmeans:K:FILE" or a file; null where there is none.</param>
/// <param name="Samples">How many baselines are drawn; null for all.</param>
/// <param name="Seed">Where drawing starts; null for 0.</param>
internal sealed record BackgroundOptions(string? Source, int? Samples, int? Seed);
