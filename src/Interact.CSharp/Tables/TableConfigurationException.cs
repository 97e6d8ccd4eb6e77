namespace Interact;

/// <summary>A configuration cannot be read, with every reason that was found.</summary>
/// <remarks>The message holds a line for each problem: the file, the place, what is wrong there, and what would mend it.</remarks>
public sealed class TableConfigurationException : Exception
{
    internal TableConfigurationException(IReadOnlyList<string> problems)
        : base(string.Join('\n', problems)) => Problems = problems;

    /// <summary>Every problem that was found, at least one, in the order of the file.</summary>
    public IReadOnlyList<string> Problems { get; }
}
