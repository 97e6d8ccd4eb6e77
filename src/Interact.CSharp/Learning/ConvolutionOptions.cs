namespace Interact;

/// <summary>How a convolution goes over its input: see <see cref="Layer.Convolution"/>.</summary>
public sealed record ConvolutionOptions
{
    /// <summary>Distances of neighbouring windows, one for each spatial axis; null, the default, is 1 along all.</summary>
    public IReadOnlyList<int>? Strides { get; init; }

    /// <summary>What lies beyond the border; zeros by default, so that with a stride of 1 the size stays the same.</summary>
    public Padding Padding { get; init; } = Padding.Same;

    /// <summary>Whether a number is added to each channel of the result; true by default.</summary>
    public bool HasBias { get; init; } = true;

    /// <summary>How the first values of the weights are drawn; by Glorot's uniform distribution by default.</summary>
    public Initializer Initializer { get; init; } = Initializer.GlorotUniform;
}
