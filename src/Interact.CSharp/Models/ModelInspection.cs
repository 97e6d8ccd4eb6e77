namespace Interact;

/// <summary>What is in a model file, whether it can be explained, and if not why.</summary>
public sealed record ModelInspection
{
    internal ModelInspection() { }

    /// <summary>The file that was read.</summary>
    public required ModelSource Source { get; init; }

    /// <summary>The program that wrote the file, with its version; empty where it does not say.</summary>
    public required string Producer { get; init; }

    /// <summary>The operator sets that the model imports.</summary>
    public required IReadOnlyList<OperatorSet> OperatorSets { get; init; }

    /// <summary>What goes in, without inputs that have a constant of their name.</summary>
    public required IReadOnlyList<ModelPort> Inputs { get; init; }

    /// <summary>What comes out.</summary>
    public required IReadOnlyList<ModelPort> Outputs { get; init; }

    /// <summary>The output that is explained; null where the model cannot be explained.</summary>
    public required string? ExplainedOutput { get; init; }

    /// <summary>How many nodes there are of each operator, by name.</summary>
    public required IReadOnlyList<OperatorCount> Operators { get; init; }

    /// <summary>Number of floating elements in constants.</summary>
    public required long Parameters { get; init; }

    /// <summary>Those operators whose first derivative jumps somewhere.</summary>
    public required IReadOnlyList<OperatorCount> Kinks { get; init; }

    /// <summary>What was noticed, in sentences.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Why the model cannot be explained; empty where it can.</summary>
    public required IReadOnlyList<ModelProblem> Problems { get; init; }

    /// <summary>Whether the model can be explained: there is no problem.</summary>
    public bool IsExplainable => Problems.Count == 0;

    /// <summary>Looks into an ONNX file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelImportException">
    /// The file cannot be read as an ONNX model at all. What keeps a readable model from being explained is in
    /// <see cref="Problems"/> instead.
    /// </exception>
    public static ModelInspection Load(string path) => Load(path, new ModelLoadOptions());

    /// <summary>Looks into an ONNX file, with an explanation of another input, output or inner tensor in view.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What of the file would be explained, and how much it may ask for.</param>
    /// <exception cref="ModelImportException">
    /// The file cannot be read as an ONNX model at all. What keeps a readable model from being explained in this way is
    /// in <see cref="Problems"/> instead.
    /// </exception>
    /// <exception cref="ArgumentException">One input and all of them are asked for.</exception>
    public static ModelInspection Load(string path, ModelLoadOptions options)
    {
        ArgumentNullException.ThrowIfNull(path);
        options.Check();
        return Interop.Inspect(path, options);
    }
}
