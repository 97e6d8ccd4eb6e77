/// A feature that is given twice: what a prior on squares of attributions makes of the two copies.
module Interact.Experiments.DuplicatedFeature

open System
open System.Globalization
open Interact.Benchmarks
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Learning
open Interact.Experiments.Chart

/// One feature, its column given twice, and what is to be learned from it; both have mean 0.
type Setting = { Feature: float[]; Targets: float[] }

/// Standard normal values, and twice as much with noise of deviation 0.5.
let setting (seed: int) (rows: int) : Setting =
    let generator = Draw.generator seed 0
    let centred (values: float[]) = values |> Array.map (fun value -> value - Array.average values)
    let values = Draw.normals generator rows |> centred
    let noise = Draw.normals generator rows
    { Feature = values; Targets = Array.map2 (fun x e -> 2.0 * x + 0.5 * e) values noise |> centred }

/// What both weights of a linear network become: w = s·a/(2s + λc).
///
/// With f = w₁x + w₂x the loss is s(w₁+w₂-a)² and what cannot be explained, s the mean of x², a = Σxy/Σx². The attributions are φ_i = (x-x')w_i
/// at every point of a path, so the mean of φ₁² + φ₂² is c(w₁²+w₂²), c the mean of (x-x')²: 2s for baselines drawn from the rows, s for
/// the baseline 0. The sum s(w₁+w₂-a)² + λc(w₁²+w₂²) is convex, and its derivatives vanish where w₁ = w₂ and s(2w-a) + λcw = 0.
let closedForm (lambda: float) (squares: float) (setting: Setting) : float =
    let s = setting.Feature |> Array.averageBy (fun x -> x * x)
    let a = (Array.map2 (*) setting.Feature setting.Targets |> Array.average) / s
    s * a / (2.0 * s + lambda * squares)

/// The mean of (x - x')² over all rows x and the rows x' of a background.
let meanSquare (background: float[]) (setting: Setting) : float =
    setting.Feature
    |> Array.averageBy (fun x -> background |> Array.averageBy (fun x' -> (x - x') ** 2.0))

/// The penalty: Σ_i φ_i², the mean over the rows.
let private squares lambda =
    AttributionPrior.custom "squares of attributions" lambda AttributionPrior.defaults (fun phi ->
        Tensor.sum (phi * phi) / float phi.Shape[0])

let private start = [| 1.5; -0.5 |]

let private doubled (setting: Setting) =
    TrainingData.ofNumbers (setting.Feature |> Array.map (fun x -> [| x; x |])) setting.Targets

let private weights (network: Network) =
    let values = network.Parameters[0].Values
    values[0], values[1]

let private options = {
    Training.defaults Loss.squaredError with
        Optimizer = Optimizer.sgd 0.0
        Precision = Precision.Double
        Schedule = Schedule.Cosine 0
        Batch = 1_000_000
}

/// The two weights of a linear network from 1.5 and -0.5 after so many steps of gradient descent on all rows.
let train (lambda: float) (background: float[]) (seed: int) (steps: int) (setting: Setting) : float * float =
    let penalties = if lambda > 0.0 then [ squares lambda ] else []

    let options = {
        options with
            LearningRate = 0.05
            Epochs = steps
            Penalties = penalties
            Background = Some(background |> Array.map (fun x -> [| x; x |]))
            Seed = seed
    }

    let network = Network.create seed [| 2 |] [ Layer.denseWith (Initializer.Values start) 1 ]
    (Training.run options network (doubled setting) None).Network |> weights

