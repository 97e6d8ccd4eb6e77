namespace Interact;

public static partial class Explain
{
    private static PathMethod<AttributionResult> Attributions(
        string name,
        Func<Core.PathOptions, Core.Model, Core.PathTask[], Core.Explanation[]> explainRows
    ) =>
        new(
            name,
            (options, model, tasks, names) =>
                [.. explainRows(options, model, tasks).Select(explanation => new AttributionResult(explanation, names))]
        );

    /// <summary>The gradient ∂_i f(x) at one row; the baseline makes no difference to it.</summary>
    /// <remarks>
    /// The certificate tells how far from f(x) - f(x') the numbers add up, and promises nothing. Source: Simonyan,
    /// Vedaldi, Zisserman, "Deep inside convolutional networks", 2013.
    /// </remarks>
    /// <param name="model">The model f.</param>
    /// <param name="row">The row x: as many finite elements as <see cref="Model.RowSize"/>.</param>
    /// <param name="options">Baseline x', target, groups; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">The row or the options do not fit the model.</exception>
    /// <exception cref="ModelEvaluationException">The model is not finite where it is evaluated.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static AttributionResult InputGradients(
        Model model,
        double[] row,
        ComparatorOptions? options = null,
        CancellationToken cancellationToken = default
    ) =>
        Attributions("gradients", Core.Gradients.explainRows)
            .ExplainRow(model, row, options ?? new ComparatorOptions(), cancellationToken);

    /// <inheritdoc cref="InputGradients(Model, double[], ComparatorOptions?, CancellationToken)"/>
    public static AttributionResult InputGradients(
        Model model,
        ReadOnlySpan<double> row,
        ComparatorOptions? options = null,
        CancellationToken cancellationToken = default
    ) => InputGradients(model, row.ToArray(), options, cancellationToken);

    /// <summary>Gradients of several rows, in their order, streamed, on several threads.</summary>
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
    public static Explanation<AttributionResult> InputGradients(
        Model model,
        IEnumerable<double[]> rows,
        ComparatorOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        Attributions("gradients", Core.Gradients.explainRows)
            .ExplainRows(model, rows, options ?? new ComparatorOptions(), progress, cancellationToken);

    /// <summary>Gradients of a table's rows, in their order, streamed, on several threads.</summary>
    /// <param name="model">The model f.</param>
    /// <param name="table">A table with <see cref="Model.RowSize"/> columns; it names the features.</param>
    /// <param name="options">Baseline x', target, groups; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The table or the options do not fit the model.</exception>
    public static Explanation<AttributionResult> InputGradients(
        Model model,
        RowTable table,
        ComparatorOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        Attributions("gradients", Core.Gradients.explainRows)
            .ExplainTable(model, table, options ?? new ComparatorOptions(), progress, cancellationToken);

    /// <summary>
    /// The gradient at one row times the distance from the baseline: δ_i ∂_i f(x), where δ = x - x', the input itself
    /// where the baseline is zeros.
    /// </summary>
    /// <remarks>
    /// The certificate tells how far from f(x) - f(x') the numbers add up, and promises nothing. Source: Shrikumar,
    /// Greenside, Shcherbina, Kundaje, "Not just a black box", 2016.
    /// </remarks>
    /// <param name="model">The model f.</param>
    /// <param name="row">The row x: as many finite elements as <see cref="Model.RowSize"/>.</param>
    /// <param name="options">Baseline x', target, groups; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">The row or the options do not fit the model.</exception>
    /// <exception cref="ModelEvaluationException">The model is not finite where it is evaluated.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static AttributionResult GradientTimesInput(
        Model model,
        double[] row,
        ComparatorOptions? options = null,
        CancellationToken cancellationToken = default
    ) =>
        Attributions("gradient-times-input", Core.Gradients.timesInputRows)
            .ExplainRow(model, row, options ?? new ComparatorOptions(), cancellationToken);

    /// <inheritdoc cref="GradientTimesInput(Model, double[], ComparatorOptions?, CancellationToken)"/>
    public static AttributionResult GradientTimesInput(
        Model model,
        ReadOnlySpan<double> row,
        ComparatorOptions? options = null,
        CancellationToken cancellationToken = default
    ) => GradientTimesInput(model, row.ToArray(), options, cancellationToken);

    /// <summary>Gradients times input of several rows, in their order, streamed, on several threads.</summary>
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
    public static Explanation<AttributionResult> GradientTimesInput(
        Model model,
        IEnumerable<double[]> rows,
        ComparatorOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        Attributions("gradient-times-input", Core.Gradients.timesInputRows)
            .ExplainRows(model, rows, options ?? new ComparatorOptions(), progress, cancellationToken);

    /// <summary>Gradients times input of a table's rows, in their order, streamed, on several threads.</summary>
    /// <param name="model">The model f.</param>
    /// <param name="table">A table with <see cref="Model.RowSize"/> columns; it names the features.</param>
    /// <param name="options">Baseline x', target, groups; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The table or the options do not fit the model.</exception>
    public static Explanation<AttributionResult> GradientTimesInput(
        Model model,
        RowTable table,
        ComparatorOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        Attributions("gradient-times-input", Core.Gradients.timesInputRows)
            .ExplainTable(model, table, options ?? new ComparatorOptions(), progress, cancellationToken);
}
