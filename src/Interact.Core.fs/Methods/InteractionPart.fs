namespace Interact.Core

open System
open Interact.Core.Quadrature

/// Which interactions are wanted where not all of them are. Features, or groups where there are such, by their indices.
type InteractionPart =
    /// All interactions of some features: rows of the matrix.
    | RowsOf of int[]
    /// Some cells of the matrix. A feature with itself is its main effect.
    | Pairs of (int * int)[]

/// The explanation of one row by some of its interactions.
type PartialExplanation = {
    /// Attributions of all features, and a certificate of what was computed; without the matrix of interactions.
    Explanation: Explanation
    /// What was asked for.
    Part: InteractionPart
    /// One number a cell Γ_ij, half of what the pair adds. For rows, row after row, one number for each feature; for pairs, one for
    /// each pair.
    Cells: float[]
}

/// Integrated Hessians of some features or pairs, at their own cost: the matrix is never made.
///
/// Rows are second derivatives applied to one direction for each feature, forward over reverse: Γ_i· = δ ∘ ∫₀¹ t(-ln t) H δ_i e_i dt.
/// Pairs are bilinear forms in the directions of the features that take part. The quadrature is found as for the full matrix, and kinks are counted in as there.
///
/// Every row of the matrix adds up to the feature's Integrated Gradient, which is computed separately: the certificate's row residual
/// is the largest difference among the features that take part (for pairs, their row sums are one more direction, that of all features
/// together). The certificate's completeness residual is that of the attributions.
[<RequireQualifiedAccess>]
module InteractionPart =

    /// The features that take part, each once.
    let private featuresOf part =
        match part with
        | RowsOf features -> features
        | Pairs pairs -> pairs |> Array.collect (fun (i, j) -> [| i; j |]) |> Array.distinct

    let private check (part: InteractionPart) (count: int) =
        let features = featuresOf part
        Checks.require (features.Length > 0) (nameof part) (fun () -> "no interactions are asked for.")

        for i in features do
            Checks.require (i >= 0 && i < count) (nameof part) (fun () ->
                $"feature {i} does not exist; features (or groups) are numbered 0..{count - 1}.")

        match part with
        | RowsOf features ->
            Checks.require (Array.distinct features = features) (nameof part) (fun () ->
                "the rows of a feature are asked for twice.")
        | Pairs pairs ->
            let unordered = pairs |> Array.map (fun (i, j) -> struct (min i j, max i j))

            Checks.require (Array.distinct unordered = unordered) (nameof part) (fun () ->
                "a pair is asked for twice; (i, j) and (j, i) are the same.")

    /// A row's displacement in one feature (or group), and nothing elsewhere.
    let private direction (setting: HessianSetting) (row: PathRow) feature =
        row.Displacement |> Array.mapi (fun i step -> if setting.Owners[i] = feature then step else 0.0)

    /// What one rule gives: cells as in the result, and the row sums of the features that take part.
    type private Piece = { Cells: float[]; Sums: float[] }

    /// How the second derivatives are asked for, and what is made of the answers without the diagonal's second part.
    let private form (setting: HessianSetting) (part: InteractionPart) (derivatives: IDifferentiable) =
        let features = featuresOf part
        let count, owners = setting.Count, setting.Owners

        match part, derivatives with
        | RowsOf _, (:? IHessianProducts as products) ->
            let directions row = features |> Array.map (direction setting row)

            let piece (row: PathRow) (curvature: float[]) =
                let n = row.Displacement.Length
                let cells = Array.zeroCreate<float>(features.Length * count)

                for k in 0 .. features.Length - 1 do
                    for i in 0 .. n - 1 do
                        let place = k * count + owners[i]
                        cells[place] <- cells[place] + row.Displacement[i] * curvature[k * n + i]

                { Cells = cells; Sums = cells |> Array.chunkBySize count |> Array.map Array.sum }

            directions, products.Products, piece
        | RowsOf _, _ ->
            // Derivatives from outside are known as bilinear forms alone.
            let directions row = Array.init count (direction setting row)

            let piece _ (curvature: float[]) =
                let rows = features |> Array.map (fun i -> Array.sub curvature (i * count) count)
                { Cells = Array.concat rows; Sums = rows |> Array.map Array.sum }

            directions, derivatives.Curvatures, piece
        | Pairs pairs, _ ->
            let place = features |> Seq.indexed |> Seq.map (fun (k, feature) -> feature, k) |> dict
            let all = features.Length

            let directions (row: PathRow) =
                Array.append (features |> Array.map (direction setting row)) [| row.Displacement |]

            let piece _ (curvature: float[]) =
                let cell a b = 0.5 * (curvature[a * (all + 1) + b] + curvature[b * (all + 1) + a])

                {
                    Cells = pairs |> Array.map (fun (i, j) -> cell place[i] place[j])
                    Sums = Array.init all (fun k -> cell k all)
                }

            directions, derivatives.Curvatures, piece

    /// What kinks give, and where the model is piecewise linear the diagonal's second part.
    let private concentrated (setting: HessianSetting) part diagonal (kinks: Kinks) : Piece =
        let features = featuresOf part
        let sums = Array.zeroCreate<float> features.Length

        let own =
            match kinks.Linear with
            | Some(_, diagonal) -> diagonal |> PathRows.byGroup setting.Options
            | None -> Array.zeroCreate<float> setting.Count

        let cells: float[] = diagonal own
        features |> Array.iteri (fun k i -> sums[k] <- own[i])

        for impulse in kinks.Impulses do
            let y = impulse.Jump
            let total = Array.sum y
            features |> Array.iteri (fun k i -> sums[k] <- sums[k] + impulse.Weight * y[i] * total)

            match part with
            | RowsOf features ->
                for k in 0 .. features.Length - 1 do
                    let factor = impulse.Weight * y[features[k]]

                    for j in 0 .. y.Length - 1 do
                        cells[k * y.Length + j] <- cells[k * y.Length + j] + factor * y[j]
            | Pairs pairs -> pairs |> Array.iteri (fun k (i, j) -> cells[k] <- cells[k] + impulse.Weight * y[i] * y[j])

        { Cells = cells; Sums = sums }

    /// The cells and row sums of all rows by the rules found for them.
    let private integrate (setting: HessianSetting) part (attempts: HessianAttempt[]) (rules: FoundRule[]) : Piece[] =
        let rows = attempts |> Array.map _.Row
        let options, model, count = setting.Options, setting.Model, setting.Count
        options.CancellationToken.ThrowIfCancellationRequested()
        let features = featuresOf part

        let directions, ask, piece = Model.evaluatedBy options.Evaluation model |> form setting part

        let panels = [|
            for row in 0 .. rows.Length - 1 do
                for rule in rules[row].Rules -> row, rule
        |]

        let results =
            panels
            |> Array.map (fun (row, rule) -> {
                Points = PathRows.points rows[row] rule.Nodes
                Weights = Array.map2 (*) rule.Weights rule.Nodes
                Directions = Along(directions rows[row])
            })
            |> ask

        /// δ_i ∫ (-ln t) ∂_i f dt of each feature that takes part, by one rule.
        let slopes (row: PathRow) (rule: QuadratureRule) (result: CurvatureResult) =
            let n = row.Displacement.Length
            let sums = Array.zeroCreate<float> count

            for p in 0 .. rule.Nodes.Length - 1 do
                for i in 0 .. n - 1 do
                    let owner = setting.Owners[i]
                    let term = rule.Weights[p] * row.Displacement[i] * result.Gradients[p * n + i]
                    sums[owner] <- sums[owner] + term

            sums

        let diagonal (own: float[]) =
            match part with
            | RowsOf features ->
                let cells = Array.zeroCreate<float>(features.Length * count)
                features |> Array.iteri (fun k i -> cells[k * count + i] <- own[i])
                cells
            | Pairs pairs -> pairs |> Array.map (fun (i, j) -> if i = j then own[i] else 0.0)

        let pieces =
            attempts
            |> Array.map (fun attempt ->
                match attempt.Kinks with
                | Some kinks -> concentrated setting part diagonal kinks
                | None -> {
                    Cells = diagonal (Array.zeroCreate<float> count)
                    Sums = Array.zeroCreate<float> features.Length
                  })

        for (row, rule), result in Array.zip panels results do
            let second = piece rows[row] result.Curvature
            let own = slopes rows[row] rule result
            let onDiagonal = diagonal own
            let { Cells = cells; Sums = sums } = pieces[row]

            for k in 0 .. cells.Length - 1 do
                cells[k] <- cells[k] + second.Cells[k] + onDiagonal[k]

            for k in 0 .. sums.Length - 1 do
                sums[k] <- sums[k] + second.Sums[k] + own[features[k]]

        pieces

    let private explanation
        (setting: HessianSetting)
        part
        (attempt: HessianAttempt)
        (rule: FoundRule)
        (piece: Piece)
        : PartialExplanation * float =
        let row = attempt.Row
        let options = setting.Options
        let attributions = attempt.Gradients.Value |> PathRows.byGroup options

        let rowResidual =
            Array.map2 (fun feature sum -> abs (sum - attributions[feature])) (featuresOf part) piece.Sums
            |> Array.max

        let residual = PathRows.completenessResidual row attributions

        let limit =
            (piece.Cells |> Array.sumBy abs) + (attributions |> Array.sumBy abs)
            |> PathRows.limit options row attempt.Scale

        // In single precision the row sums tell the rounding, because attributions are in double.
        let error =
            match options.Precision with
            | Precision.Double -> rule.Error
            | Precision.Single -> rule.Error + rowResidual

        {
            Explanation = {
                Row = row.Task.Row
                Target = row.Target
                Value = row.Value
                BaselineValue = row.BaselineValue
                Attributions = attributions
                Interactions = None
                Certificate = HessianAttempts.certificate attempt rule residual rowResidual error limit
            }
            Part = part
            Cells = piece.Cells
        },
        limit

    /// Explains several rows, worked on together; the result of a row does not depend on the others.
    /// Errors: ArgumentException for bad options or rows, for a part that names a feature (or group) that does not exist or asks for
    /// something twice or for nothing; NotFiniteException where the model is not finite on a path.
    let explainRows
        (part: InteractionPart)
        (options: PathOptions)
        (model: Model)
        (tasks: PathTask[])
        : PartialExplanation[] =
        let rows = PathRows.prepare options model tasks
        let whole = HessianProbes.setting options model
        check part whole.Count
        let kinks = Kinks.find options model rows

        let directions =
            match part with
            | RowsOf features -> 2 * features.Length
            | Pairs _ -> (featuresOf part).Length + 1

        let setting = { whole with Directions = directions }

        let rec solve remaining (attempts: HessianAttempt[]) =
            let rules = HessianProbes.findRules setting attempts
            let pieces = integrate setting part attempts rules

            Array.map3 (explanation setting part) attempts rules pieces
            |> Array.mapi (fun i (found, limit) ->
                let certificate = found.Explanation.Certificate
                let worst = certificate.RowResidual.Value

                match HessianAttempts.next attempts[i] rules[i] certificate worst limit with
                | Some attempt when remaining > 0 -> solve (remaining - 1) [| attempt |] |> Array.head
                | Some _
                | None -> found)

        HessianAttempts.first options model rows kinks |> solve HessianAttempts.further

    /// Explains one row against one baseline, n elements each. Errors: as for explainRows.
    let explain part (options: PathOptions) (model: Model) (baseline: float[]) (input: float[]) : PartialExplanation =
        explainRows part options model [| { Row = 0; Input = input; Baseline = baseline } |] |> Array.head
