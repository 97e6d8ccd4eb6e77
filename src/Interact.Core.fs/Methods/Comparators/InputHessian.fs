namespace Interact.Core

/// Second derivatives at the row: interactions without a path. Where groups are explained, the elements between two groups are added.
///
/// They do not add up to anything: the certificate tells how far from f(x) - f(x') they are, and promises nothing. Of a piecewise linear
/// network all of them are zero; smoothing gives it second derivatives.
///
/// The convention is one cell H_ij for (i, j) and another for (j, i), so a pair's whole effect is 2 H_ij.
[<RequireQualifiedAccess>]
module InputHessian =

    /// Target predicted, single features.
    let defaults = PathOptions.defaults

    /// isScaled: whether both sides are multiplied by δ.
    let private explainBy isScaled (options: PathOptions) (model: Model) tasks =
        let rows = PathRows.prepare options model tasks
        options.CancellationToken.ThrowIfCancellationRequested()
        let weight (row: PathRow) i = if isScaled then row.Displacement[i] else 1.0

        let directions (row: PathRow) =
            match options.Groups with
            | None -> EachFeature
            | Some groups ->
                groups.Members
                |> Array.map (fun members ->
                    let direction = Array.zeroCreate<float> row.Displacement.Length

                    for i in members do
                        direction[i] <- weight row i

                    direction)
                |> Along

        let explain (row: PathRow) (result: CurvatureResult) =
            Comparator.checkFinite model row result.Gradients
            Comparator.checkFinite model row result.Curvature

            let attributions =
                result.Gradients |> Array.mapi (fun i slope -> weight row i * slope) |> PathRows.byGroup options

            let count = attributions.Length

            // Along groups the weights are in the directions.
            let cell i = if options.Groups.IsSome then 1.0 else weight row i

            let cells =
                Array.init (count * count) (fun place ->
                    let i, j = place / count, place % count
                    0.5 * cell i * cell j * (result.Curvature[place] + result.Curvature[j * count + i]))

            Comparator.explanation options row attributions (Some cells) Comparator.derivative

        rows
        |> Array.map (fun row -> { Points = Comparator.atRow row; Weights = [| 1.0 |]; Directions = directions row })
        |> (Model.evaluatedBy options.Evaluation model).Curvatures
        |> Array.map2 explain rows

    /// Gradient and Hessian ∂²_ij f(x) of several rows; the baseline makes no difference to them.
    /// Errors: ArgumentException for bad options or rows, NotFiniteException where a derivative is not finite.
    let explainRows (options: PathOptions) (model: Model) (tasks: PathTask[]) : Explanation[] =
        explainBy false options model tasks

    /// Gradient and Hessian of one row, n and n x n elements. Errors: as for explainRows.
    let explain (options: PathOptions) (model: Model) (baseline: float[]) (input: float[]) : Explanation =
        explainRows options model [| { Row = 0; Input = input; Baseline = baseline } |] |> Array.head

    /// δ_i ∂_i f(x) and δ_i ∂²_ij f(x) δ_j of several rows, δ = x - x': the input itself where the baseline is zero, as it is by habit.
    /// Errors: as for explainRows.
    let timesInputRows (options: PathOptions) (model: Model) (tasks: PathTask[]) : Explanation[] =
        explainBy true options model tasks

    /// The same of one row, n and n x n elements. Errors: as for explainRows.
    let timesInput (options: PathOptions) (model: Model) (baseline: float[]) (input: float[]) : Explanation =
        timesInputRows options model [| { Row = 0; Input = input; Baseline = baseline } |] |> Array.head
