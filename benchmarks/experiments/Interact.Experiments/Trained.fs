/// What trained networks say of rows.
module Interact.Experiments.Trained

open Interact.Core
open Interact.Core.Learning

/// The first output of each row.
let outputs (network: Network) (rows: float[][]) : float[] =
    (Network.toModel network).Function.Values rows |> Array.map Array.head

/// The area under the curve of the first output, for targets that are 0 or 1.
let areaUnderCurve (network: Network) (data: TrainingData) : float =
    let found = outputs network data.Inputs
    Measures.areaUnderCurve (Seq.zip found (data.Targets |> Seq.map (fun target -> target[0] > 0.5)))

/// The share of rows with the right sign of the first output, for targets that are 0 or 1.
let accuracy (network: Network) (data: TrainingData) : float =
    Array.map2
        (fun found (target: float[]) -> if (found > 0.0) = (target[0] > 0.5) then 1.0 else 0.0)
        (outputs network data.Inputs)
        data.Targets
    |> Array.average

/// The root of the mean squared error of the first output.
let rootMeanSquaredError (network: Network) (data: TrainingData) : float =
    Array.map2 (fun found (target: float[]) -> (found - target[0]) ** 2.0) (outputs network data.Inputs) data.Targets
    |> Array.average
    |> sqrt

/// Expected Gradients of the first output, each row against all rows of a background. ReLU's kinks are exact.
let attributions (network: Network) (rows: float[][]) (background: float[][]) : float[][] =
    let model = Network.toModel network
    let options = { PathOptions.defaults with Target = Index 0; Tolerance = 1e-3 }
    let background = Background.ofRows background

    rows
    |> Seq.mapi (fun row input -> model, { Row = row; Input = input; Background = background })
    |> ExpectedGradients.explainRows 1 rows.Length (fun _ _ -> ()) options
    |> Seq.map _.Attributions
    |> Array.ofSeq

/// Expected Gradients of the first output, each row against all rows of a background, by the midpoint rule of a few points on each path:
/// not exact, and fast for large networks.
let sampledAttributions (points: int) (network: Network) (rows: float[][]) (background: float[][]) : float[][] =
    let model = Network.toModel network
    let nodes = Array.init points (fun i -> (float i + 0.5) / float points)
    let output = Array.init model.OutputSize (fun i -> if i = 0 then 1.0 else 0.0)
    let count = float (points * background.Length)

    rows
    |> Array.map (fun row ->
        let displacements = background |> Array.map (fun baseline -> Array.map2 (-) row baseline)

        let gradients =
            Array.map2
                (fun baseline displacement -> {
                    Baseline = baseline
                    Displacement = displacement
                    Output = output
                    Nodes = nodes
                })
                background
                displacements
            |> model.Function.Gradients

        row
        |> Array.mapi (fun i _ ->
            let mutable sum = 0.0

            for path in 0 .. gradients.Length - 1 do
                for point in 0 .. points - 1 do
                    sum <- sum + displacements[path][i] * gradients[path][point * row.Length + i]

            sum / count))

/// The mean over rows of |φ| of each feature.
let meanSizes (attributions: float[][]) : float[] = attributions |> Array.transpose |> Array.map (Array.averageBy abs)

/// The mean over rows of |Γ_ij| by Integrated Hessians of the first output, the baseline zeros.
let meanInteractions (network: Network) (rows: float[][]) : float[,] =
    let options = { PathOptions.defaults with Target = Index 0; Tolerance = 1e-4 }

    let matrices =
        PathTasks.create Zeros rows 0 (rows.Length - 1)
        |> IntegratedHessians.explainRows options (Network.toModel network)
        |> Array.choose _.Interactions

    let features = rows[0].Length
    Array2D.init features features (fun i j -> matrices |> Array.averageBy (fun own -> abs own[i, j]))
