namespace Interact;

public static partial class Explain
{
    /// <summary>Some of the Integrated Hessians of one row, at their own cost: the whole matrix is never made.</summary>
    /// <param name="model">The model f.</param>
    /// <param name="row">The row x: as many finite elements as <see cref="Model.RowSize"/>.</param>
    /// <param name="part">The rows of the matrix, or the pairs, that are wanted.</param>
    /// <param name="options">Baseline x', target, tolerance; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">The row, the part or the options do not fit the model.</exception>
    /// <exception cref="ModelEvaluationException">The model is not finite on the path.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static PartialInteractionResult IntegratedHessiansOf(
        Model model,
        double[] row,
        InteractionPart part,
        IntegratedHessiansOptions? options = null,
        CancellationToken cancellationToken = default
    ) => Parts(part).ExplainRow(model, row, options ?? new IntegratedHessiansOptions(), cancellationToken);

    /// <summary>
    /// Some of the Integrated Hessians of several rows, in their order, streamed, on several threads.
    /// </summary>
    /// <param name="model">The model f.</param>
    /// <param name="rows">Rows of as many finite elements as <see cref="Model.RowSize"/>, such as a double[][].</param>
    /// <param name="part">The rows of the matrix, or the pairs, that are wanted.</param>
    /// <param name="options">Baseline, target, tolerance, threads; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The options or the part do not fit the model, or the rows do not, where their number is known.
    /// </exception>
    public static Explanation<PartialInteractionResult> IntegratedHessiansOf(
        Model model,
        IEnumerable<double[]> rows,
        InteractionPart part,
        IntegratedHessiansOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Parts(part).ExplainRows(model, rows, options ?? new IntegratedHessiansOptions(), progress, cancellationToken);

    /// <summary>
    /// Some of the Integrated Hessians of a table's rows, in their order, streamed, on several threads.
    /// </summary>
    /// <param name="model">The model f.</param>
    /// <param name="table">A table with <see cref="Model.RowSize"/> columns; it names the features.</param>
    /// <param name="part">The rows of the matrix, or the pairs, that are wanted.</param>
    /// <param name="options">Baseline, target, tolerance, threads; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The table, the part or the options do not fit the model.</exception>
    public static Explanation<PartialInteractionResult> IntegratedHessiansOf(
        Model model,
        RowTable table,
        InteractionPart part,
        IntegratedHessiansOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        Parts(part).ExplainTable(model, table, options ?? new IntegratedHessiansOptions(), progress, cancellationToken);

    private static PathMethod<PartialInteractionResult> Parts(InteractionPart part)
    {
        ArgumentNullException.ThrowIfNull(part);

        return new(
            "integrated-hessians",
            (options, model, tasks, names) =>
                [
                    .. Core
                        .InteractionPartModule.explainRows(part.Inner(names), options, model, tasks)
                        .Select(explanation => new PartialInteractionResult(explanation, part, names)),
                ],
            part
        );
    }
}
