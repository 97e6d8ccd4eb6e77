namespace Interact.Cli;

/// <summary>The mean effects of pairs, or of features where there are no interactions, over rows that come one by one.</summary>
internal sealed class MeanEffects
{
    private IReadOnlyList<string> _features = [];
    private bool _hasPairs;
    private FeaturePair[]? _cells;
    private double[] _sums = [];
    private double[] _magnitudes = [];
    private int _rows;

    public void Add(AttributionResult result)
    {
        if (_rows++ == 0)
        {
            _features = result.FeatureNames;
            _hasPairs = result is InteractionResult;
            int count = _features.Count;
            _cells = result is PartialInteractionResult partial ? [.. CellsOf(partial)] : null;
            _sums = new double[_cells?.Length ?? (_hasPairs ? count * (count - 1) / 2 : count)];
            _magnitudes = new double[_sums.Length];
        }

        int place = 0;

        foreach (double effect in EffectsOf(result))
        {
            _sums[place] += effect;
            _magnitudes[place++] += Math.Abs(effect);
        }
    }

    /// <summary>The effects of largest mean magnitude, largest first, without those that are 0 in every row.</summary>
    public IReadOnlyList<MeanEffect> Strongest(int count) =>
        [
            .. Names()
                .Zip(_magnitudes, _sums)
                .Where(effect => effect.Second != 0)
                .OrderByDescending(effect => effect.Second)
                .Take(count)
                .Select(effect => new MeanEffect(effect.First(), effect.Second / _rows, effect.Third / _rows)),
        ];

    /// <summary>What stands for a place in the sums, in their order; a name is made when it is asked for.</summary>
    private IEnumerable<Func<string>> Names() =>
        _cells is not null
            ? _cells.Select<FeaturePair, Func<string>>(cell => () => Effect.Pair(cell.First, cell.Second))
        : _hasPairs
            ? Pairs(_features.Count)
                .Select<(int, int), Func<string>>(pair =>
                    () => Effect.Pair(_features[pair.Item1], _features[pair.Item2])
                )
        : _features.Select<string, Func<string>>(feature => () => feature);

    private static IEnumerable<double> EffectsOf(AttributionResult result) =>
        result is PartialInteractionResult partial ? CellsOf(partial).Select(cell => cell.WholeEffect)
        : result is InteractionResult { Interactions: var interactions }
            ? Pairs(interactions.Count).Select(pair => interactions[pair.First, pair.Second] * 2)
        : result.Attributions;

    /// <summary>The computed pairs; main effects are none.</summary>
    private static IEnumerable<FeaturePair> CellsOf(PartialInteractionResult result) =>
        result.Cells.Where(cell => cell.FirstIndex != cell.SecondIndex);

    private static IEnumerable<(int First, int Second)> Pairs(int count)
    {
        for (int i = 0; i < count; i++)
        {
            for (int j = i + 1; j < count; j++)
                yield return (i, j);
        }
    }
}
