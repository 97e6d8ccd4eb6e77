namespace Interact.Core

open System
open System.Numerics.Tensors
open Interact.Core.Quadrature

/// What is the same for all rows of Integrated Hessians.
type internal HessianSetting = {
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

/// Finds the rule that each row's interactions are integrated by, by probing: along four directions (all features together, and three
/// random mixtures) second derivatives cost little, and their integrals are bilinear forms of Γ, whose errors estimate the norm of the
/// error of Γ.
[<RequireQualifiedAccess>]
module internal HessianProbes =

    /// How much more accurate than the tolerance the interactions are made.
    let private margin = 0.5

    /// How much higher the order is that second derivatives need than the one that gradients do: what saves most points in the network of
    /// the benchmark of averages. It changes what is tried first, not what counts as accurate.
    let private ordersOfSecond = 1.3

    /// Number of probes.
    let private probes = 4

    /// The unordered pairs of probes; those with the first come first.
    let pairs = [|
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

    /// Factors of the probes: all ones, and fixed pseudo-random mixtures of both signs. The factors differ in size too, so that no
    /// difference of two features is orthogonal to all probes.
    let setting (options: PathOptions) (model: Model) : HessianSetting =
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

    let dot (x: float[]) (y: float[]) = TensorPrimitives.Dot(ReadOnlySpan x, ReadOnlySpan y)

    /// The rule each row needs, found by the probes' bilinear forms sᵃᵀ Γ sᵇ. Those with the probe of all features together are known
    /// beforehand, because rows of Γ add up to Integrated Gradients.
    let findRules (setting: HessianSetting) (attempts: HessianAttempt[]) : FoundRule[] =
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

        /// Σ |weight · δ·∇f| stands for the terms of the second derivatives too, which are not known one by one.
        let sizeOf (row: PathRow) (rule: QuadratureRule) (result: CurvatureResult) (sums: float[]) =
            let n = row.Displacement.Length
            let mutable size = 0.0

            for p in 0 .. rule.Weights.Length - 1 do
                for i in 0 .. n - 1 do
                    size <- size + abs (rule.Weights[p] * row.Displacement[i] * result.Gradients[p * n + i])

            sums |> Array.fold (fun largest sum -> max largest (abs sum)) size

        let evaluate (asked: (PathRow * Samples)[]) =
            let each = asked |> Array.map requests
            let results = each |> Array.concat |> derivatives.Curvatures
            let starts = each |> Array.scan (fun start own -> start + own.Length) 0

            asked
            |> Array.mapi (fun i (row, samples) ->
                let own = results[starts[i] .. starts[i + 1] - 1]

                match samples with
                | Values _ -> own |> Array.collect (forms row [| 1.0 |])
                | WeightedSum rule ->
                    let sums = forms row rule.Weights own[0]
                    Array.append sums [| sizeOf row rule own[0] sums |])

        /// The bilinear forms that impulses have, which rules do not see.
        let concentrated (attempt: HessianAttempt) (a, b) =
            attempt.Kinks
            |> Option.map (Kinks.form setting.Factors[a] setting.Factors[b])
            |> Option.defaultValue 0.0

        /// A piecewise linear model has nothing to integrate.
        let withoutRule (attempt: HessianAttempt) (diagonal: float[]) : FoundRule = {
            Rules = [||]
            Integral = setting.Products |> Array.map (dot diagonal)
            Error = attempt.Gradients.Error
            Converged = attempt.Gradients.Converged
            Samples = 0
        }

        attempts
        |> Array.map (fun attempt ->
            let known =
                factors |> Array.mapi (fun i own -> dot own attempt.Gradients.Value - concentrated attempt (0, i))

            let tolerance = margin * attempt.Tightness * PathRows.limit options attempt.Row attempt.Scale 0.0
            let probe = float probes / float (max 1 setting.Directions)

            let expected = ordersOfSecond * Estimate.orderFor tolerance attempt.Scale attempt.Gradients.Errors

            match attempt.Kinks with
            | Some { Linear = Some(_, diagonal) } -> Done(withoutRule attempt diagonal)
            | Some kinks -> RuleSearch.between kinks.Breaks (MinusLog 1.0) options.MaxSamples tolerance known
            | None -> RuleSearch.find (MinusLog 1.0) options.MaxSamples tolerance expense probe (Some expected) known)
        |> PathRows.integrate options model rows evaluate
        |> Array.map2
            (fun attempt rule -> {
                rule with
                    Integral = Array.map2 (fun form pair -> form + concentrated attempt pair) rule.Integral pairs
            })
            attempts
