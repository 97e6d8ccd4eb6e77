namespace Interact;

/// <summary>A model file cannot be read as a model, with every reason that was found.</summary>
/// <remarks>The message holds a line for each problem.</remarks>
public sealed class ModelImportException : Exception
{
    internal ModelImportException(IReadOnlyList<ModelProblem> problems)
        : base(string.Join('\n', problems)) => Problems = problems;

    /// <summary>Every problem that was found, at least one.</summary>
    public IReadOnlyList<ModelProblem> Problems { get; }
}
