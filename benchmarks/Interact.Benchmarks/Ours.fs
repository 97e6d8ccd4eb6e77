/// What is timed of Interact: explanations by a fixed rule, and certified ones. On two threads, like the rivals.
module Interact.Benchmarks.Ours

open System
open Interact.Core
open Interact.Core.Quadrature

let threads = 2

/// Directions and factors of a row's matrix: DᵀHD as it is for groups, δ_i δ_j H_ij for features.
let private directions (work: Work) (step: float[]) =
    match work.Groups with
    | None -> EachFeature
    | Some groups ->
        Along(
            groups.Members
            |> Array.map (fun members ->
                let direction = Array.zeroCreate<float> step.Length

                for i in members do
                    direction[i] <- step[i]

                direction)
        )

/// Γ of rows by one rule for the weight -ln t, with all that belongs to it: scaling by δ and the diagonal's second part.
let private matrices (work: Work) (targets: int[]) (rule: QuadratureRule) (rows: int[]) : float[][] =
    let k = work.Parts
    let weights = Array.map2 (*) rule.Weights rule.Nodes

    let owners = Array.init work.Model.InputSize id

    match work.Groups with
    | Some groups ->
        groups.Members
        |> Array.iteri (fun group members ->
            for i in members do
                owners[i] <- group)
    | None -> ()

    let steps = rows |> Array.map (fun row -> Array.map2 (-) work.Rows[row] work.Baseline)

    let results =
        Array.map2
            (fun row (step: float[]) -> {
                Points = {
                    Baseline = work.Baseline
                    Displacement = step
                    Output = Array.init work.Model.OutputSize (fun i -> if i = targets[row] then 1.0 else 0.0)
                    Nodes = rule.Nodes
                }
                Weights = weights
                Directions = directions work step
            })
            rows
            steps
        |> work.Model.Function.Curvatures

    Array.map2
        (fun (step: float[]) (result: CurvatureResult) ->
            let matrix = Array.copy result.Curvature

            if work.Groups.IsNone then
                for i in 0 .. k - 1 do
                    let row = Span(matrix, i * k, k)

                    for j in 0 .. k - 1 do
                        row[j] <- row[j] * step[i] * step[j]

            for p in 0 .. rule.Nodes.Length - 1 do
                for i in 0 .. step.Length - 1 do
                    let diagonal = owners[i] * (k + 1)
                    let slope = result.Gradients[p * step.Length + i]
                    matrix[diagonal] <- matrix[diagonal] + rule.Weights[p] * step[i] * slope

            matrix)
        steps
        results

/// Γ of all rows by a fixed rule, flattened.
let byRule (work: Work) : QuadratureRule -> float[][] =
    let targets = work.Targets
    let division = RowStream.divide threads MemoryBudget.Default work.Parts work.Rows.Length

    fun rule ->
        [| 0 .. work.Rows.Length - 1 |]
        |> RowStream.map division (matrices work targets rule)
        |> Array.ofSeq

/// Explanations of all rows with certificates at the tolerance.
let certified (work: Work) (tolerance: float) : Explanation[] =
    let options = {
        IntegratedHessians.defaults with
            Target = work.Target
            Groups = work.Groups
            Tolerance = tolerance
    }

    work.Tasks
    |> RowStream.explain threads (fun options -> IntegratedHessians.explainRows options work.Model) options
    |> Array.ofSeq

/// The matrix of an explanation, flattened.
let flat (explanation: Explanation) =
    match explanation.Interactions with
    | Some matrix -> matrix |> Seq.cast<float> |> Array.ofSeq
    | None -> invalidOp "The explanation has no interactions."

/// The largest difference of a row's matrix from the reference, relative to the reference's largest element.
let error (reference: float[][]) (found: float[][]) =
    Array.map2
        (fun (expected: float[]) (own: float[]) ->
            let scale = expected |> Array.fold (fun largest value -> max largest (abs value)) 0.0
            (Array.map2 (fun a b -> abs (a - b)) expected own |> Array.max) / scale)
        (Array.truncate found.Length reference)
        found
    |> Array.max
