namespace Interact;

/// <summary>How a model file is read.</summary>
public sealed record ModelLoadOptions
{
    /// <summary>Which of the model's outputs is explained; the first by default.</summary>
    public string? Output { get; init; }

    /// <summary>How much the file may ask for before it is refused.</summary>
    public ModelLimits Limits { get; init; } = new();
}
