namespace Interact;

public static partial class Explain
{
    private static readonly PathMethod<InteractionResult> Hessians = new(
        "integrated-hessians",
        (options, model, tasks, names) =>
            [
                .. Core
                    .IntegratedHessians.explainRows(options, model, tasks)
                    .Select(explanation => new InteractionResult(explanation, names)),
            ]
    );

    /// <summary>
    /// Integrated Hessians of one row: Γ_ij = δ_i δ_j ∫₀¹ t(-ln t) ∂²_ij f(x' + tδ) dt, and the diagonal adds
    /// δ_i ∫₀¹ (-ln t) ∂_i f(x' + tδ) dt, where δ = x - x'.
    /// </summary>
    /// <remarks>
    /// Interactions add up to f(x) - f(x'), and each of their rows to the feature's Integrated Gradient. Source:
    /// Janizek, Sturmfels, Lee, "Explaining explanations: axiomatic feature interactions for deep networks", JMLR 2021.
    /// </remarks>
    /// <param name="model">The model f.</param>
    /// <param name="row">The row x: as many finite elements as the model's input.</param>
    /// <param name="options">Baseline x', target, tolerance; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">The row or the options do not fit the model.</exception>
    /// <exception cref="ModelEvaluationException">The model is not finite on the path.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static InteractionResult IntegratedHessians(
        Model model,
        double[] row,
        IntegratedHessiansOptions? options = null,
        CancellationToken cancellationToken = default
    ) => Hessians.ExplainRow(model, row, options ?? new IntegratedHessiansOptions(), cancellationToken);

    /// <inheritdoc cref="IntegratedHessians(Model, double[], IntegratedHessiansOptions?, CancellationToken)"/>
    public static InteractionResult IntegratedHessians(
        Model model,
        ReadOnlySpan<double> row,
        IntegratedHessiansOptions? options = null,
        CancellationToken cancellationToken = default
    ) => IntegratedHessians(model, row.ToArray(), options, cancellationToken);

    /// <summary>Integrated Hessians of several rows, in their order, streamed, on several threads.</summary>
    /// <remarks>
    /// The rows are read, and copied, a few at a time while the results are enumerated; all of them at once only for
    /// <see cref="Baseline.Mean"/>. A result does not depend on the other rows, but for that mean, nor on the number of
    /// threads.
    /// </remarks>
    /// <param name="model">The model f.</param>
    /// <param name="rows">Rows of as many finite elements as the model's input, such as a double[][].</param>
    /// <param name="options">Baseline, target, tolerance, threads; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The options do not fit the model, or the rows do not, where their number is known.
    /// </exception>
    public static Explanation<InteractionResult> IntegratedHessians(
        Model model,
        IEnumerable<double[]> rows,
        IntegratedHessiansOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Hessians.ExplainRows(model, rows, options ?? new IntegratedHessiansOptions(), progress, cancellationToken);

    /// <summary>Integrated Hessians of a table's rows, in their order, streamed, on several threads.</summary>
    /// <remarks>
    /// A result does not depend on the other rows, but for <see cref="Baseline.Mean"/>, nor on the number of threads.
    /// </remarks>
    /// <param name="model">The model f.</param>
    /// <param name="table">
    /// A table with as many columns as the model's input has elements; it names the features.
    /// </param>
    /// <param name="options">Baseline, target, tolerance, threads; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The table or the options do not fit the model.</exception>
    public static Explanation<InteractionResult> IntegratedHessians(
        Model model,
        RowTable table,
        IntegratedHessiansOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Hessians.ExplainTable(model, table, options ?? new IntegratedHessiansOptions(), progress, cancellationToken);
}
