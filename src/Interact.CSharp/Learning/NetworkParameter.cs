namespace Interact;

/// <summary>A named array of a network.</summary>
public sealed class NetworkParameter
{
    private readonly Core.Learning.Parameter _inner;

    internal NetworkParameter(Core.Learning.Parameter inner)
    {
        _inner = inner;
        Shape = Array.AsReadOnly(inner.Shape);
    }

    /// <summary>The layer's name and the parameter's own: "dense1.weight".</summary>
    public string Name => _inner.Name;

    /// <summary>Sizes of the axes, outermost first; empty for a single number.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>
    /// Whether training changes it by the gradient: it does not change what is fixed or frozen, and running statistics follow the
    /// batches instead.
    /// </summary>
    public bool IsTrained => _inner.IsTrained;

    /// <summary>The elements, row-major; a copy.</summary>
    public double[] ToArray() => [.. _inner.Values];

    /// <summary>The name, and the shape.</summary>
    public override string ToString() => $"{Name}: {Guard.Describe(_inner.Shape)}";
}
