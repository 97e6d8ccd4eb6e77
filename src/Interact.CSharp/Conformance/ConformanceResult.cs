namespace Interact;

/// <summary>An operator case and what it came to.</summary>
/// <param name="Case">The case's folder, below the one that was given.</param>
/// <param name="Outcome">What it came to.</param>
/// <param name="Reason">Why it did not pass, in one line; empty where it passed.</param>
public sealed record ConformanceResult(string Case, ConformanceOutcome Outcome, string Reason);
