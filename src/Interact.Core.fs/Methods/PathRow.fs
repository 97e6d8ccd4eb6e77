namespace Interact.Core

open System
open System.Numerics.Tensors
open Interact.Core.Quadrature

/// A row on its way through a path method.
type internal PathRow = {
    Task: PathTask
    /// x - x'.
    Displacement: float[]
    Target: int
    /// Weights of the outputs: 1 for the target.
    Output: float[]
    Value: float
    BaselineValue: float
}

/// What path methods share: the rows' values and targets, gradients along paths, residuals.
module internal PathRows =

    let private check (options: PathOptions) (model: Model) (tasks: PathTask[]) =
        Checks.positive "Tolerance" options.Tolerance
        Checks.within "MaxSamples" 1 Int32.MaxValue options.MaxSamples
        Checks.within "Threads" 1 1024 options.Threads

        match options.Groups with
        | Some groups ->
            let grouped = Array.concat groups.Members

            Checks.require (Array.sort grouped = [| 0 .. model.InputSize - 1 |]) "Groups" (fun () ->
                $"the groups hold {grouped.Length} features; they must hold each of the model's {model.InputSize} once.")
        | None -> ()

        match options.Target with
        | Index target ->
            Checks.require (target >= 0 && target < model.OutputSize) "Target" (fun () ->
                $"target {target} does not exist: the model has {model.OutputSize} outputs, numbered 0..{model.OutputSize - 1}.")
        | Predicted -> ()

        for task in tasks do
            // Not formatted: that would take longer than the checks.
            let input = "input of row " + string task.Row
            let baseline = "baseline of row " + string task.Row
            Checks.length input model.InputSize task.Input
            Checks.length baseline model.InputSize task.Baseline
            Checks.finite input task.Input
            Checks.finite baseline task.Baseline

    let private oneHot length index = Array.init length (fun i -> if i = index then 1.0 else 0.0)

    /// Stops with the reason why the model is not finite at a point.
    let refuse (model: Model) row where (point: float[]) output =
        match model.Function.WhyNotFinite(point, output) with
        | Some { Reason = reason; Mend = Some mend } -> raise (NotFiniteException(row, $"{where}, {reason}", mend))
        | Some { Reason = reason; Mend = None } -> raise (NotFiniteException(row, $"{where}, {reason}"))
        | None -> raise (NotFiniteException(row, $"{where}, the model gives a value or derivative that is not finite"))

    /// Values and targets of the rows. Errors: ArgumentException for bad options or rows, NotFiniteException.
    let prepare (options: PathOptions) (model: Model) (tasks: PathTask[]) : PathRow[] =
        check options model tasks
        let values = model.Function.Values(tasks |> Array.map (fun (task: PathTask) -> task.Input))
        let baselineValues = model.Function.Values(tasks |> Array.map (fun (task: PathTask) -> task.Baseline))

        Array.map3
            (fun (task: PathTask) (value: float[]) (baselineValue: float[]) ->
                let target =
                    match options.Target with
                    | Index target -> target
                    | Predicted -> Array.IndexOf(value, Array.max value) |> max 0

                let output = oneHot value.Length target

                if not (Double.IsFinite value[target]) then refuse model task.Row "at the input" task.Input output

                if not (Double.IsFinite baselineValue[target]) then
                    refuse model task.Row "at the baseline" task.Baseline output

                {
                    Task = task
                    Displacement = Array.map2 (-) task.Input task.Baseline
                    Target = target
                    Output = output
                    Value = value[target]
                    BaselineValue = baselineValue[target]
                })
            tasks
            values
            baselineValues

    /// The points with the given parameters on a row's path.
    let points (row: PathRow) (nodes: float[]) : PathPoints = {
        Baseline = row.Task.Baseline
        Displacement = row.Displacement
        Output = row.Output
        Nodes = nodes
    }

    /// Stops with the reason where a derivative along a path is not finite. The values come node by node.
    let checkFinite (model: Model) (row: PathRow) (nodes: float[]) (values: float[]) =
        // A sum of magnitudes is finite only where all of them are, and takes a tenth of the time.
        let isFinite = Double.IsFinite(TensorPrimitives.SumOfMagnitudes(ReadOnlySpan values))

        match (if isFinite then None else Array.tryFindIndex (Double.IsFinite >> not) values) with
        | Some index ->
            let t = nodes[index / (values.Length / nodes.Length)]

            refuse
                model
                row.Task.Row
                $"at t = {t:G4} of the path from the baseline"
                (PathPoints.at (points row nodes) t)
                row.Output
        | None -> ()

    /// Sums over the members of each group; without groups the values themselves.
    let byGroup (options: PathOptions) (values: float[]) =
        match options.Groups with
        | None -> values
        | Some groups -> groups.Members |> Array.map (Array.sumBy (fun i -> values[i]))

    /// The size against which a row's tolerance is taken: |f(x) - f(x')| or the largest |attribution|, whichever is larger.
    let scale (row: PathRow) (attributions: float[]) =
        attributions
        |> Array.fold (fun largest value -> max largest (abs value)) (abs (row.Value - row.BaselineValue))

    /// What rounding alone may leave of residuals, relative to the numbers that are added.
    let private rounding = 1e-14

    /// The largest residual and error that pass: the tolerance times the scale, or what rounding leaves of numbers of that total size.
    let limitOf (tolerance: float) (scale: float) (total: float) = max (tolerance * scale) (rounding * total)

    /// The largest residual and error that pass: the tolerance times the scale, or what rounding leaves, where numbers of that total
    /// size are added up to f(x) - f(x').
    let limit (options: PathOptions) (row: PathRow) (scale: float) (total: float) =
        limitOf options.Tolerance scale (abs row.Value + abs row.BaselineValue + total)

    /// Integrals along the paths of several rows in step, with what all of them need evaluated together.
    ///
    /// evaluate: for rows and what each needs, the integrand's values or sums.
    let integrate
        (options: PathOptions)
        (model: Model)
        (rows: PathRow[])
        (evaluate: (PathRow * Samples)[] -> float[][])
        (computations: Sampling<'T>[])
        : 'T[] =
        let check (row: PathRow) (samples: Samples) (values: float[]) =
            match samples with
            | Values points -> checkFinite model row points values
            | WeightedSum rule when not (Array.forall Double.IsFinite values) ->
                // The values tell where.
                let each = evaluate [| row, Values rule.Nodes |]
                checkFinite model row rule.Nodes each[0]
                // Each is finite, but not their sum.
                refuse model row.Task.Row "along the path from the baseline" row.Task.Input row.Output
            | WeightedSum _ -> ()

        computations
        |> Sampling.runAll (fun requests ->
            options.CancellationToken.ThrowIfCancellationRequested()
            let requests = requests |> Array.map (fun (row, samples) -> rows[row], samples)
            let values = evaluate requests
            Array.iter2 (fun (row, samples) own -> check row samples own) requests values
            values)

    /// Integrated Gradients of every feature, each row to an absolute tolerance that is the given part of its scale.
    ///
    /// evaluation: what the gradients are evaluated in. breaks: places on each row's path, from 0 to 1, where they may jump.
    let integrateGradients
        (options: PathOptions)
        (evaluation: Evaluation)
        (model: Model)
        (relative: float)
        (breaks: float[][])
        (rows: PathRow[])
        : RefinedIntegral[] =
        let derivatives = Model.evaluatedBy evaluation model

        let nodesOf samples =
            match samples with
            | Values points -> points
            | WeightedSum rule -> rule.Nodes

        let contribution (row: PathRow, samples: Samples) (gradients: float[]) =
            let n = row.Displacement.Length
            let values = Array.zeroCreate<float> gradients.Length

            for point in 0 .. gradients.Length / n - 1 do
                TensorPrimitives.Multiply(
                    ReadOnlySpan(gradients, point * n, n),
                    ReadOnlySpan row.Displacement,
                    Span(values, point * n, n)
                )

            match samples with
            | Values _ -> values
            | WeightedSum rule ->
                let sums, size = Estimate.integral rule values
                Array.append sums [| size |]

        let contributions (requests: (PathRow * Samples)[]) =
            requests
            |> Array.map (fun (row, samples) -> points row (nodesOf samples))
            |> derivatives.Gradients
            |> Array.map2 contribution requests

        Array.map2
            (fun own row ->
                Refinement.integrateBetween own One options.MaxSamples (fun estimate ->
                    relative * scale row (byGroup options estimate)))
            breaks
            rows
        |> integrate options model rows contributions

    /// |Σ parts - (f(x) - f(x'))|.
    let completenessResidual (row: PathRow) (parts: float[]) = abs (Array.sum parts - (row.Value - row.BaselineValue))
