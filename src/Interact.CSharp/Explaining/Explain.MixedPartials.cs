namespace Interact;

public static partial class Explain
{
    /// <summary>
    /// Mixed partial derivatives of any order at one row, ∂^|S| f / Π ∂x_i over i in S for sets S of features: zero
    /// wherever the features of S do not act together, all of them, in f. Exact to rounding.
    /// </summary>
    /// <remarks>
    /// Also called cross derivatives. Source: Lerman, Venuto, Kautz, Xu, "Explaining local, global, and higher-order
    /// interactions in deep learning", ICCV 2021.
    /// </remarks>
    /// <param name="model">The model f, a smooth one.</param>
    /// <param name="row">As many finite elements as <see cref="Model.RowSize"/>.</param>
    /// <param name="sets">All sets of so many features, or chosen ones.</param>
    /// <param name="options">Target, threads; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">
    /// The row, the sets or the options do not fit the model, the model has kinks, or its derivatives come from outside.
    /// </exception>
    /// <exception cref="ModelEvaluationException">A derivative is not finite.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static MixedPartialsResult MixedPartials(
        Model model,
        double[] row,
        FeatureSets sets,
        MixedPartialsOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new MixedPartialsOptions();
        ArgumentNullException.ThrowIfNull(sets);
        RowTask only = PathTasks.Only(model, row, options.ForRows());
        return new MixedPartialsRun(model, sets, null, options).At(only, cancellationToken);
    }

    /// <summary>Mixed partial derivatives at several rows, in their order, streamed, on several threads.</summary>
    /// <remarks>
    /// The rows are read, and copied, a few at a time while the results are enumerated; enumerating again computes
    /// again. While enumerating, ArgumentException is raised for a row that does not fit the model (sooner for rows
    /// whose number is known), ModelEvaluationException where a derivative is not finite, and
    /// OperationCanceledException.
    /// </remarks>
    /// <param name="model">The model f, a smooth one.</param>
    /// <param name="rows">Rows of as many finite elements as <see cref="Model.RowSize"/>, such as a double[][].</param>
    /// <param name="sets">All sets of so many features, or chosen ones.</param>
    /// <param name="options">Target, threads; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">
    /// The options or the sets do not fit the model, or the rows do not, where their number is known; the model has
    /// kinks, or its derivatives come from outside.
    /// </exception>
    public static IEnumerable<MixedPartialsResult> MixedPartials(
        Model model,
        IEnumerable<double[]> rows,
        FeatureSets sets,
        MixedPartialsOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new MixedPartialsOptions();
        ArgumentNullException.ThrowIfNull(sets);
        PathTasks tasks = PathTasks.OfRows(model, rows, options.ForRows());
        return new MixedPartialsRun(model, sets, null, options).AtAll(tasks, progress, cancellationToken);
    }

    /// <summary>Mixed partial derivatives at a table's rows, in their order, streamed, on several threads.</summary>
    /// <param name="model">The model f, a smooth one.</param>
    /// <param name="table">A table with <see cref="Model.RowSize"/> columns; it names the features.</param>
    /// <param name="sets">All sets of so many features, or chosen ones.</param>
    /// <param name="options">Target, threads; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">
    /// The table, the sets or the options do not fit the model; the model has kinks, or its derivatives come from
    /// outside.
    /// </exception>
    public static IEnumerable<MixedPartialsResult> MixedPartials(
        Model model,
        RowTable table,
        FeatureSets sets,
        MixedPartialsOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new MixedPartialsOptions();
        ArgumentNullException.ThrowIfNull(sets);
        PathTasks tasks = PathTasks.OfTable(model, table, options.ForRows());
        return new MixedPartialsRun(model, sets, table.Columns, options).AtAll(tasks, progress, cancellationToken);
    }

    /// <summary>
    /// Sets of features that act together in f, found by their mixed partial derivatives at several rows: all pairs, and
    /// of each order above those sets that a strong set of the order below becomes with one feature more.
    /// </summary>
    /// <remarks>
    /// A set of which no subset is strong is not found. Whoever expands all sets,
    /// <c>Parents = int.MaxValue</c>, looks at every one.
    /// </remarks>
    /// <param name="model">The model f, a smooth one.</param>
    /// <param name="rows">Rows that stand for all: as many finite elements each as <see cref="Model.RowSize"/>.</param>
    /// <param name="options">Largest order, what is expanded, how rows are aggregated; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>A ranking for each order from 2 on.</returns>
    /// <exception cref="ArgumentException">
    /// The rows or the options do not fit the model, there is no row, the model has kinks, or its derivatives come from
    /// outside.
    /// </exception>
    /// <exception cref="ModelEvaluationException">A derivative is not finite.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static IReadOnlyList<SetRanking> SearchSets(
        Model model,
        IEnumerable<double[]> rows,
        SetSearchOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new SetSearchOptions();
        OptionsGuard.Check(options, nameof(options));
        ArgumentNullException.ThrowIfNull(rows);
        // They are read once for each order, and whoever supplies them may fill the same array again.
        double[][] all = [.. rows.Select(row => (double[])row?.Clone()!)];
        return MixedPartialsRun.Search(
            model,
            PathTasks.OfRows(model, all, options.Derivatives.ForRows()),
            null,
            options,
            cancellationToken
        );
    }

    /// <summary>Sets of features that act together in f, found at a table's rows.</summary>
    /// <param name="model">The model f, a smooth one.</param>
    /// <param name="table">A table with <see cref="Model.RowSize"/> columns; it names the features.</param>
    /// <param name="options">Largest order, what is expanded, how rows are aggregated; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>A ranking for each order from 2 on.</returns>
    /// <exception cref="ArgumentException">
    /// The table or the options do not fit the model, there is no row, the model has kinks, or its derivatives come from
    /// outside.
    /// </exception>
    /// <exception cref="ModelEvaluationException">A derivative is not finite.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static IReadOnlyList<SetRanking> SearchSets(
        Model model,
        RowTable table,
        SetSearchOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new SetSearchOptions();
        OptionsGuard.Check(options, nameof(options));
        return MixedPartialsRun.Search(
            model,
            PathTasks.OfTable(model, table, options.Derivatives.ForRows()),
            table.Columns,
            options,
            cancellationToken
        );
    }
}
