namespace Interact;

public static partial class Explain
{
    private static PathMethod<InteractionResult> Coalitions(
        string name,
        ShapleyOptions? options,
        Func<Core.CoalitionOptions, Core.Model, Core.PathTask[], Core.Explanation[]> explainRows
    )
    {
        ShapleyOptions own = options ?? new ShapleyOptions();

        if (own.Samples < 2)
        {
            throw new ArgumentException(
                $"Samples is {own.Samples}; two draws at least tell a standard error, and null takes all coalitions where there are few features.",
                nameof(options)
            );
        }

        return Interactions(
            name,
            (inner, model, tasks) => explainRows(Interop.CoalitionOptions(inner, own), model, tasks)
        );
    }

    private static PathMethod<InteractionResult> Interactions(
        string name,
        Func<Core.PathOptions, Core.Model, Core.PathTask[], Core.Explanation[]> explainRows
    ) =>
        new(
            name,
            (options, model, tasks, names) =>
                [.. explainRows(options, model, tasks).Select(explanation => new InteractionResult(explanation, names))]
        );

    /// <summary>
    /// Shapley values and the Shapley interaction index of all pairs of one row; features outside a coalition have the
    /// baseline's values.
    /// </summary>
    /// <remarks>
    /// Each of a pair's two cells is half of its index I_ij = Σ_S |S|! (d-|S|-2)!/(d-1)! (v(S∪ij) - v(S∪i) - v(S∪j) +
    /// v(S)); the diagonal is what is left of the feature's Shapley value, so that rows add up to Shapley values, which
    /// are the attributions, and all of it to f(x) - f(x'). All coalitions are evaluated up to 20 features or groups;
    /// of more, pairs are drawn, and the certificate has a standard error. Source: Grabisch, Roubens, International
    /// Journal of Game Theory 28, 1999.
    /// </remarks>
    /// <param name="model">The model f.</param>
    /// <param name="row">The row x: as many finite elements as <see cref="Model.RowSize"/>.</param>
    /// <param name="options">Baseline x', target, groups, draws; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">The row or the options do not fit the model.</exception>
    /// <exception cref="ModelEvaluationException">The model is not finite where it is evaluated.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static InteractionResult ShapleyInteractions(
        Model model,
        double[] row,
        ShapleyOptions? options = null,
        CancellationToken cancellationToken = default
    ) =>
        Coalitions("shapley-interactions", options, Core.ShapleyInteractions.explainRows)
            .ExplainRow(model, row, options ?? new ShapleyOptions(), cancellationToken);

    /// <inheritdoc cref="ShapleyInteractions(Model, double[], ShapleyOptions?, CancellationToken)"/>
    public static InteractionResult ShapleyInteractions(
        Model model,
        ReadOnlySpan<double> row,
        ShapleyOptions? options = null,
        CancellationToken cancellationToken = default
    ) => ShapleyInteractions(model, row.ToArray(), options, cancellationToken);

    /// <summary>Shapley interactions of several rows, in their order, streamed, on several threads.</summary>
    /// <param name="model">The model f.</param>
    /// <param name="rows">Rows of as many finite elements as <see cref="Model.RowSize"/>, such as a double[][].</param>
    /// <param name="options">Baseline x', target, groups, draws; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The options do not fit the model, or the rows do not, where their number is known.
    /// </exception>
    public static Explanation<InteractionResult> ShapleyInteractions(
        Model model,
        IEnumerable<double[]> rows,
        ShapleyOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        Coalitions("shapley-interactions", options, Core.ShapleyInteractions.explainRows)
            .ExplainRows(model, rows, options ?? new ShapleyOptions(), progress, cancellationToken);

    /// <summary>Shapley interactions of a table's rows, in their order, streamed, on several threads.</summary>
    /// <param name="model">The model f.</param>
    /// <param name="table">A table with <see cref="Model.RowSize"/> columns; it names the features.</param>
    /// <param name="options">Baseline x', target, groups, draws; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The table or the options do not fit the model.</exception>
    public static Explanation<InteractionResult> ShapleyInteractions(
        Model model,
        RowTable table,
        ShapleyOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        Coalitions("shapley-interactions", options, Core.ShapleyInteractions.explainRows)
            .ExplainTable(model, table, options ?? new ShapleyOptions(), progress, cancellationToken);

    /// <summary>
    /// The Shapley-Taylor interaction index of order 2 of one row; features outside a coalition have the baseline's
    /// values.
    /// </summary>
    /// <remarks>
    /// The diagonal is what each feature adds alone, v(i) - v(∅), and a pair's two cells are halves of 2/d Σ_S (v(S∪ij)
    /// - v(S∪i) - v(S∪j) + v(S)) / C(d-1, |S|). All of it adds up to f(x) - f(x'), and each row to the feature's
    /// Shapley value, its attribution. All coalitions are evaluated up to 20 features or groups; of more, pairs are
    /// drawn, and the certificate has a standard error. Source: Dhamdhere, Agarwal, Sundararajan, "The Shapley Taylor
    /// interaction index", ICML 2020.
    /// </remarks>
    /// <param name="model">The model f.</param>
    /// <param name="row">The row x: as many finite elements as <see cref="Model.RowSize"/>.</param>
    /// <param name="options">Baseline x', target, groups, draws; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">The row or the options do not fit the model.</exception>
    /// <exception cref="ModelEvaluationException">The model is not finite where it is evaluated.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static InteractionResult ShapleyTaylor(
        Model model,
        double[] row,
        ShapleyOptions? options = null,
        CancellationToken cancellationToken = default
    ) =>
        Coalitions("shapley-taylor", options, Core.ShapleyTaylor.explainRows)
            .ExplainRow(model, row, options ?? new ShapleyOptions(), cancellationToken);

    /// <inheritdoc cref="ShapleyTaylor(Model, double[], ShapleyOptions?, CancellationToken)"/>
    public static InteractionResult ShapleyTaylor(
        Model model,
        ReadOnlySpan<double> row,
        ShapleyOptions? options = null,
        CancellationToken cancellationToken = default
    ) => ShapleyTaylor(model, row.ToArray(), options, cancellationToken);

    /// <summary>Shapley-Taylor interactions of several rows, in their order, streamed, on several threads.</summary>
    /// <param name="model">The model f.</param>
    /// <param name="rows">Rows of as many finite elements as <see cref="Model.RowSize"/>, such as a double[][].</param>
    /// <param name="options">Baseline x', target, groups, draws; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The options do not fit the model, or the rows do not, where their number is known.
    /// </exception>
    public static Explanation<InteractionResult> ShapleyTaylor(
        Model model,
        IEnumerable<double[]> rows,
        ShapleyOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        Coalitions("shapley-taylor", options, Core.ShapleyTaylor.explainRows)
            .ExplainRows(model, rows, options ?? new ShapleyOptions(), progress, cancellationToken);

    /// <summary>Shapley-Taylor interactions of a table's rows, in their order, streamed, on several threads.</summary>
    /// <param name="model">The model f.</param>
    /// <param name="table">A table with <see cref="Model.RowSize"/> columns; it names the features.</param>
    /// <param name="options">Baseline x', target, groups, draws; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results; what they raise while they are enumerated stands at <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The table or the options do not fit the model.</exception>
    public static Explanation<InteractionResult> ShapleyTaylor(
        Model model,
        RowTable table,
        ShapleyOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) =>
        Coalitions("shapley-taylor", options, Core.ShapleyTaylor.explainRows)
            .ExplainTable(model, table, options ?? new ShapleyOptions(), progress, cancellationToken);
}
