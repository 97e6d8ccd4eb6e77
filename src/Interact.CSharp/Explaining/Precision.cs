using System.Diagnostics.CodeAnalysis;

namespace Interact;

/// <summary>The number type that a model and its derivatives are evaluated in.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "Single and double are what the precisions are called.")]
public enum Precision
{
    /// <summary>64 bits, 53 of them significant.</summary>
    Double,

    /// <summary>32 bits, 24 of them significant: half the memory, up to twice the speed.</summary>
    Single,
}
