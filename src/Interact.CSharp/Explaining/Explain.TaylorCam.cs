namespace Interact;

public static partial class Explain
{
    /// <summary>
    /// Taylor-CAM of one row: how positions of a feature map act together in an output. For positions i and j with channels k and l
    /// the strength is S + Sᵀ with S_ij = (Σ_k x_ik Σ_l H_ik,jl)², x the map and H the second derivatives; for more positions
    /// derivatives of higher order take its place.
    /// </summary>
    /// <param name="model">The model f, mostly loaded with <see cref="ModelLoadOptions.At"/> naming the feature map.</param>
    /// <param name="row">The row: as many finite elements as <see cref="Model.RowSize"/>.</param>
    /// <param name="options">Positions and target; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <remarks>
    /// Second derivatives of ReLU are 0: without <see cref="Model.Smooth"/>, of a network with ReLU only the curvature of its
    /// other functions, such as a softmax, is seen. Source: Lerman et al., ICCV 2021.
    /// </remarks>
    /// <exception cref="ArgumentException">The row or the options do not fit the model.</exception>
    /// <exception cref="ModelEvaluationException">The model or a derivative is not finite at the row.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static PositionInteractionResult TaylorCam(
        Model model,
        double[] row,
        TaylorCamOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new TaylorCamOptions();
        FeatureGroups positions = PositionsOf(model, options);
        PathMethodOptions path = options.ForRows(positions);
        RowTask only = PathTasks.Only(model, row, path);
        Core.PathOptions inner = Interop.PathOptions(path, cancellationToken);
        Core.TaylorCamSets sets = Core.TaylorCam.prepare(inner, only.Model, options.Order, positions.Inner);
        return RowRun.Translated(() => SetsOf(inner, positions, sets, only.Model, [only.Task]), cancellationToken)[0];
    }

    /// <summary>Taylor-CAM of several rows, in their order, streamed, on several threads.</summary>
    /// <param name="model">The model f, mostly loaded with <see cref="ModelLoadOptions.At"/> naming the feature map.</param>
    /// <param name="rows">
    /// Rows of as many finite elements as <see cref="Model.RowSize"/>, such as a double[][] or a <see cref="RowTable"/>.
    /// </param>
    /// <param name="options">Positions and target; the defaults where null.</param>
    /// <param name="progress">Told of every row before its result is handed out, on the thread that enumerates.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <returns>
    /// The results, computed while they are enumerated; enumerating raises what <see cref="TaylorCam(Model, double[],
    /// TaylorCamOptions?, CancellationToken)"/> raises.
    /// </returns>
    /// <exception cref="ArgumentException">The options do not fit the model, or the rows do not, where they are known.</exception>
    public static IEnumerable<PositionInteractionResult> TaylorCam(
        Model model,
        IEnumerable<double[]> rows,
        TaylorCamOptions? options = null,
        IProgress<ExplainProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new TaylorCamOptions();
        FeatureGroups positions = PositionsOf(model, options);
        PathMethodOptions path = options.ForRows(positions);
        PathTasks tasks = PathTasks.OfRows(model, rows, path);
        Core.PathOptions whole = Interop.PathOptions(path, cancellationToken);
        Core.TaylorCamSets sets = Core.TaylorCam.prepare(whole, model.Inner, options.Order, positions.Inner);

        PositionInteractionResult[] Work(Core.PathOptions inner, RowTask[] chunk) =>
            RowTask.Together(chunk, (held, own) => SetsOf(inner, positions, sets, held, own));

        return RowRun.Results(
            tasks,
            path,
            (int)Math.Sqrt(sets.Sets.Length),
            Work,
            _ => true,
            progress,
            cancellationToken
        );
    }

    private static PositionInteractionResult[] SetsOf(
        Core.PathOptions options,
        FeatureGroups positions,
        Core.TaylorCamSets sets,
        Core.Model model,
        Core.PathTask[] tasks
    ) =>
        Array.ConvertAll(
            Core.TaylorCam.explainRows(options, sets, model, tasks),
            found => new PositionInteractionResult(found, positions)
        );

    /// <summary>The positions asked for, or those of the shape of what is explained.</summary>
    private static FeatureGroups PositionsOf(Model model, TaylorCamOptions options) =>
        options.Positions
        ?? model.InputShape.Count switch
        {
            4 => FeatureGroups.Patches(model.InputShape, 1, 1),
            3 => FeatureGroups.Tokens(model.InputShape),
            _ => throw new ArgumentException(
                $"What is explained has shape {string.Join(" x ", model.InputShape)}, which tells no positions; explain a feature map, or set Positions.",
                nameof(options)
            ),
        };
}
