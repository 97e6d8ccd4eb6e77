namespace Interact;

/// <summary>An operator set that a model imports.</summary>
/// <param name="Domain">Its domain; empty for the standard one.</param>
/// <param name="Version">Its version.</param>
public sealed record OperatorSet(string Domain, long Version);
