namespace Interact.Core

open System
open System.Numerics.Tensors
open Interact.Core.Quadrature

/// Integrated Hessians in their one-dimensional form: Γ_ij = δ_i δ_j ∫₀¹ t(-ln t) ∂²_ij f(x' + tδ) dt, and the diagonal adds
/// δ_i ∫₀¹ (-ln t) ∂_i f dt, δ = x - x'. Rows of Γ add up to Integrated Gradients, all of Γ to f(x) - f(x').
///
/// Source: Janizek, Sturmfels, Lee, "Explaining explanations: axiomatic feature interactions for deep networks", JMLR 2021. Their
/// double integral over α and β becomes one over t = αβ, because the product of two uniform variables has density -ln t.
///
/// The rule for each row is found by probing: along four directions (all features together, and three random mixtures)
/// second derivatives cost little, and their integrals are bilinear forms of Γ, whose errors estimate the norm of the error of Γ.
/// The full second derivatives are then taken once, with the cheapest rule found accurate enough (see RuleSearch).
[<RequireQualifiedAccess>]
module IntegratedHessians =

    /// Target predicted, tolerance 1e-6, single features.
    let defaults = PathOptions.defaults

    /// Adds what one rule gives to the interactions, above the diagonal and on it.
    let private accumulate
        (setting: HessianSetting)
        (row: PathRow)
        (rule: QuadratureRule)
        (result: CurvatureResult)
        (sum: float[])
        =
        let count = setting.Count
        let step = row.Displacement
        let curvature = result.Curvature

        // Along groups the displacement is in the directions; by features it is not.
        if setting.Options.Groups.IsSome then
            for i in 0 .. count - 1 do
                for j in i .. count - 1 do
                    let place = i * count + j
                    sum[place] <- sum[place] + 0.5 * (curvature[place] + curvature[j * count + i])
        else
            for i in 0 .. count - 1 do
                let half = 0.5 * step[i]

                if half <> 0.0 then
                    for j in i .. count - 1 do
                        let place = i * count + j
                        sum[place] <- sum[place] + half * step[j] * (curvature[place] + curvature[j * count + i])

        for p in 0 .. rule.Nodes.Length - 1 do
            for i in 0 .. step.Length - 1 do
                let own = setting.Owners[i]
                let place = own * count + own
                sum[place] <- sum[place] + rule.Weights[p] * step[i] * result.Gradients[p * step.Length + i]

    /// Adds what kinks give to the interactions, and where the model is piecewise linear the diagonal's second part.
    let private concentrate (setting: HessianSetting) (kinks: Kinks) (cells: float[]) =
        Kinks.accumulate kinks cells

        match kinks.Linear with
        | Some(_, diagonal) ->
            let own = diagonal |> PathRows.byGroup setting.Options

            for i in 0 .. setting.Count - 1 do
                cells[i * setting.Count + i] <- cells[i * setting.Count + i] + own[i]
        | None -> ()

    /// The interactions of every row by the rules found: full second derivatives on each panel, added up in the order of the path;
    /// count x count cells.
    let private integrate (setting: HessianSetting) (attempts: HessianAttempt[]) (rules: FoundRule[]) : float[][] =
        let { Options = options; Model = model; Count = count } = setting
        let rows = attempts |> Array.map _.Row
        options.CancellationToken.ThrowIfCancellationRequested()

        let directions (row: PathRow) =
            match options.Groups with
            | None -> EachFeature
            | Some groups ->
                Along(
                    groups.Members
                    |> Array.map (fun members ->
                        let direction = Array.zeroCreate<float> model.InputSize

                        for i in members do
                            direction[i] <- row.Displacement[i]

                        direction)
                )

        let panels = [|
            for row in 0 .. rows.Length - 1 do
                for rule in rules[row].Rules -> row, rule
        |]

        let results =
            panels
            |> Array.map (fun (row, rule) -> {
                Points = PathRows.points rows[row] rule.Nodes
                Weights = Array.map2 (*) rule.Weights rule.Nodes
                Directions = directions rows[row]
            })
            |> (Model.evaluatedBy options.Evaluation model).Curvatures

        let interactions = Array.init rows.Length (fun _ -> Array.zeroCreate<float>(count * count))

        Array.iter2
            (fun (row, rule) result -> accumulate setting rows[row] rule result interactions[row])
            panels
            results

        for attempt, cells in Array.zip attempts interactions do
            attempt.Kinks |> Option.iter (fun kinks -> concentrate setting kinks cells)

            for i in 0 .. count - 1 do
                for j in 0 .. i - 1 do
                    cells[i * count + j] <- cells[j * count + i]

        interactions

    /// The largest residual and error that pass.
    let private limitOf (setting: HessianSetting) (attempt: HessianAttempt) (cells: float[]) =
        TensorPrimitives.SumOfMagnitudes(ReadOnlySpan cells)
        |> PathRows.limit setting.Options attempt.Row attempt.Scale

    let private matrixRow (setting: HessianSetting) (cells: float[]) i =
        ReadOnlySpan(cells, i * setting.Count, setting.Count)

    /// The largest difference between the bilinear forms of the interactions and those that the probes found by the same rules. The
    /// probes are in double precision: the difference is the rounding of the interactions.
    let private formResidual (setting: HessianSetting) (rule: FoundRule) (cells: float[]) =
        // Γs for each probe.
        let products =
            setting.Factors
            |> Array.map (fun own ->
                Array.init setting.Count (fun i -> TensorPrimitives.Dot(matrixRow setting cells i, ReadOnlySpan own)))

        Array.map2
            (fun (a, b) probed -> abs (HessianProbes.dot setting.Factors[a] products[b] - probed))
            HessianProbes.pairs
            rule.Integral
        |> Array.max

    /// All of a row's explanation but the interactions themselves.
    let private explanation
        (setting: HessianSetting)
        (attempt: HessianAttempt)
        (rule: FoundRule)
        (cells: float[])
        : Explanation =
        let row = attempt.Row
        let count = setting.Count
        let attributions = attempt.Gradients.Value |> PathRows.byGroup setting.Options
        let sums = Array.init count (fun i -> TensorPrimitives.Sum(matrixRow setting cells i))

        let rowResidual =
            Array.map2 (fun sum attribution -> abs (sum - attribution)) sums attributions |> Array.max

        let residual = PathRows.completenessResidual row sums
        let limit = limitOf setting attempt cells
        let error = rule.Error + formResidual setting rule cells

        {
            Row = row.Task.Row
            Target = row.Target
            Value = row.Value
            BaselineValue = row.BaselineValue
            Attributions = attributions
            Interactions = None
            Certificate = HessianAttempts.certificate attempt rule residual rowResidual error limit
        }

    /// The attempt to make after one whose residuals came out too large, with a tolerance as much smaller; None where that is of no use.
    let private next
        (setting: HessianSetting)
        (attempt: HessianAttempt)
        (rule: FoundRule)
        cells
        (explanation: Explanation)
        =
        let certificate = explanation.Certificate
        let worst = max certificate.CompletenessResidual certificate.RowResidual.Value
        let limit = limitOf setting attempt cells

        HessianAttempts.next attempt rule certificate worst limit

    /// As explainRows, with the interactions beside the explanations as lists of numbers, row by row of the matrix.
    let internal explainCells (options: PathOptions) (model: Model) (tasks: PathTask[]) : (Explanation * float[])[] =
        let rows = PathRows.prepare options model tasks
        let setting = HessianProbes.setting options model
        let kinks = Kinks.find options model rows

        let rec solve remaining (attempts: HessianAttempt[]) : (Explanation * float[])[] =
            let rules = HessianProbes.findRules setting attempts
            let cells = integrate setting attempts rules
            let explanations = Array.map3 (explanation setting) attempts rules cells
            let results = Array.zip explanations cells

            let again =
                if remaining = 0 then
                    [||]
                else
                    [|
                        for i in 0 .. attempts.Length - 1 do
                            match next setting attempts[i] rules[i] cells[i] explanations[i] with
                            | Some attempt -> i, attempt
                            | None -> ()
                    |]

            if again.Length > 0 then
                solve (remaining - 1) (Array.map snd again)
                |> Array.iter2 (fun (i, _) better -> results[i] <- better) again

            results

        HessianAttempts.first options model rows kinks |> solve HessianAttempts.further

    /// Explains several rows, worked on together; the result of a row does not depend on the others.
    /// Errors: ArgumentException for bad options or rows, NotFiniteException where the model is not finite on a path.
    let explainRows (options: PathOptions) (model: Model) (tasks: PathTask[]) : Explanation[] =
        explainCells options model tasks
        |> Array.map (fun (explanation, cells) ->
            let count = explanation.Attributions.Length
            let interactions = Array2D.zeroCreate count count
            Buffer.BlockCopy(cells, 0, interactions, 0, cells.Length * sizeof<float>)
            { explanation with Interactions = Some interactions })

    /// Explains one row against one baseline, n elements each. Errors: as for explainRows.
    let explain (options: PathOptions) (model: Model) (baseline: float[]) (input: float[]) : Explanation =
        explainRows options model [| { Row = 0; Input = input; Baseline = baseline } |] |> Array.head
