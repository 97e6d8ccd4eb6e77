namespace Interact;

/// <summary>How a convolution treats what lies beyond the border.</summary>
public enum Padding
{
    /// <summary>Zeros around, so that with a stride of 1 the size stays the same.</summary>
    Same,

    /// <summary>Windows lie inside.</summary>
    Valid,
}