/// Mean |φ₁ - φ₂| and mean |φ₁ + φ₂| of a network of three features with tanh, of which two are one, by Expected Gradients.
let private ofNetwork lambda seed epochs (setting: Setting) =
    let generator = Draw.generator seed 1
    let other = Draw.normals generator setting.Feature.Length
    let rows = Array.map2 (fun x z -> [| x; x; z |]) setting.Feature other
    let targets = Array.map2 (fun x z -> sin (1.5 * x) + 0.5 * x * z) setting.Feature other

    let options = {
        options with
            Optimizer = Optimizer.adam
            LearningRate = 5e-3
            Schedule = Schedule.Constant
            Epochs = epochs
            Penalties = (if lambda > 0.0 then [ squares lambda ] else [])
            Seed = seed
    }

    let network = Network.create seed [| 3 |] [ Layer.dense 16; Layer.tanh; Layer.dense 1 ]
    let trained = (Training.run options network (TrainingData.ofNumbers rows targets) None).Network
    let phi = Trained.attributions trained (Array.truncate 40 rows) rows

    phi |> Array.averageBy (fun row -> abs (row[0] - row[1])), phi |> Array.averageBy (fun row -> abs (row[0] + row[1]))

let private digits (value: float) = value.ToString("0.00000", CultureInfo.InvariantCulture)

/// Trains, prints, and writes the section.
let run (rows: int) (steps: int) (seed: int) (out: string) =
    let setting = setting seed rows
    let lambdas = [ 0.0; 0.1; 0.3; 1.0; 3.0 ]

    let table name background =
        let c = meanSquare background setting

        [
            for lambda in lambdas ->
                let first, second = train lambda background seed steps setting
                let expected = closedForm lambda c setting

                [
                    name
                    Document.number lambda
                    digits first
                    digits second
                    (if lambda > 0.0 then digits expected else "any two with this sum: " + digits (2.0 * expected))
                    (if lambda > 0.0 then
                         Document.small (max (abs (first - expected)) (abs (second - expected)))
                     else
                         "-")
                ]
        ]

    let lengths = [ 0.0; 0.02; 0.05; 0.1; 0.15; 0.2; 0.3; 0.4; 0.5; 0.75; 1.0 ]

    let chart: Chart.LineChart = {
        Title = "Two copies of one feature, a network trained so long"
        Across = "steps"
        Up = "weight"
        Scale = Chart.Scale.Linear
        Lines = [
            for lambda in [ 0.0; 0.3; 1.0 ] do
                let points =
                    lengths
                    |> List.map (fun share ->
                        let steps = int (share * float steps)

                        float steps,
                        (if steps = 0 then start[0], start[1] else train lambda setting.Feature seed steps setting))

                let line name choose = {
                    Name = $"{name} copy, λ = {Document.number lambda}"
                    Values = points |> List.map (fun (steps, weights) -> steps, choose weights)
                }

                line "first" fst
                line "second" snd
        ]
    }

    let epochs = [ 20; 100; 300; 1000 ] |> List.map (fun epochs -> max 1 (epochs * steps / 500))

    let lines = [
        $"{rows} rows, {steps} steps on all rows, from the weights 1.5 and -0.5; seed {seed}; {Machine.date}."
        ""
        yield!
            Document.table [
                "baselines"
                "λ"
                "first weight"
                "second weight"
                "closed form, both"
                "largest difference"
            ] [ yield! table "0" [| 0.0 |]; yield! table "drawn from the rows" setting.Feature ]
        ""
        Chart.lines chart
        |> Chart.show out "duplicated-feature.svg" "Weights of the two copies against steps"
        ""
        "A network 3-16-1 with tanh of x, x again and z: mean |φ₁ - φ₂| between the copies' attributions, and mean |φ₁ + φ₂|:"
        ""
        yield!
            Document.table [ "epochs"; "difference, λ = 0"; "sum, λ = 0"; "difference, λ = 0.1"; "sum, λ = 0.1" ] [
                for epochs in epochs ->
                    let without, sumWithout = ofNetwork 0.0 seed epochs setting
                    let with', sumWith = ofNetwork 0.1 seed epochs setting
                    string epochs :: List.map digits [ without; sumWithout; with'; sumWith ]
            ]
    ]

    lines |> List.iter (printfn "%s")
    Document.write out "duplicated-feature" lines
