namespace Interact;

/// <summary>A method of the core that explains rows along paths, as the facade offers it.</summary>
/// <param name="name">The name of the method, as in files.</param>
/// <param name="explainRows">The method of the core for rows that are worked on together, and the features' names.</param>
/// <param name="part">Which interactions are computed; null for all.</param>
internal sealed class PathMethod<TResult>(
    string name,
    Func<Core.PathOptions, Core.Model, Core.PathTask[], IReadOnlyList<string>, TResult[]> explainRows,
    InteractionPart? part = null
)
    where TResult : AttributionResult
{
    public TResult ExplainRow(Model model, double[] row, PathMethodOptions options, CancellationToken cancellationToken)
    {
        RowTask only = PathTasks.Only(model, row, options);
        IReadOnlyList<string> names = Names.Of(options, null, model);
        part?.Check(names, nameof(part));
        Core.PathOptions inner = Interop.PathOptions(options, cancellationToken);
        return RowRun.Translated(() => explainRows(inner, only.Model, [only.Task], names), cancellationToken)[0];
    }

    public Explanation<TResult> ExplainRows(
        Model model,
        IEnumerable<double[]> rows,
        PathMethodOptions options,
        IProgress<ExplainProgress>? progress,
        CancellationToken cancellationToken
    ) => ExplainAll(model, PathTasks.OfRows(model, rows, options), null, options, progress, cancellationToken);

    public Explanation<TResult> ExplainTable(
        Model model,
        RowTable table,
        PathMethodOptions options,
        IProgress<ExplainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        PathTasks tasks = PathTasks.OfTable(model, table, options);
        return ExplainAll(model, tasks, table.Columns, options, progress, cancellationToken);
    }

    private Explanation<TResult> ExplainAll(
        Model model,
        PathTasks tasks,
        IReadOnlyList<string>? columns,
        PathMethodOptions options,
        IProgress<ExplainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        ExplanationHeader header = RowRun.Header(name, model, columns, options, part);
        part?.Check(header.FeatureNames, nameof(part));

        TResult[] Work(Core.PathOptions inner, RowTask[] chunk) =>
            RowTask.Together(chunk, (held, own) => explainRows(inner, held, own, header.FeatureNames));

        return new Explanation<TResult>(
            header,
            tasks.Count,
            RowRun.Results(
                tasks,
                options,
                header.FeatureNames.Count,
                Work,
                result => result.Certificate.Satisfied,
                progress,
                cancellationToken
            )
        );
    }
}
