namespace Interact;

/// <summary>A data file cannot be read.</summary>
/// <remarks>
/// The message is one line with the file, the place in it, what is wrong there, and what would mend it.
/// </remarks>
public sealed class DataFormatException : Exception
{
    internal DataFormatException(string message)
        : base(message) { }
}
