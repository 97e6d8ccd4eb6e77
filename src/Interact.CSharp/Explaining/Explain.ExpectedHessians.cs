namespace Interact;

public static partial class Explain
{
    private static readonly ExpectedMethod<InteractionResult> ExpectedHessiansMethod = new(
        "expected-hessians",
        (run, names) => Interop.ExpectedHessians(run).Select(explanation => new InteractionResult(explanation, names))
    );

    /// <summary>
    /// Expected Hessians of one row: the mean of its Integrated Hessians over the baselines of a background.
    /// </summary>
    /// <remarks>
    /// Interactions add up to f(x) - E f(x'), and each of their rows to the feature's Expected Gradient, because both integrals
    /// start from the same baseline. Source: Janizek, Sturmfels, Lee, "Explaining explanations: axiomatic feature interactions
    /// for deep networks", JMLR 2021.
    /// </remarks>
    /// <param name="model">The model f.</param>
    /// <param name="row">The row x: as many finite elements as <see cref="Model.RowSize"/>.</param>
    /// <param name="options">The background of baselines x', target, tolerance, threads.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">The row or the options do not fit the model.</exception>
    /// <exception cref="ModelEvaluationException">The model is not finite on a path.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static InteractionResult ExpectedHessians(
        Model model,
        double[] row,
        ExpectedHessiansOptions options,
        CancellationToken cancellationToken = default
    ) => ExpectedHessiansMethod.ExplainRow(model, row, options, cancellationToken);

    /// <inheritdoc cref="ExpectedHessians(Model, double[], ExpectedHessiansOptions, CancellationToken)"/>
    public static InteractionResult ExpectedHessians(
        Model model,
        ReadOnlySpan<double> row,
        ExpectedHessiansOptions options,
        CancellationToken cancellationToken = default
    ) => ExpectedHessians(model, row.ToArray(), options, cancellationToken);

    /// <summary>Expected Hessians of several rows, in their order, streamed, on several threads.</summary>
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
    public static Explanation<InteractionResult> ExpectedHessians(
        Model model,
        IEnumerable<double[]> rows,
        ExpectedHessiansOptions options,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => ExpectedHessiansMethod.ExplainRows(model, rows, options, progress, cancellationToken);

    /// <summary>Expected Hessians of a table's rows, in their order, streamed, on several threads.</summary>
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
    public static Explanation<InteractionResult> ExpectedHessians(
        Model model,
        RowTable table,
        ExpectedHessiansOptions options,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => ExpectedHessiansMethod.ExplainTable(model, table, options, progress, cancellationToken);
}
