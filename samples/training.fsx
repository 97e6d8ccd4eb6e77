// Trains a network on a function whose interactions are known, writes it as an ONNX file, and explains it; see docs/training.md.
#load "../.paket/load/net10.0/main.group.fsx"
#r "../src/Interact.Core.fs/bin/Release/net10.0/Interact.Core.dll"

open System
open System.IO
open Interact.Core
open Interact.Core.Learning

// x0 and x1 act together, x2 alone, x3 not at all.
let random = Random 1
let rows = Array.init 600 (fun _ -> Array.init 4 (fun _ -> 2.0 * random.NextDouble() - 1.0))
let value (x: float[]) = 2.0 * x.[0] * x.[1] + sin (3.0 * x.[2])
let examples rows = TrainingData.ofNumbers rows (Array.map value rows)
let training, validation = examples rows.[..499], examples rows.[500..]

let network =
    Network.create 1 [| 4 |] [
        Layer.dense 32 |> Layer.named "hidden"
        Layer.tanh
        Layer.dense 32
        Layer.tanh
        Layer.dense 1
    ]

let result =
    Training.run
        {
            Training.defaults Loss.squaredError with
                Epochs = 150
                LearningRate = 0.01
                Schedule = Schedule.Cosine 5
                Patience = Some 40
        }
        network
        training
        (Some validation)

let after = Training.loss Loss.squaredError result.Network validation
printfn "loss after epoch %d of %d: %.5f" result.BestEpoch result.History.Length after
if after > 0.01 then failwith "The network has not learned the function."

let path = Path.Combine(Path.GetTempPath(), $"network-{Guid.NewGuid()}.onnx")

match Network.save path result.Network with
| Ok() -> ()
| Error problem -> failwith problem

printfn "%d bytes of ONNX" (FileInfo path).Length
File.Delete path

let explained =
    IntegratedHessians.explain IntegratedHessians.defaults (Network.toModel result.Network) (Array.zeroCreate 4) [|
        0.8
        -0.7
        0.5
        0.9
    |]

// 2·x0·x1 is -1.12 here, a quarter of which stands in each of the four cells of the two features: 0 x 1 is nearly -0.28.
printfn "%A" explained
