namespace Interact;

/// <summary>Features, groups or positions that act together, and how strongly.</summary>
public sealed record RankedInteraction
{
    internal RankedInteraction(Core.RankedSet inner, IReadOnlyList<string> names)
    {
        Members = Array.AsReadOnly(inner.Members);
        Names = Array.AsReadOnly(Array.ConvertAll(inner.Members, member => names[member]));
        Strength = inner.Strength;
    }

    /// <summary>Their indices, ascending.</summary>
    public IReadOnlyList<int> Members { get; }

    /// <summary>Their names, in the order of <see cref="Members"/>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>How strongly they interact, by the measure of whoever ranks; not negative.</summary>
    public double Strength { get; }

    /// <summary>The names and the strength.</summary>
    public override string ToString() => $"{string.Join(" x ", Names)}: {Strength:G6}";
}
