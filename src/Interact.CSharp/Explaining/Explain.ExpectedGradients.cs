namespace Interact;

public static partial class Explain
{
    private static readonly ExpectedMethod<AttributionResult> ExpectedGradientsMethod = new(
        "expected-gradients",
        (run, names) => Interop.ExpectedGradients(run).Select(explanation => new AttributionResult(explanation, names))
    );

    /// <summary>
    /// Expected Gradients of one row: the mean of its Integrated Gradients over the baselines of a background.
    /// </summary>
    /// <remarks>
    /// Attributions add up to f(x) - E f(x'). Source: Erion, Janizek, Sturmfels, Lundberg, Lee, "Improving performance of deep
    /// learning models with axiomatic attribution priors and expected gradients", Nature Machine Intelligence 2021.
    /// </remarks>
    /// <param name="model">The model f.</param>
    /// <param name="row">The row x: as many finite elements as <see cref="Model.RowSize"/>.</param>
    /// <param name="options">The background of baselines x', target, tolerance, threads.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">The row or the options do not fit the model.</exception>
    /// <exception cref="ModelEvaluationException">The model is not finite on a path.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static AttributionResult ExpectedGradients(
        Model model,
        double[] row,
        ExpectedGradientsOptions options,
        CancellationToken cancellationToken = default
    ) => ExpectedGradientsMethod.ExplainRow(model, row, options, cancellationToken);

    /// <inheritdoc cref="ExpectedGradients(Model, double[], ExpectedGradientsOptions, CancellationToken)"/>
    public static AttributionResult ExpectedGradients(
        Model model,
        ReadOnlySpan<double> row,
        ExpectedGradientsOptions options,
        CancellationToken cancellationToken = default
    ) => ExpectedGradients(model, row.ToArray(), options, cancellationToken);

    /// <summary>Expected Gradients of several rows, in their order, streamed, on several threads.</summary>
    /// <remarks>
    /// The rows are read, and copied, a few at a time while the results are enumerated. A result does not depend on the
    /// other rows, nor on the number of threads.
    /// </remarks>
    /// <param name="model">The model f.</param>
    /// <param name="rows">Rows of as many finite elements as <see cref="Model.RowSize"/>, such as a double[][].</param>
    /// <param name="options">The background, target, tolerance, threads.</param>
    /// <param name="progress">Told of every row before its result is handed out, and of its paths, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The options do not fit the model, or the rows do not, where their number is known.
    /// </exception>
    public static Explanation<AttributionResult> ExpectedGradients(
        Model model,
        IEnumerable<double[]> rows,
        ExpectedGradientsOptions options,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => ExpectedGradientsMethod.ExplainRows(model, rows, options, progress, cancellationToken);

    /// <summary>Expected Gradients of a table's rows, in their order, streamed, on several threads.</summary>
    /// <remarks>A result does not depend on the other rows, nor on the number of threads.</remarks>
    /// <param name="model">The model f.</param>
    /// <param name="table">A table with <see cref="Model.RowSize"/> columns; it names the features.</param>
    /// <param name="options">The background, target, tolerance, threads.</param>
    /// <param name="progress">Told of every row before its result is handed out, and of its paths, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The table or the options do not fit the model.</exception>
    public static Explanation<AttributionResult> ExpectedGradients(
        Model model,
        RowTable table,
        ExpectedGradientsOptions options,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => ExpectedGradientsMethod.ExplainTable(model, table, options, progress, cancellationToken);
}
