namespace Interact.Cli;

/// <summary>A column of a table.</summary>
/// <param name="Title">What stands above it.</param>
/// <param name="IsNumber">Whether its cells stand at the right.</param>
/// <param name="IsFixed">Whether its cells are never wrapped; numbers are not in any case.</param>
internal sealed record Column(string Title, bool IsNumber = false, bool IsFixed = false);
