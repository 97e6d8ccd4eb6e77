// A network that must not let two features interact: trained without and with a prior on their interaction, explained by Integrated
// Hessians.
//
// Once in a clone:  dotnet tool restore
//                   dotnet build Interact.sln -c Release
//                   dotnet paket generate-load-scripts --framework net10.0 --type fsx
// Then:             dotnet fsi samples/priors.fsx

#load "../.paket/load/net10.0/main.group.fsx"
#r "../src/Interact.Core.fs/bin/Release/net10.0/Interact.Core.dll"

open System
open Interact.Core
open Interact.Core.Learning

// y = x0 + x1 + x0·x1 + x2·x3: pairs (0, 1) and (2, 3) interact.
let random = Random 1
let rows count = Array.init count (fun _ -> Array.init 4 (fun _ -> 2.0 * random.NextDouble() - 1.0))

let data count =
    let inputs = rows count
    TrainingData.ofNumbers inputs (inputs |> Array.map (fun x -> x[0] + x[1] + x[0] * x[1] + x[2] * x[3]))

let training, validation = data 1000, data 300

let network =
    Network.create 1 [| 4 |] [ Layer.dense 24; Layer.tanh; Layer.dense 24; Layer.tanh; Layer.dense 1 ]

let train penalties =
    let options = {
        Training.defaults Loss.squaredError with
            Epochs = 60
            LearningRate = 0.01
            Schedule = Schedule.Cosine 1
            Penalties = penalties
    }

    (Training.run options network training (Some validation)).Network

/// The mean |Γ| of a pair over some rows, from zeros.
let strength (network: Network) i j =
    let model = Network.toModel network

    validation.Inputs[..19]
    |> Array.averageBy (fun row ->
        let result = IntegratedHessians.explain IntegratedHessians.defaults model (Array.zeroCreate 4) row
        abs (Option.get result.Interactions).[i, j])

let free = train []
let bound = train [ InteractionPrior.pairs 100.0 [ 0, 1 ] InteractionPrior.defaults ]

printfn "                     without   with prior"

for name, f in
    [
        "|Γ| of (0, 1)", (fun network -> strength network 0 1)
        "|Γ| of (2, 3)", (fun network -> strength network 2 3)
        "mean squared error", (fun network -> Training.loss Loss.squaredError network validation)
    ] do
    printfn "%-18s %9.4f %12.4f" name (f free) (f bound)

// The forbidden interaction is gone, the other one is still there, and the error is what the forbidden one explained: the mean of
// (x0·x1)² is 1/9.
if strength bound 0 1 > 0.05 * strength free 0 1 || strength bound 2 3 < 0.8 * strength free 2 3 then
    eprintfn "the prior did not do what it should"
    exit 1
