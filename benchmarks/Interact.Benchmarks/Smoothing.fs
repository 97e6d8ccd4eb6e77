/// How smoothing tends to the exact interactions of a ReLU network, and what it costs.
module Interact.Benchmarks.Smoothing

open System.IO
open Interact.Core
open Interact.Core.Data
open Interact.Core.Onnx

let private sharpness = [ 1.0; 3.0; 10.0; 30.0; 100.0; 300.0; 1e3; 3e3; 1e4; 3e4; 1e5 ]

let private options = { IntegratedHessians.defaults with Tolerance = 1e-9; MaxSamples = 1_000_000 }

/// The largest error of any interaction, relative to the largest exact one, and the number of Hessians that the smoothed network took.
let private error (exact: Explanation) (smooth: Explanation) =
    let cells (explanation: Explanation) = explanation.Interactions.Value |> Seq.cast<float>
    let largest = cells exact |> Seq.map abs |> Seq.max
    let off = Seq.map2 (fun a b -> abs (a - b)) (cells exact) (cells smooth) |> Seq.max
    if not smooth.Certificate.Satisfied then invalidOp $"not certified: {smooth.Certificate}"
    off / largest, smooth.Certificate.Evaluations

/// Measures, prints, and writes the section and its image beside it.
let run (path: string) =
    let folder = Path.GetDirectoryName(Path.GetFullPath path) |> nonNull
    let fixture = Files.ofFixture "diabetes_mlp_relu"
    let model = fixture "model.onnx" |> OnnxModel.load OnnxModel.defaults |> Files.ok
    let rows name = (fixture name |> DataFile.read |> Files.ok).Rows
    let inputs, baseline = rows "inputs.csv", (rows "baseline.csv")[0]
    let explain model input = IntegratedHessians.explain options model baseline input
    let exact = inputs |> Array.map (explain model)

    let measured = [
        for beta in sharpness do
            let smooth = Model.smooth beta model
            beta, inputs |> Array.map (explain smooth) |> Array.map2 error exact
    ]

    let line row : Plot.Line = {
        Name = $"row {row}: {exact[row].Certificate.Kinks.Value} kinks"
        Points = [ for beta, errors in measured -> beta, fst errors[row] ]
    }

    Plot.write (Path.Combine(folder, "images", "smoothing.svg")) {
        Title = "SoftPlus smoothing tends to the exact interactions"
        Across = "β"
        Up = "largest error / largest interaction"
        Lines = [ for row in 0 .. inputs.Length - 1 -> line row ]
    }

    let gradients = exact |> Array.map _.Certificate.Probes

    let lines =
        [
            "![Error of smoothed interactions against β](images/smoothing.svg)"
            ""
            "Largest error of an interaction of the smoothed network, relative to the largest exact one, and in brackets the Hessians it took"
            "(network and rows of `tests/fixtures/diabetes_mlp_relu`, tolerance 1e-9). Exact, these rows take no Hessian at all, and"
            $"{Array.min gradients} to {Array.max gradients} points at which values and slopes of the units are looked at."
            ""
        ]
        @ Document.table [ "β"; yield! [ for row in 0 .. inputs.Length - 1 -> $"row {row}" ] ] [
            for beta, errors in measured ->
                [
                    Document.number beta
                    yield! [ for off, hessians in errors -> $"{Document.small off} ({hessians})" ]
                ]
        ]

    lines |> List.iter (printfn "%s")
    Document.write path "smoothing" lines
