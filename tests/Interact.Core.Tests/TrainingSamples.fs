/// Examples, a network and options that tests of training share.
module internal Interact.Core.Tests.TrainingSamples

open System
open Interact.Core.Learning
open Interact.Core.Tests.Numbers

/// Pseudo-random numbers on (-1, 1).
let numbers (seed: int) (count: int) = uniform (Random seed) count

let sine count =
    let inputs = Array.init count (fun i -> numbers i 2)
    TrainingData.ofNumbers inputs (inputs |> Array.map (fun x -> sin (3.0 * x[0]) * x[1]))

let small = Network.create 1 [| 2 |] [ Layer.dense 16; Layer.tanh; Layer.dropout 0.1; Layer.dense 1 ]

let options = {
    Training.defaults Loss.squaredError with
        Epochs = 6
        Batch = 7
        LearningRate = 0.02
        Seed = 3
        Schedule = Schedule.Cosine 1
        GradientNorm = Some 1.0
}
