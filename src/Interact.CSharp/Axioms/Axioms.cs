namespace Interact;

/// <summary>
/// Checks the axioms of Integrated Hessians on given rows of a given model. What is not true of the model itself is
/// checked on functions made from it: a sum with another function, the function with one more feature, with two
/// features exchanged, or written in another way.
/// </summary>
/// <remarks>A check takes about seven times as long as the explanation of the row.</remarks>
public static class Axioms
{
    /// <summary>The axioms on one row.</summary>
    /// <param name="model">The model.</param>
    /// <param name="row">As many finite elements as the model's input.</param>
    /// <param name="options">Baseline, target, tolerance; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <exception cref="ArgumentException">The row or the options do not fit the model.</exception>
    /// <exception cref="ModelEvaluationException">The model is not finite on the path.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static AxiomReport Check(
        Model model,
        double[] row,
        IntegratedHessiansOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new IntegratedHessiansOptions();
        RowTask task = PathTasks.Only(model, row, options);
        Core.PathOptions inner = Interop.PathOptions(options, cancellationToken);
        return RowRun.Translated(() => Report(inner, task), cancellationToken);
    }

    /// <inheritdoc cref="Check(Model, double[], IntegratedHessiansOptions?, CancellationToken)"/>
    public static AxiomReport Check(
        Model model,
        ReadOnlySpan<double> row,
        IntegratedHessiansOptions? options = null,
        CancellationToken cancellationToken = default
    ) => Check(model, row.ToArray(), options, cancellationToken);

    /// <summary>The axioms on several rows, in their order, streamed, on several threads.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">
    /// Rows of as many finite elements as the model's input, such as a double[][] or a <see cref="RowTable"/>.
    /// </param>
    /// <param name="options">Baseline, target, tolerance, threads; the defaults where null.</param>
    /// <param name="progress">
    /// Told of every row before its report is handed out; a row counts as uncertified where an axiom does not hold.
    /// </param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The reports, computed while they are enumerated; they raise what results raise, see
    /// <see cref="Explanation{TResult}"/>.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The options do not fit the model, or the rows do not, where their number is known.
    /// </exception>
    public static IEnumerable<AxiomReport> Check(
        Model model,
        IEnumerable<double[]> rows,
        IntegratedHessiansOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new IntegratedHessiansOptions();

        return RowRun.Results<AxiomReport>(
            PathTasks.OfRows(model, rows, options),
            options,
            options.Groups?.Names.Count ?? model.InputSize,
            (inner, chunk) => [.. chunk.Select(task => Report(inner, task))],
            report => report.Holds,
            progress,
            cancellationToken
        );
    }

    private static AxiomReport Report(Core.PathOptions options, RowTask task) =>
        new(
            task.Task.Row,
            Array.AsReadOnly([
                .. Interop.CheckAxioms(options, task.Model, task.Task).Select(residual => new AxiomResidual(residual)),
            ])
        );
}
