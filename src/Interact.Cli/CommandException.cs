namespace Interact.Cli;

/// <summary>What was asked for cannot be done. The message is one line: what is wrong, and what would mend it.</summary>
internal sealed class CommandException(string message) : Exception(message);
