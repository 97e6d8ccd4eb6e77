namespace Interact;

/// <summary>A method of the core that averages over a background, as the facade offers it.</summary>
/// <param name="name">The name of the method, as in files.</param>
/// <param name="start">The method of the core for a run over rows, and the features' names.</param>
/// <param name="part">Which interactions are computed; null for all.</param>
internal sealed class ExpectedMethod<TResult>(
    string name,
    Func<ExpectedRun, IReadOnlyList<string>, IEnumerable<TResult>> start,
    InteractionPart? part = null
)
    where TResult : AttributionResult
{
    public TResult ExplainRow(
        Model model,
        double[] row,
        ExpectedMethodOptions options,
        CancellationToken cancellationToken
    )
    {
        Check(model, options);
        RowTask only = PathTasks.Only(model, row, options);
        IReadOnlyList<string> names = Names.Of(options, null, model);
        part?.Check(names, nameof(part));
        var run = new ExpectedRun([only], 1, options, _ => { }, cancellationToken);
        return RowRun.Translated(() => start(run, names).Single(), cancellationToken);
    }

    public Explanation<TResult> ExplainRows(
        Model model,
        IEnumerable<double[]> rows,
        ExpectedMethodOptions options,
        IProgress<ExplainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        Check(model, options);
        return ExplainAll(model, PathTasks.OfRows(model, rows, options), null, options, progress, cancellationToken);
    }

    public Explanation<TResult> ExplainTable(
        Model model,
        RowTable table,
        ExpectedMethodOptions options,
        IProgress<ExplainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        Check(model, options);
        PathTasks tasks = PathTasks.OfTable(model, table, options);
        return ExplainAll(model, tasks, table.Columns, options, progress, cancellationToken);
    }

    private static void Check(Model model, ExpectedMethodOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);

        if (options.Background is null)
            throw new ArgumentException("Background is null; give one, such as Background.Rows.", nameof(options));

        if (!ReferenceEquals(options.Baseline, Baseline.Zeros))
        {
            throw new ArgumentException(
                "Baseline is set, but the average is over Background; leave it out.",
                nameof(options)
            );
        }

        int needed = options.Background.IsNoise ? model.InputSize : model.RowSize;

        if (options.Background.Length is { } length && length != needed)
        {
            throw new ArgumentException(
                $"Background has {length} elements in a row; the model takes {needed}.",
                nameof(options)
            );
        }
    }

    private Explanation<TResult> ExplainAll(
        Model model,
        PathTasks tasks,
        IReadOnlyList<string>? columns,
        ExpectedMethodOptions options,
        IProgress<ExplainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        ExplanationHeader header = RowRun.Header(name, model, columns, options, part);
        part?.Check(header.FeatureNames, nameof(part));

        IEnumerable<TResult> Start(Action<double> report, CancellationToken stop) =>
            start(new ExpectedRun(tasks, tasks.Count ?? int.MaxValue, options, report, stop), header.FeatureNames);

        return new Explanation<TResult>(
            header,
            tasks.Count,
            RowRun.Watched(Start, tasks.Count, result => result.Certificate.Satisfied, progress, cancellationToken)
        );
    }
}
