namespace Interact;

/// <summary>One reason why a model cannot be imported.</summary>
/// <param name="Place">The node with its operator, the input, the output, or the file.</param>
/// <param name="Message">What is wrong there, and what would mend it.</param>
public sealed record ModelProblem(string Place, string Message)
{
    /// <summary>Place and message on one line.</summary>
    public override string ToString() => $"{Place}: {Message}";
}
