namespace Interact.Core

/// Gradients at the row: attributions without a path. Where a group is explained, its members' numbers are added.
///
/// They add up to f(x) - f(x') only by accident (gradients times input do where f is linear): the certificate tells how far from it they are,
/// and promises nothing.
///
/// Sources: Simonyan, Vedaldi, Zisserman, "Deep inside convolutional networks", 2013; times input: Shrikumar, Greenside, Shcherbina, Kundaje,
/// "Not just a black box", 2016.
[<RequireQualifiedAccess>]
module Gradients =

    /// Target predicted, single features.
    let defaults = PathOptions.defaults

    let private explainBy (combine: float -> float -> float) (options: PathOptions) (model: Model) tasks =
        let rows = PathRows.prepare options model tasks
        options.CancellationToken.ThrowIfCancellationRequested()

        rows
        |> Array.map Comparator.atRow
        |> (Model.evaluatedBy options.Evaluation model).Gradients
        |> Array.map2
            (fun (row: PathRow) gradient ->
                Comparator.checkFinite model row gradient

                let attributions = Array.map2 combine row.Displacement gradient |> PathRows.byGroup options
                Comparator.explanation options row attributions None Comparator.derivative)
            rows

    /// ∂_i f(x) of several rows; the baseline makes no difference to it.
    /// Errors: ArgumentException for bad options or rows, NotFiniteException where a derivative is not finite.
    let explainRows (options: PathOptions) (model: Model) (tasks: PathTask[]) : Explanation[] =
        explainBy (fun _ slope -> slope) options model tasks

    /// ∂_i f(x) of one row, n elements. Errors: as for explainRows.
    let explain (options: PathOptions) (model: Model) (baseline: float[]) (input: float[]) : Explanation =
        explainRows options model [| { Row = 0; Input = input; Baseline = baseline } |] |> Array.head

    /// δ_i ∂_i f(x) of several rows, δ = x - x': the input itself where the baseline is zero, as it is by habit. Errors: as for explainRows.
    let timesInputRows (options: PathOptions) (model: Model) (tasks: PathTask[]) : Explanation[] =
        explainBy (*) options model tasks

    /// δ_i ∂_i f(x) of one row, n elements. Errors: as for explainRows.
    let timesInput (options: PathOptions) (model: Model) (baseline: float[]) (input: float[]) : Explanation =
        timesInputRows options model [| { Row = 0; Input = input; Baseline = baseline } |] |> Array.head
