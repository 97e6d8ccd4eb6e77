namespace Interact;

public static partial class Explain
{
    /// <summary>
    /// The gradient and the Hessian ∂²_ij f(x) at one row; the baseline makes no difference to them.
    /// </summary>
    /// <remarks>
    /// The certificate tells how far from f(x) - f(x') the numbers add up, and promises nothing. Of a piecewise linear
    /// network second derivatives are zero: smooth it.
    /// </remarks>
    /// <param name="model">The model f.</param>
    /// <param name="row">The row x: as many finite elements as <see cref="Model.RowSize"/>.</param>
    /// <param name="options">Baseline x', target, groups; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">The row or the options do not fit the model.</exception>
    /// <exception cref="ModelEvaluationException">The model is not finite where it is evaluated.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static InteractionResult InputHessian(
        Model model,
        double[] row,
        ComparatorOptions? options = null,
        CancellationToken cancellationToken = default
    ) =>
        Interactions("input-hessian", Core.InputHessian.explainRows)
            .ExplainRow(model, row, options ?? new ComparatorOptions(), cancellationToken);

    /// <inheritdoc cref="InputHessian(Model, double[], ComparatorOptions?, CancellationToken)"/>
    public static InteractionResult InputHessian(
        Model model,
        ReadOnlySpan<double> row,
        ComparatorOptions? options = null,
        CancellationToken cancellationToken = default
    ) => InputHessian(model, row.ToArray(), options, cancellationToken);

    /// <summary>Second derivatives of several rows, in their order, streamed, on several threads.</summary>
    /// <param name="model">The model f.</param>
    /// <param name="rows">Rows of as many finite elements as <see cref="Model.RowSize"/>, such as a double[][].</param>
    /// <param name="options">Baseline x', target, groups; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The options do not fit the model, or the rows do not, where their number is known.
    /// </exception>
    public static Explanation<InteractionResult> InputHessian(
        Model model,
        IEnumerable<double[]> rows,
        ComparatorOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        Interactions("input-hessian", Core.InputHessian.explainRows)
            .ExplainRows(model, rows, options ?? new ComparatorOptions(), progress, cancellationToken);

    /// <summary>Second derivatives of a table's rows, in their order, streamed, on several threads.</summary>
    /// <param name="model">The model f.</param>
    /// <param name="table">A table with <see cref="Model.RowSize"/> columns; it names the features.</param>
    /// <param name="options">Baseline x', target, groups; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The table or the options do not fit the model.</exception>
    public static Explanation<InteractionResult> InputHessian(
        Model model,
        RowTable table,
        ComparatorOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        Interactions("input-hessian", Core.InputHessian.explainRows)
            .ExplainTable(model, table, options ?? new ComparatorOptions(), progress, cancellationToken);

    /// <summary>
    /// The gradient and the Hessian at one row times the distance from the baseline: δ_i ∂_i f(x) and δ_i ∂²_ij f(x)
    /// δ_j, where δ = x - x', the input itself where the baseline is zeros.
    /// </summary>
    /// <remarks>
    /// The certificate tells how far from f(x) - f(x') the numbers add up, and promises nothing. Of a piecewise linear
    /// network second derivatives are zero: smooth it.
    /// </remarks>
    /// <param name="model">The model f.</param>
    /// <param name="row">The row x: as many finite elements as <see cref="Model.RowSize"/>.</param>
    /// <param name="options">Baseline x', target, groups; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">The row or the options do not fit the model.</exception>
    /// <exception cref="ModelEvaluationException">The model is not finite where it is evaluated.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static InteractionResult HessianTimesInput(
        Model model,
        double[] row,
        ComparatorOptions? options = null,
        CancellationToken cancellationToken = default
    ) =>
        Interactions("hessian-times-input", Core.InputHessian.timesInputRows)
            .ExplainRow(model, row, options ?? new ComparatorOptions(), cancellationToken);

    /// <inheritdoc cref="HessianTimesInput(Model, double[], ComparatorOptions?, CancellationToken)"/>
    public static InteractionResult HessianTimesInput(
        Model model,
        ReadOnlySpan<double> row,
        ComparatorOptions? options = null,
        CancellationToken cancellationToken = default
    ) => HessianTimesInput(model, row.ToArray(), options, cancellationToken);

    /// <summary>Second derivatives times input of several rows, in their order, streamed, on several threads.</summary>
    /// <param name="model">The model f.</param>
    /// <param name="rows">Rows of as many finite elements as <see cref="Model.RowSize"/>, such as a double[][].</param>
    /// <param name="options">Baseline x', target, groups; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The options do not fit the model, or the rows do not, where their number is known.
    /// </exception>
    public static Explanation<InteractionResult> HessianTimesInput(
        Model model,
        IEnumerable<double[]> rows,
        ComparatorOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        Interactions("hessian-times-input", Core.InputHessian.timesInputRows)
            .ExplainRows(model, rows, options ?? new ComparatorOptions(), progress, cancellationToken);

    /// <summary>Second derivatives times input of a table's rows, in their order, streamed, on several threads.</summary>
    /// <param name="model">The model f.</param>
    /// <param name="table">A table with <see cref="Model.RowSize"/> columns; it names the features.</param>
    /// <param name="options">Baseline x', target, groups; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The table or the options do not fit the model.</exception>
    public static Explanation<InteractionResult> HessianTimesInput(
        Model model,
        RowTable table,
        ComparatorOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        Interactions("hessian-times-input", Core.InputHessian.timesInputRows)
            .ExplainTable(model, table, options ?? new ComparatorOptions(), progress, cancellationToken);
}
