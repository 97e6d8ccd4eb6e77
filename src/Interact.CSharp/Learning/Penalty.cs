namespace Interact;

/// <summary>A term that is added to the loss: how much a network goes against what is wanted of it.</summary>
public sealed partial class Penalty
{
    internal Penalty(Core.Learning.Penalty inner) => Inner = inner;

    internal Core.Learning.Penalty Inner { get; }

    /// <summary>What it is called in the history of a training.</summary>
    public string Name => Inner.Name;

    /// <summary>What it is multiplied by before it is added to the loss.</summary>
    public double Weight => Inner.Weight;

    /// <summary>The sum of absolute values of parameters.</summary>
    /// <param name="weight">Not negative.</param>
    /// <param name="chosen">Whether a parameter of a name counts; null for all that are trained.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite.</exception>
    public static Penalty L1(double weight, Func<string, bool>? chosen = null)
    {
        Guard.NotNegative(weight, nameof(weight));
        return new(Interop.L1(weight, chosen));
    }

    /// <summary>The sum of squares of parameters.</summary>
    /// <param name="weight">Not negative.</param>
    /// <param name="chosen">Whether a parameter of a name counts; null for all that are trained.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite.</exception>
    public static Penalty L2(double weight, Func<string, bool>? chosen = null)
    {
        Guard.NotNegative(weight, nameof(weight));
        return new(Interop.L2(weight, chosen));
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
