namespace Interact;

/// <summary>How a model file is read.</summary>
public sealed record ModelLoadOptions
{
    /// <summary>Which of the model's outputs is explained; the first floating one by default. Integers, such as labels, have no derivatives.</summary>
    public string? Output { get; init; }

    /// <summary>
    /// Which of the model's inputs is explained; the first floating one by default. The others are held fixed at the
    /// values of <see cref="PathMethodOptions.FixedInputs"/> or <see cref="Model.Hold"/>.
    /// </summary>
    public string? Input { get; init; }

    /// <summary>
    /// Whether all floating inputs are explained together, one after the other in the model's order as one row; false by
    /// default. <see cref="Input"/> must be null then.
    /// </summary>
    public bool AllInputs { get; init; }

    /// <summary>
    /// The name of a tensor inside the model that is explained in place of the input, such as an embedding or a feature
    /// map; null, the default, explains the input itself.
    /// </summary>
    /// <remarks>
    /// Rows are still values of the input, which may be integers such as token ids: the tensor's value at the row is
    /// explained, against its value at the baseline row, or against zeros. Whatever of the row reaches the output past
    /// the tensor is held fixed, so that explanations tell of the tensor's share alone.
    /// </remarks>
    public string? At { get; init; }

    /// <summary>How much the file may ask for before it is refused.</summary>
    public ModelLimits Limits { get; init; } = new();
}
