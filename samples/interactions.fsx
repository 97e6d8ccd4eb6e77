// The interactions of a trained network, and of a function written here, in F# Interactive.
//
// Once in a clone:  dotnet tool restore
//                   dotnet build Interact.sln -c Release
//                   dotnet paket generate-load-scripts --framework net10.0 --type fsx
// Then:             dotnet fsi samples/interactions.fsx

#load "../.paket/load/net10.0/main.group.fsx"
#r "../src/Interact.Core.fs/bin/Release/net10.0/Interact.Core.dll"

open System.IO
open Interact.Core
open Interact.Core.Data
open Interact.Core.Onnx

let inline ok result =
    match result with
    | Ok value -> value
    | Error problem -> failwith $"%A{problem}"

let sample name = Path.Combine(__SOURCE_DIRECTORY__, "breast-cancer", name)

// A network from a file, and the first five patients against the average one.
let network = sample "model.onnx" |> OnnxModel.load OnnxModel.defaults |> ok
let table = sample "rows.csv" |> DataFile.read |> ok
let options = { IntegratedHessians.defaults with Tolerance = 1e-8 }

let explanations =
    PathTasks.create Zeros table.Rows 0 4
    |> RowStream.explain 2 (fun options -> IntegratedHessians.explainRows options network) options
    |> List.ofSeq

for explanation in explanations do
    printfn "%A\n" explanation

    if not explanation.Certificate.Satisfied then exit 1

// Pairs by name.
let names = table.Columns |> Option.defaultValue [||]

for i, j, value in explanations.Head.Strongest 3 do
    printfn "%s x %s: %.4f" names[i] names[j] value

// A model written as a function.
let model = Model.ofFunction 3 (fun x -> tanh (x.[0] * x.[1]) + x.[2])

printfn "\n%A" (IntegratedHessians.explain options model [| 0.0; 0.0; 0.0 |] [| 0.8; -1.1; 2.0 |])

// A ReLU network is explained through SoftPlus.
let kinked =
    Model.ofFunction 2 (fun x -> Tensor.relu (x.[0] + x.[1] - 1.0) + Tensor.relu (x.[0] - x.[1]))

printfn "\n%A" (IntegratedHessians.explain options (Model.smooth 10.0 kinked) [| 0.0; 0.0 |] [| 1.5; 0.5 |])
