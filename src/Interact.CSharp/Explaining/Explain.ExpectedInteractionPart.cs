namespace Interact;

public static partial class Explain
{
    /// <summary>Some of the Expected Hessians of one row, at their own cost: the whole matrix is never made.</summary>
    /// <param name="model">The model f.</param>
    /// <param name="row">The row x: as many finite elements as <see cref="Model.RowSize"/>.</param>
    /// <param name="part">The rows of the matrix, or the pairs, that are wanted.</param>
    /// <param name="options">The background of baselines x', target, tolerance, threads.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">The row, the part or the options do not fit the model.</exception>
    /// <exception cref="ModelEvaluationException">The model is not finite on a path.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static PartialInteractionResult ExpectedHessiansOf(
        Model model,
        double[] row,
        InteractionPart part,
        ExpectedHessiansOptions options,
        CancellationToken cancellationToken = default
    ) => ExpectedParts(part).ExplainRow(model, row, options, cancellationToken);

    /// <summary>
    /// Some of the Expected Hessians of several rows, in their order, streamed, on several threads.
    /// </summary>
    /// <param name="model">The model f.</param>
    /// <param name="rows">Rows of as many finite elements as <see cref="Model.RowSize"/>, such as a double[][].</param>
    /// <param name="part">The rows of the matrix, or the pairs, that are wanted.</param>
    /// <param name="options">The background, target, tolerance, threads.</param>
    /// <param name="progress">Told of every row before its result is handed out, and of its paths, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The options or the part do not fit the model, or the rows do not, where their number is known.
    /// </exception>
    public static Explanation<PartialInteractionResult> ExpectedHessiansOf(
        Model model,
        IEnumerable<double[]> rows,
        InteractionPart part,
        ExpectedHessiansOptions options,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => ExpectedParts(part).ExplainRows(model, rows, options, progress, cancellationToken);

    /// <summary>
    /// Some of the Expected Hessians of a table's rows, in their order, streamed, on several threads.
    /// </summary>
    /// <param name="model">The model f.</param>
    /// <param name="table">A table with <see cref="Model.RowSize"/> columns; it names the features.</param>
    /// <param name="part">The rows of the matrix, or the pairs, that are wanted.</param>
    /// <param name="options">The background, target, tolerance, threads.</param>
    /// <param name="progress">Told of every row before its result is handed out, and of its paths, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The table, the part or the options do not fit the model.</exception>
    public static Explanation<PartialInteractionResult> ExpectedHessiansOf(
        Model model,
        RowTable table,
        InteractionPart part,
        ExpectedHessiansOptions options,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => ExpectedParts(part).ExplainTable(model, table, options, progress, cancellationToken);

    private static ExpectedMethod<PartialInteractionResult> ExpectedParts(InteractionPart part)
    {
        ArgumentNullException.ThrowIfNull(part);

        return new(
            "expected-hessians",
            (run, names) =>
                Interop
                    .ExpectedHessians(run, part.Inner(names))
                    .Select(explanation => new PartialInteractionResult(explanation, part, names)),
            part
        );
    }
}
