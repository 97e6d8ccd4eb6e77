namespace Interact;

/// <summary>A value that goes into a model or comes out of it.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="ElementType">The type of its elements as ONNX names it, such as FLOAT.</param>
/// <param name="Shape">
/// Its axes as declared: sizes, or names of those that may vary; "?" where nothing is declared.
/// </param>
public sealed record ModelPort(string Name, string ElementType, IReadOnlyList<string> Shape)
{
    /// <summary>Name, type and shape on one line.</summary>
    public override string ToString() =>
        $"{Name}: {ElementType} {(Shape.Count == 0 ? "scalar" : string.Join(" x ", Shape))}";
}
