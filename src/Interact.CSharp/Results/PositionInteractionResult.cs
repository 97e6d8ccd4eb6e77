namespace Interact;

/// <summary>How positions of a feature map act together in the prediction for one row: Taylor-CAM.</summary>
public sealed class PositionInteractionResult
{
    internal PositionInteractionResult(Core.PositionInteractions inner, FeatureGroups positions)
    {
        Row = inner.Row;
        Target = inner.Target;
        Value = inner.Value;
        Positions = positions;
        Sets = Array.AsReadOnly(Array.ConvertAll(inner.Sets, set => new RankedInteraction(set, positions.Names)));
    }

    /// <summary>Number of the row, from 0.</summary>
    public int Row { get; }

    /// <summary>Index of the explained output in the flattened output.</summary>
    public int Target { get; }

    /// <summary>f(x): the explained output at the row.</summary>
    public double Value { get; }

    /// <summary>The positions: which elements of what is explained each of them holds.</summary>
    public FeatureGroups Positions { get; }

    /// <summary>Sets of positions, the strongest first; strengths are in squared units of the output.</summary>
    public IReadOnlyList<RankedInteraction> Sets { get; }
}
