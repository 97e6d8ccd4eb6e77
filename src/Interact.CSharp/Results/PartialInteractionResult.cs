namespace Interact;

/// <summary>
/// The explanation of one row by some of its interactions: rows of the matrix, or pairs; and the attributions of all
/// features.
/// </summary>
/// <remarks>
/// The certificate's row residual compares the rows of those features that take part, which were added up, with their
/// attributions; its completeness residual is that of the attributions.
/// </remarks>
public sealed class PartialInteractionResult : AttributionResult
{
    private readonly double[] _cells;
    private readonly int[] _rowFeatures;

    internal PartialInteractionResult(
        Core.PartialExplanation inner,
        InteractionPart part,
        IReadOnlyList<string> featureNames
    )
        : base(inner.Explanation, featureNames)
    {
        _cells = inner.Cells;
        _rowFeatures = part.FeaturesAmong(featureNames);
        RowFeatures = Array.AsReadOnly(_rowFeatures);
        Cells = Array.AsReadOnly([.. CellsOf(part)]);
    }

    /// <summary>
    /// Every cell that was computed, a pair once: main effects, where both indices are equal, among them.
    /// </summary>
    public IReadOnlyList<FeaturePair> Cells { get; }

    /// <summary>The indices of the features whose rows of the matrix were computed; none where pairs were.</summary>
    public IReadOnlyList<int> RowFeatures { get; }

    /// <summary>A row of the matrix: Γ_ij for every feature j, which add up to the attribution of feature i.</summary>
    /// <param name="feature">The index i of a feature, one of <see cref="RowFeatures"/>.</param>
    /// <exception cref="ArgumentException">The row was not computed.</exception>
    public ReadOnlySpan<double> RowOf(int feature)
    {
        int place = Array.IndexOf(_rowFeatures, feature);

        return place >= 0
            ? _cells.AsSpan(place * FeatureNames.Count, FeatureNames.Count)
            : throw new ArgumentException($"The row of feature {feature} was not computed.", nameof(feature));
    }

    /// <summary>The computed pairs of largest magnitude, largest first; main effects are no pairs.</summary>
    /// <param name="count">How many; fewer come where there are fewer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public IReadOnlyList<FeaturePair> Strongest(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);

        return Cells
            .Where(cell => cell.FirstIndex != cell.SecondIndex)
            .OrderByDescending(cell => Math.Abs(cell.Value))
            .Take(count)
            .ToArray();
    }

    /// <summary>Everything as it was computed: row after row of the matrix, or pair after pair.</summary>
    internal ReadOnlySpan<double> Values => _cells;

    private IEnumerable<FeaturePair> CellsOf(InteractionPart part)
    {
        if (!part.IsRows)
            return part.PairsAmong(FeatureNames).Select((pair, k) => Cell(pair.First, pair.Second, _cells[k]));

        int count = FeatureNames.Count;

        // A pair of two such features stands in both of their rows.
        return RowFeatures.SelectMany(
            (feature, k) =>
                Enumerable
                    .Range(0, count)
                    .Where(other => Array.IndexOf(_rowFeatures, other) is var place && (place < 0 || place >= k))
                    .Select(other => Cell(feature, other, _cells[(k * count) + other]))
        );
    }

    private FeaturePair Cell(int first, int second, double value)
    {
        (int low, int high) = first <= second ? (first, second) : (second, first);
        return new FeaturePair(FeatureNames[low], FeatureNames[high], low, high, value);
    }
}
