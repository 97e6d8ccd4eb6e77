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

    /// How much more accurate than the tolerance the interactions are made, and the gradients they are measured by.
    let internal margin, gradientMargin = 0.5, 0.05

    /// Number of probes.
    let internal probes = 4

    /// The unordered pairs of probes; those with the first come first.
    let private pairs = [|
        for a in 0 .. probes - 1 do
            for b in a .. probes - 1 -> a, b
    |]

    /// Which group every feature belongs to; each to its own where there are no groups.
    let private ownersOf (options: PathOptions) features =
        match options.Groups with
        | None -> Array.init features id
        | Some groups ->
            let owners = Array.zeroCreate<int> features

            groups.Members
            |> Array.iteri (fun group members ->
                for i in members do
                    owners[i] <- group)

            owners

    /// What is the same for all rows.
    type internal Setting = {
        Options: PathOptions
        Model: Model
        /// Number of features, or groups.
        Count: int
        /// Number of directions in which second derivatives are taken.
        Directions: int
        Owners: int[]
        /// For each probe the factor of each feature (or group).
        Factors: float[][]
        /// For each probe the factor of each input element.
        ElementFactors: float[][]
        /// For each pair of probes the product of the factors of each input element.
        Products: float[][]
    }

    /// Factors of the probes: all ones, and fixed pseudo-random mixtures of both signs. The factors differ in size too, so that no
    /// difference of two features is orthogonal to all probes.
    let internal setting (options: PathOptions) (model: Model) : Setting =
        let owners = ownersOf options model.InputSize

        let count =
            match options.Groups with
            | None -> model.InputSize
            | Some groups -> groups.Members.Length

        let random = Random 20210104

        let mixture () =
            Array.init count (fun _ -> (if random.Next 2 = 0 then 1.0 else -1.0) * (0.5 + random.NextDouble()))

        let factors = Array.init probes (fun probe -> if probe = 0 then Array.create count 1.0 else mixture ())
        let ofElements = factors |> Array.map (fun own -> owners |> Array.map (fun owner -> own[owner]))

        {
            Options = options
            Model = model
            Count = count
            Directions = count
            Owners = owners
            Factors = factors
            ElementFactors = ofElements
            Products = pairs |> Array.map (fun (a, b) -> Array.map2 (*) ofElements[a] ofElements[b])
        }

    /// A row with all that is known before its interactions are.
    type internal Attempt = {
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

    let internal dot (x: float[]) (y: float[]) = TensorPrimitives.Dot(ReadOnlySpan x, ReadOnlySpan y)

    /// The rule each row needs, found by the probes' bilinear forms sᵃᵀ Γ sᵇ. Those with the probe of all features together are known
    /// beforehand, because rows of Γ add up to Integrated Gradients.
    let internal findRules (setting: Setting) (attempts: Attempt[]) : FoundRule[] =
        let { Options = options; Model = model; ElementFactors = factors } = setting
        let rows = attempts |> Array.map _.Row
        let derivatives = Model.evaluatedBy options.CheckingEvaluation model
        let expense = Model.curvatureExpense setting.Directions model

        let request (row: PathRow) nodes weights = {
            Points = PathRows.points row nodes
            Weights = weights
            Directions = Along(factors |> Array.map (fun own -> Array.map2 (*) own row.Displacement))
        }

        let requests (row: PathRow, samples: Samples) =
            match samples with
            | Values points -> points |> Array.map (fun t -> request row [| t |] [| t |])
            | WeightedSum rule -> [| request row rule.Nodes (Array.map2 (*) rule.Weights rule.Nodes) |]

        /// sᵃᵀ(δ∘H∘δ)sᵇ, and for the diagonal's second part the sum of δ·∇f with the factors. weights: those of the gradients.
        let forms (row: PathRow) (weights: float[]) (result: CurvatureResult) =
            let slopes =
                Array.init row.Displacement.Length (fun i ->
                    let mutable sum = 0.0

                    for p in 0 .. weights.Length - 1 do
                        sum <- sum + weights[p] * result.Gradients[p * row.Displacement.Length + i]

                    row.Displacement[i] * sum)

            Array.map2
                (fun (a, b) products -> result.Curvature[a * probes + b] + dot products slopes)
                pairs
                setting.Products

        let evaluate (asked: (PathRow * Samples)[]) =
            let each = asked |> Array.map requests
            let results = each |> Array.concat |> derivatives.Curvatures
            let starts = each |> Array.scan (fun start own -> start + own.Length) 0

            asked
            |> Array.mapi (fun i (row, samples) ->
                let own = results[starts[i] .. starts[i + 1] - 1]

                match samples with
                | Values _ -> own |> Array.collect (forms row [| 1.0 |])
                | WeightedSum rule -> own |> Array.collect (forms row rule.Weights))

        attempts
        |> Array.map (fun attempt ->
            let known = factors |> Array.map (fun own -> dot own attempt.Gradients.Value)
            let tolerance = margin * attempt.Tightness * PathRows.limit options attempt.Row attempt.Scale 0.0
            let probe = float probes / float (max 1 setting.Directions)
            RuleSearch.find (MinusLog 1.0) options.MaxSamples tolerance expense probe known)
        |> PathRows.integrate options model rows evaluate

    /// Adds what one rule gives to the interactions, above the diagonal and on it.
    let private accumulate
        (setting: Setting)
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

    /// The interactions of every row by the rules found: full second derivatives on each panel, added up in the order of the path;
    /// count x count cells.
    let private integrate (setting: Setting) (rows: PathRow[]) (rules: FoundRule[]) : float[][] =
        let { Options = options; Model = model; Count = count } = setting
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

        for cells in interactions do
            for i in 0 .. count - 1 do
                for j in 0 .. i - 1 do
                    cells[i * count + j] <- cells[j * count + i]

        interactions

    /// The largest residual and error that pass.
    let private limitOf (setting: Setting) (attempt: Attempt) (cells: float[]) =
        TensorPrimitives.SumOfMagnitudes(ReadOnlySpan cells)
        |> PathRows.limit setting.Options attempt.Row attempt.Scale

    let private matrixRow (setting: Setting) (cells: float[]) i = ReadOnlySpan(cells, i * setting.Count, setting.Count)

    /// The largest difference between the bilinear forms of the interactions and those that the probes found by the same rules. The
    /// probes are in double precision: the difference is the rounding of the interactions.
    let private formResidual (setting: Setting) (rule: FoundRule) (cells: float[]) =
        // Γs for each probe.
        let products =
            setting.Factors
            |> Array.map (fun own ->
                Array.init setting.Count (fun i -> TensorPrimitives.Dot(matrixRow setting cells i, ReadOnlySpan own)))

        Array.map2 (fun (a, b) probed -> abs (dot setting.Factors[a] products[b] - probed)) pairs rule.Integral
        |> Array.max

    let private explanation (setting: Setting) (attempt: Attempt) (rule: FoundRule) (cells: float[]) : Explanation =
        let row = attempt.Row
        let count = setting.Count
        let attributions = attempt.Gradients.Value |> PathRows.byGroup setting.Options
        let sums = Array.init count (fun i -> TensorPrimitives.Sum(matrixRow setting cells i))

        let rowResidual =
            Array.map2 (fun sum attribution -> abs (sum - attribution)) sums attributions |> Array.max

        let residual = PathRows.completenessResidual row sums
        let limit = limitOf setting attempt cells
        let error = rule.Error + formResidual setting rule cells
        let interactions = Array2D.zeroCreate count count
        Buffer.BlockCopy(cells, 0, interactions, 0, cells.Length * sizeof<float>)

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
    let internal furtherAttempts = 2

    /// The attempt to make after one whose residuals came out too large, with a tolerance as much smaller; None where that is of no use.
    let private next (setting: Setting) (attempt: Attempt) (rule: FoundRule) cells (explanation: Explanation) =
        let certificate = explanation.Certificate
        let worst = max certificate.CompletenessResidual certificate.RowResidual.Value
        let limit = limitOf setting attempt cells

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
        let rows = PathRows.prepare options model tasks
        let setting = setting options model

        let rec solve remaining (attempts: Attempt[]) : Explanation[] =
            let rules = findRules setting attempts
            let cells = integrate setting (attempts |> Array.map _.Row) rules
            let explanations = Array.map3 (explanation setting) attempts rules cells

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
                |> Array.iter2 (fun (i, _) better -> explanations[i] <- better) again

            explanations

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
