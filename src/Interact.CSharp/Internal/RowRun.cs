namespace Interact;

/// <summary>
/// Work on several rows: on several threads, in the order of the rows, with progress and cancellation.
/// </summary>
internal static class RowRun
{
    /// <summary>
    /// The results of the rows, computed while they are enumerated; enumerating again computes again.
    /// </summary>
    /// <param name="tasks">The rows.</param>
    /// <param name="options">How many threads, and what the core is told.</param>
    /// <param name="length">A result takes the memory of about so many numbers squared.</param>
    /// <param name="work">Gives a result for each of some rows.</param>
    /// <param name="isGood">Whether a result counts as certified in the progress.</param>
    /// <param name="progress">Told of every row before its result is handed out.</param>
    /// <param name="cancellationToken">Stops the computation.</param>
    public static IEnumerable<TResult> Results<TResult>(
        PathTasks tasks,
        PathMethodOptions options,
        int length,
        Func<Core.PathOptions, RowTask[], TResult[]> work,
        Func<TResult, bool> isGood,
        IProgress<ExplainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        IEnumerable<TResult> Start(Action<double> report, CancellationToken stop)
        {
            Core.MemoryBudget memory = Interop.MemoryBudget(options);
            int rows = tasks.Count ?? int.MaxValue;
            Core.RowDivision division = Core.RowStream.divide(options.Threads, memory, length, rows);
            Core.PathOptions inner = Interop.PathOptions(options, division.ThreadsEach, memory, stop);
            return Interop.Stream(division, chunk => work(inner, chunk), tasks);
        }

        return Watched(Start, tasks.Count, isGood, progress, cancellationToken);
    }

    /// <summary>
    /// The results of a computation, which is started when they are enumerated, and stopped when the reader leaves.
    /// </summary>
    /// <param name="start">
    /// Starts it; it tells which part of the next row is done, on the thread that enumerates, where it works on one for long.
    /// </param>
    /// <param name="count">How many results will come, where that is known.</param>
    /// <param name="isGood">Whether a result counts as certified in the progress.</param>
    /// <param name="progress">Told of every row before its result is handed out.</param>
    /// <param name="cancellationToken">Stops the computation.</param>
    public static IEnumerable<TResult> Watched<TResult>(
        Func<Action<double>, CancellationToken, IEnumerable<TResult>> start,
        int? count,
        Func<TResult, bool> isGood,
        IProgress<ExplainProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        int completed = 0;
        int uncertified = 0;

        void Report(double underway) =>
            progress?.Report(new ExplainProgress(completed, count, uncertified) { Underway = underway });

        // Rows that are computed ahead are stopped when the reader leaves, whatever the reason.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using IEnumerator<TResult> results = start(Report, stop.Token).GetEnumerator();

        try
        {
            while (Translated(results.MoveNext, cancellationToken))
            {
                cancellationToken.ThrowIfCancellationRequested();
                completed++;
                uncertified += isGood(results.Current) ? 0 : 1;
                Report(0);
                yield return results.Current;
            }
        }
        finally
        {
            stop.Cancel();
        }
    }

    /// <summary>What the results of a run have in common.</summary>
    public static ExplanationHeader Header(
        string method,
        Model model,
        IReadOnlyList<string>? columns,
        PathMethodOptions options,
        InteractionPart? part
    ) =>
        new()
        {
            Method = method,
            Precision = options.Precision,
            Model = model.Source,
            FeatureNames = Names.Of(options, columns, model),
            Part = part,
            Input = model.HeldInputs.Count > 0 || model.StartsInside ? model.InputName : null,
            Settings = Settings.Of(options),
        };

    /// <summary>Calls the core, and raises its exceptions as those of the facade.</summary>
    public static T Translated<T>(Func<T> call, CancellationToken cancellationToken)
    {
        try
        {
            return call();
        }
        catch (Core.NotFiniteException problem)
        {
            throw new ModelEvaluationException(problem.Row, problem);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }
}
