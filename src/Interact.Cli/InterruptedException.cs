namespace Interact.Cli;

/// <summary>A run was interrupted, and left something to go on from. The message is one line that says what.</summary>
internal sealed class InterruptedException(string message) : OperationCanceledException(message);
