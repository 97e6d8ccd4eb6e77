namespace Interact.Core

open System
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

    /// How much more accurate than the tolerance the interactions are made, and the gradients they are measured by.
    let private margin, gradientMargin = 0.5, 0.05

    /// Number of probes.
    let private probes = 4

    /// Factors of each feature (or group) in the probes: all ones, and fixed pseudo-random mixtures of both signs. The factors differ in
    /// size too, so that no difference of two features is orthogonal to all probes.
    let private factors count =
        let random = Random 20210104

        let mixture () =
            Array.init count (fun _ -> (if random.Next 2 = 0 then 1.0 else -1.0) * (0.5 + random.NextDouble()))

        Array.init probes (fun probe -> if probe = 0 then Array.create count 1.0 else mixture ())

    /// The unordered pairs of probes; those with the first come first.
    let private pairs = [|
        for a in 0 .. probes - 1 do
            for b in a .. probes - 1 -> a, b
    |]

    /// Which group every feature belongs to; each to its own where there are no groups.
    let private owners (options: PathOptions) features =
        match options.Groups with
        | None -> Array.init features id
        | Some groups ->
            let owners = Array.zeroCreate<int> features

            groups.Members
            |> Array.iteri (fun group members ->
                for i in members do
                    owners[i] <- group)

            owners

    let private groupCount options features =
        match options.Groups with
        | None -> features
        | Some groups -> groups.Members.Length

    /// A row with all that is known before its interactions are.
    type private Attempt = {
        Row: PathRow
        Gradients: RefinedIntegral
        /// The size that the tolerance is relative to.
        Scale: float
        /// The part of the tolerance that its rule is looked for with; 1 at first.
        Tightness: float
        /// Points at which second derivatives were evaluated, and others probed, in vain.
        Evaluations: int
        Probes: int
    }

    /// The rule each row needs, found by the probes' bilinear forms sᵃᵀ Γ sᵇ. Those with the probe of all features together are known
    /// beforehand, because rows of Γ add up to Integrated Gradients.
    let private findRules (options: PathOptions) (model: Model) (attempts: Attempt[]) : FoundRule[] =
        let rows = attempts |> Array.map _.Row
        let owners = owners options model.InputSize
        let factors = factors (groupCount options model.InputSize)
        let derivatives = Model.evaluatedBy options.CheckingEvaluation model
        let factorOf probe feature = factors[probe].[owners[feature]]

        let requests (row: PathRow, nodes: float[]) =
            let directions = [|
                for probe in 0 .. probes - 1 -> row.Displacement |> Array.mapi (fun i step -> factorOf probe i * step)
            |]

            nodes
            |> Array.map (fun t -> {
                Points = PathRows.points row [| t |]
                Weights = [| 1.0 |]
                Directions = Along directions
            })

        /// t · sᵃᵀ(δ∘H∘δ)sᵇ, and for the diagonal's second part the sum of δ·∇f with the factors.
        let forms (row: PathRow) t (result: CurvatureResult) =
            pairs
            |> Array.map (fun (a, b) ->
                let mutable sum = t * result.Curvature[a * probes + b]

                for i in 0 .. row.Displacement.Length - 1 do
                    sum <- sum + factorOf a i * factorOf b i * row.Displacement[i] * result.Gradients[i]

                sum)

        let evaluate (asked: (PathRow * float[])[]) =
            let each = asked |> Array.map requests
            let results = each |> Array.concat |> derivatives.Curvatures
            let starts = each |> Array.scan (fun start own -> start + own.Length) 0

            asked
            |> Array.mapi (fun i (row, nodes) ->
                nodes |> Array.mapi (fun p t -> forms row t results[starts[i] + p]) |> Array.concat)

        attempts
        |> Array.map (fun attempt ->
            let known = [|
                for probe in 0 .. probes - 1 ->
                    attempt.Gradients.Value |> Array.mapi (fun i value -> factorOf probe i * value) |> Array.sum
            |]

            let tolerance = margin * attempt.Tightness * PathRows.limit options attempt.Row attempt.Scale 0.0

            RuleSearch.find (MinusLog 1.0) options.MaxSamples tolerance known)
        |> PathRows.integrate options model rows evaluate

    /// The interactions of every row by the rules found: full second derivatives on each panel, added up in the order of the path.
    let private integrate (options: PathOptions) (model: Model) (rows: PathRow[]) (rules: FoundRule[]) : float[,][] =
        options.CancellationToken.ThrowIfCancellationRequested()
        let features = model.InputSize
        let count = groupCount options features
        let owners = owners options features

        let directions (row: PathRow) =
            match options.Groups with
            | None -> EachFeature
            | Some groups ->
                Along(
                    groups.Members
                    |> Array.map (fun members ->
                        let direction = Array.zeroCreate<float> features

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

        let interactions = Array.init rows.Length (fun _ -> Array2D.zeroCreate<float> count count)

        Array.iter2
            (fun (row, rule: QuadratureRule) (result: CurvatureResult) ->
                let { Displacement = step } = rows[row]
                let matrix = interactions[row]

                let factor i = if options.Groups.IsNone then step[i] else 1.0

                for i in 0 .. count - 1 do
                    for j in i .. count - 1 do
                        let both = (result.Curvature[i * count + j] + result.Curvature[j * count + i]) / 2.0
                        matrix[i, j] <- matrix[i, j] + factor i * factor j * both

                for p in 0 .. rule.Nodes.Length - 1 do
                    for i in 0 .. features - 1 do
                        let own = owners[i]

                        matrix[own, own] <-
                            matrix[own, own] + rule.Weights[p] * step[i] * result.Gradients[p * features + i])
            panels
            results

        for matrix in interactions do
            for i in 0 .. count - 1 do
                for j in 0 .. i - 1 do
                    matrix[i, j] <- matrix[j, i]

        interactions

    /// The cells of the matrix, row by row.
    let private cells (interactions: float[,]) = [|
        for i in 0 .. interactions.GetLength 0 - 1 do
            for j in 0 .. interactions.GetLength 1 - 1 -> interactions[i, j]
    |]

    /// The largest residual and error that pass.
    let private limitOf options (attempt: Attempt) (interactions: float[,]) =
        cells interactions |> Array.sumBy abs |> PathRows.limit options attempt.Row attempt.Scale

    /// The largest difference between the bilinear forms of the interactions and those that the probes found by the same rules. The
    /// probes are in double precision: the difference is the rounding of the interactions.
    let private formResidual (rule: FoundRule) (interactions: float[,]) =
        let count = interactions.GetLength 0
        let factors = factors count

        let form a b =
            let mutable sum = 0.0

            for i in 0 .. count - 1 do
                let mutable row = 0.0

                for j in 0 .. count - 1 do
                    row <- row + interactions[i, j] * factors[b].[j]

                sum <- sum + factors[a].[i] * row

            sum

        Array.map2 (fun (a, b) probed -> abs (form a b - probed)) pairs rule.Integral |> Array.max

    let private explanation options (attempt: Attempt) (rule: FoundRule) (interactions: float[,]) : Explanation =
        let row = attempt.Row
        let attributions = attempt.Gradients.Value |> PathRows.byGroup options
        let count = attributions.Length

        let rowResidual =
            Array.max (Array.init count (fun i -> abs (Array.sum interactions[i, *] - attributions[i])))

        let residual = PathRows.completenessResidual row (cells interactions)
        let limit = limitOf options attempt interactions
        let error = rule.Error + formResidual rule interactions

        {
            Row = row.Task.Row
            Target = row.Target
            Value = row.Value
            BaselineValue = row.BaselineValue
            Attributions = attributions
            Interactions = Some interactions
            Certificate = {
                Satisfied =
                    attempt.Gradients.Converged
                    && rule.Converged
                    && residual <= limit
                    && rowResidual <= limit
                    && error <= limit
                Scale = attempt.Scale
                CompletenessResidual = residual
                RowResidual = Some rowResidual
                ErrorEstimate = error
                Evaluations = attempt.Evaluations + (rule.Rules |> Array.sumBy _.Nodes.Length)
                Probes = attempt.Probes + attempt.Gradients.Samples + rule.Samples
                Method = "gauss-log"
            }
        }

    /// How often a row is tried again whose rule was found good enough by the probes and is not by the residuals.
    let private furtherAttempts = 2

    /// The attempt to make after one whose residuals came out too large, with a tolerance as much smaller; None where that is of no use.
    let private next options (attempt: Attempt) (rule: FoundRule) (explanation: Explanation) : Attempt option =
        let certificate = explanation.Certificate
        let worst = max certificate.CompletenessResidual certificate.RowResidual.Value
        let limit = limitOf options attempt explanation.Interactions.Value

        if certificate.Satisfied || not rule.Converged || not attempt.Gradients.Converged || worst <= limit then
            None
        else
            Some {
                attempt with
                    Tightness = attempt.Tightness * 0.1 * limit / worst
                    Evaluations = certificate.Evaluations
                    Probes = certificate.Probes - attempt.Gradients.Samples
            }

    /// Explains several rows, worked on together; the result of a row does not depend on the others.
    /// Errors: ArgumentException for bad options or rows, NotFiniteException where the model is not finite on a path.
    let explainRows (options: PathOptions) (model: Model) (tasks: PathTask[]) : Explanation[] =
        let rec solve remaining (attempts: Attempt[]) : Explanation[] =
            let rules = findRules options model attempts
            let interactions = integrate options model (attempts |> Array.map _.Row) rules
            let explanations = Array.map3 (explanation options) attempts rules interactions

            let again =
                if remaining = 0 then
                    [||]
                else
                    Array.map3 (next options) attempts rules explanations
                    |> Array.indexed
                    |> Array.choose (fun (i, attempt) -> attempt |> Option.map (fun attempt -> i, attempt))

            if again.Length > 0 then
                solve (remaining - 1) (Array.map snd again)
                |> Array.iter2 (fun (i, _) better -> explanations[i] <- better) again

            explanations

        let rows = PathRows.prepare options model tasks

        PathRows.integrateGradients options options.CheckingEvaluation model (gradientMargin * options.Tolerance) rows
        |> Array.map2
            (fun row gradients -> {
                Row = row
                Gradients = gradients
                Scale = PathRows.scale row (PathRows.byGroup options gradients.Value)
                Tightness = 1.0
                Evaluations = 0
                Probes = 0
            })
            rows
        |> solve furtherAttempts

    /// Explains one row against one baseline, n elements each. Errors: as for explainRows.
    let explain (options: PathOptions) (model: Model) (baseline: float[]) (input: float[]) : Explanation =
        explainRows options model [| { Row = 0; Input = input; Baseline = baseline } |] |> Array.head
