namespace Interact;

/// <summary>A method of the core that explains rows along paths, as the facade offers it.</summary>
/// <param name="name">The name of the method, as in files.</param>
/// <param name="explainRows">The method of the core, for rows that are worked on together.</param>
/// <param name="create">Makes a result of the core's explanation and the features' names.</param>
internal sealed class PathMethod<TResult>(
    string name,
    Func<Core.PathOptions, Core.Model, Core.PathTask[], Core.Explanation[]> explainRows,
    Func<Core.Explanation, IReadOnlyList<string>, TResult> create
)
    where TResult : AttributionResult
{
    public TResult ExplainRow(Model model, double[] row, PathMethodOptions options, CancellationToken cancellationToken)
    {
        Core.PathTask task = PathTasks.Only(model, row, options);
        Core.PathOptions inner = Interop.PathOptions(options, cancellationToken);

        Core.Explanation[] explanations = RowRun.Translated(
            () => explainRows(inner, model.Inner, [task]),
            cancellationToken
        );

        return create(explanations[0], Names.Of(options, null, model.InputSize));
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
        var header = new ExplanationHeader
        {
            Method = name,
            Precision = options.Precision,
            Model = model.Source,
            FeatureNames = Names.Of(options, columns, model.InputSize),
        };

        TResult[] Work(Core.PathOptions inner, Core.PathTask[] chunk) =>
            [.. explainRows(inner, model.Inner, chunk).Select(explanation => create(explanation, header.FeatureNames))];

        return new Explanation<TResult>(
            header,
            tasks.Count,
            RowRun.Results(tasks, options, Work, result => result.Certificate.Satisfied, progress, cancellationToken)
        );
    }
}
