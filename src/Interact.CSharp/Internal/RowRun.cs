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
        // Rows that are computed ahead are stopped when the reader leaves, whatever the reason.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Core.MemoryBudget memory = Interop.MemoryBudget(options);
        Core.RowDivision division = Core.RowStream.divide(options.Threads, memory, length, tasks.Count ?? int.MaxValue);

        Core.PathOptions inner = Interop.PathOptions(options, division.ThreadsEach, memory, stop.Token);

        using IEnumerator<TResult> results = Interop
            .Stream(division, chunk => work(inner, chunk), tasks)
            .GetEnumerator();

        int completed = 0;
        int uncertified = 0;

        try
        {
            while (Translated(results.MoveNext, cancellationToken))
            {
                cancellationToken.ThrowIfCancellationRequested();
                completed++;
                uncertified += isGood(results.Current) ? 0 : 1;
                progress?.Report(new ExplainProgress(completed, tasks.Count, uncertified));
                yield return results.Current;
            }
        }
        finally
        {
            stop.Cancel();
        }
    }

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
