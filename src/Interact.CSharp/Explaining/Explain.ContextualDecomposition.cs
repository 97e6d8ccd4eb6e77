namespace Interact;

public static partial class Explain
{
    private static PathMethod<InteractionResult> Decompositions(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);

        return Interop.WhyNotDecomposed(model.Inner) is { } problem
            ? throw new ArgumentException($"{char.ToUpperInvariant(problem[0])}{problem[1..]}.", nameof(model))
            : Interactions("contextual-decomposition", Core.ContextualDecomposition.explainRows);
    }

    /// <summary>
    /// Contextual decomposition of one row by a network that is a chain of dense layers: attributions CD({i}) and
    /// interactions CD({i, j}) - CD({i}) - CD({j}), half of them in each of a pair's two cells.
    /// </summary>
    /// <remarks>
    /// Activations divide their change by Shapley values of the set's part and the others', the baseline's part with
    /// all biases coming first. All features together give f(x) - f(x'), which the certificate judges; the matrix need
    /// not add up to it. Sources: Murdoch, Liu, Yu, ICLR 2018; Singh, Murdoch, Yu, ICLR 2019; Jumelet, Zuidema, Hupkes,
    /// CoNLL 2019.
    /// </remarks>
    /// <param name="model">The model f.</param>
    /// <param name="row">The row x: as many finite elements as <see cref="Model.RowSize"/>.</param>
    /// <param name="options">Baseline x', target, groups; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">
    /// The model is not a chain of dense layers, or the row or the options do not fit it.
    /// </exception>
    /// <exception cref="ModelEvaluationException">The model is not finite where it is evaluated.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static InteractionResult ContextualDecomposition(
        Model model,
        double[] row,
        ComparatorOptions? options = null,
        CancellationToken cancellationToken = default
    ) => Decompositions(model).ExplainRow(model, row, options ?? new ComparatorOptions(), cancellationToken);

    /// <inheritdoc cref="ContextualDecomposition(Model, double[], ComparatorOptions?, CancellationToken)"/>
    public static InteractionResult ContextualDecomposition(
        Model model,
        ReadOnlySpan<double> row,
        ComparatorOptions? options = null,
        CancellationToken cancellationToken = default
    ) => ContextualDecomposition(model, row.ToArray(), options, cancellationToken);

    /// <summary>Contextual decompositions of several rows, in their order, streamed, on several threads.</summary>
    /// <param name="model">The model f.</param>
    /// <param name="rows">Rows of as many finite elements as <see cref="Model.RowSize"/>, such as a double[][].</param>
    /// <param name="options">Baseline x', target, groups; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The model is not a chain of dense layers, or the options do not fit it, or the rows do not, where their number is known.
    /// </exception>
    public static Explanation<InteractionResult> ContextualDecomposition(
        Model model,
        IEnumerable<double[]> rows,
        ComparatorOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        Decompositions(model).ExplainRows(model, rows, options ?? new ComparatorOptions(), progress, cancellationToken);

    /// <summary>Contextual decompositions of a table's rows, in their order, streamed, on several threads.</summary>
    /// <param name="model">The model f.</param>
    /// <param name="table">A table with <see cref="Model.RowSize"/> columns; it names the features.</param>
    /// <param name="options">Baseline x', target, groups; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The model is not a chain of dense layers, or the table or the options do not fit it.
    /// </exception>
    public static Explanation<InteractionResult> ContextualDecomposition(
        Model model,
        RowTable table,
        ComparatorOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        Decompositions(model)
            .ExplainTable(model, table, options ?? new ComparatorOptions(), progress, cancellationToken);
}
