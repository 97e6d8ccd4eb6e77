namespace Interact;

public static partial class Explain
{
    private static readonly PathMethod<AttributionResult> Gradients = new(
        "integrated-gradients",
        (options, model, tasks, names) =>
            [
                .. Core
                    .IntegratedGradients.explainRows(options, model, tasks)
                    .Select(explanation => new AttributionResult(explanation, names)),
            ]
    );

    /// <summary>Integrated Gradients of one row: φ_i = δ_i ∫₀¹ ∂_i f(x' + tδ) dt, where δ = x - x'.</summary>
    /// <remarks>
    /// Attributions add up to f(x) - f(x'). Source: Sundararajan, Taly, Yan, "Axiomatic attribution for deep networks",
    /// ICML 2017.
    /// </remarks>
    /// <param name="model">The model f.</param>
    /// <param name="row">The row x: as many finite elements as the model's input.</param>
    /// <param name="options">Baseline x', target, tolerance; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">The row or the options do not fit the model.</exception>
    /// <exception cref="ModelEvaluationException">The model is not finite on the path.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static AttributionResult IntegratedGradients(
        Model model,
        double[] row,
        IntegratedGradientsOptions? options = null,
        CancellationToken cancellationToken = default
    ) => Gradients.ExplainRow(model, row, options ?? new IntegratedGradientsOptions(), cancellationToken);

    /// <inheritdoc cref="IntegratedGradients(Model, double[], IntegratedGradientsOptions?, CancellationToken)"/>
    public static AttributionResult IntegratedGradients(
        Model model,
        ReadOnlySpan<double> row,
        IntegratedGradientsOptions? options = null,
        CancellationToken cancellationToken = default
    ) => IntegratedGradients(model, row.ToArray(), options, cancellationToken);

    /// <summary>Integrated Gradients of several rows, in their order, streamed, on several threads.</summary>
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
    public static Explanation<AttributionResult> IntegratedGradients(
        Model model,
        IEnumerable<double[]> rows,
        IntegratedGradientsOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Gradients.ExplainRows(model, rows, options ?? new IntegratedGradientsOptions(), progress, cancellationToken);

    /// <summary>Integrated Gradients of a table's rows, in their order, streamed, on several threads.</summary>
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
    public static Explanation<AttributionResult> IntegratedGradients(
        Model model,
        RowTable table,
        IntegratedGradientsOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Gradients.ExplainTable(model, table, options ?? new IntegratedGradientsOptions(), progress, cancellationToken);
}
