namespace Interact;

/// <summary>Sets that a model is prepared for, and their derivatives at rows.</summary>
internal sealed class MixedPartialsRun
{
    private readonly MixedPartialsOptions _options;
    private readonly IReadOnlyList<string> _names;
    private readonly Core.MixedPartialsOf _prepared;

    public MixedPartialsRun(Model model, FeatureSets sets, IReadOnlyList<string>? columns, MixedPartialsOptions options)
    {
        _options = options;
        _names = Names.Of(options.ForRows(), columns, model);
        _prepared = Core.MixedPartials.prepare(
            Interop.MixedOptions(options, PathOptions(CancellationToken.None)),
            model.Inner,
            sets.Among(_names, nameof(sets))
        );
    }

    public MixedPartialsResult At(RowTask only, CancellationToken cancellationToken) =>
        RowRun.Translated(() => Results(PathOptions(cancellationToken), [only])[0], cancellationToken);

    public IEnumerable<MixedPartialsResult> AtAll(
        PathTasks tasks,
        IProgress<ExplainProgress>? progress,
        CancellationToken cancellationToken
    ) =>
        RowRun.Results(
            tasks,
            _options.ForRows(),
            (int)Math.Ceiling(Math.Sqrt(_prepared.Sets.Length)),
            Results,
            _ => true,
            progress,
            cancellationToken
        );

    public static IReadOnlyList<SetRanking> Search(
        Model model,
        PathTasks tasks,
        IReadOnlyList<string>? columns,
        SetSearchOptions options,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<string> names = Names.Of(options.Derivatives.ForRows(), columns, model);

        Core.MixedPartialsRow[] Derivatives(int[][] sets)
        {
            var run = new MixedPartialsRun(model, FeatureSets.Of(sets), columns, options.Derivatives);
            return [.. run.AtAll(tasks, null, cancellationToken).Select(result => result.Inner)];
        }

        return Array.AsReadOnly([
            .. Interop.Search(options, model.InputSize, Derivatives).Select(level => new SetRanking(level, names)),
        ]);
    }

    private Core.PathOptions PathOptions(CancellationToken cancellationToken) =>
        Interop.PathOptions(_options.ForRows(), cancellationToken);

    private MixedPartialsResult[] Results(Core.PathOptions inner, RowTask[] chunk) =>
        RowTask.Together<MixedPartialsResult>(
            chunk,
            (model, tasks) =>
                [
                    .. Core
                        .MixedPartials.explainRows(
                            Interop.MixedOptions(_options, inner),
                            _prepared,
                            model,
                            Interop.NumberedRows(tasks)
                        )
                        .Select(row => new MixedPartialsResult(row, _prepared.Sets, _names)),
                ]
        );
}
