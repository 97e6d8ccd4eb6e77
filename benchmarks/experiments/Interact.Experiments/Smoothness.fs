/// How far networks bear noise on images, with and without the smoothness prior.
module Interact.Experiments.Smoothness

open System
open System.Globalization
open Interact.Benchmarks
open Interact.Core.Learning
open Interact.Experiments.Images

/// A kind of network for images of a height and a width.
type private Kind = { Name: string; Layers: int -> int -> Layer list }

let private convolution filters strides padding =
    Layer.convolutionWith {
        Layer.convolutionDefaults filters [ 3; 3 ] with
            Strides = strides
            Padding = padding
            Initializer = Initializer.HeUniform
    }

/// Two convolutions and two dense layers, each but the last followed by so many more.
let private convolutional between height width = [
    let strides = if height > 16 then [ 2; 2 ] else [ 1; 1 ]
    Layer.reshape [ 1; height; width ]
    convolution 8 strides Padding.Valid
    yield! between
    convolution 16 [ 2; 2 ] Padding.Valid
    yield! between
    Layer.flatten
    Layer.denseWith Initializer.HeUniform 32
    yield! between
    Layer.dense 10
]

let private kinds = [
    { Name = "convolutional"; Layers = convolutional [ Layer.relu ] }
    { Name = "normalised"; Layers = convolutional [ Layer.batchNormalization; Layer.relu ] }
    {
        Name = "dense"
        Layers =
            fun _ _ -> [
                Layer.denseWith Initializer.HeUniform 64
                Layer.relu
                Layer.denseWith Initializer.HeUniform 32
                Layer.relu
                Layer.dense 10
            ]
    }
]

let private levels = [ 0.0; 0.05; 0.10; 0.15; 0.20; 0.30 ]

/// Accuracies on MNIST at noise of 0, 5, 10, 15 and 20 %. Source: Erion et al. 2021.
let private published = [
    "MNIST, published", "0", [ 0.9952; 0.8767; 0.4905; 0.2160; 0.1208 ]
    "MNIST, published", "prior", [ 0.9951; 0.9871; 0.9128; 0.6941; 0.4070 ]
]

let private train seed epochs (images: ImageSet) kind lambda =
    let network =
        Network.create seed [| images.Height * images.Width |] (kind.Layers images.Height images.Width)

    let options = { AttributionPrior.defaults with Target = PriorTarget.TrueClass }

    let prior = AttributionPrior.smoothness lambda [| images.Height; images.Width |] options

    let training = {
        Training.defaults Loss.softmaxCrossEntropy with
            Epochs = epochs
            Batch = 50
            Penalties = (if lambda > 0.0 then [ prior ] else [])
            Seed = seed
    }

    (Training.run training network images.Training None).Network

let private accuracy (network: Network) (rows: float[][]) (data: TrainingData) =
    let found = (Network.toModel network).Function.Values rows

    Array.map2
        (fun (own: float[]) (target: float[]) -> if Array.IndexOf(own, Array.max own) = int target[0] then 1.0 else 0.0)
        found
        data.Targets
    |> Array.average

let private three (value: float) = value.ToString("0.000", CultureInfo.InvariantCulture)

/// λ with the largest accuracy on validation images with noise of 0.1, of those that lose 0.005 at most without noise.
let private choose epochs (images: ImageSet) kind (lambdas: float list) =
    let seed = 1000
    let noisy = Images.noisy seed 0.1 images.Validation.Inputs

    let judged = [
        for lambda in 0.0 :: lambdas do
            let network = train seed epochs images kind lambda

            lambda,
            accuracy network images.Validation.Inputs images.Validation,
            accuracy network noisy images.Validation
    ]

    let _, clean, _ = judged.Head

    for lambda, own, withNoise in judged do
        eprintfn
            $"{images.Name}, {kind.Name}, λ = {lambda}: {three own} and with noise {three withNoise} of the validation images"

    let allowed = judged.Tail |> List.filter (fun (_, own, _) -> own >= clean - 0.005)

    match allowed with
    | [] -> lambdas.Head
    | allowed ->
        let lambda, _, _ = allowed |> List.maxBy (fun (_, _, withNoise) -> withNoise)
        lambda

/// Accuracies of each seed at each level.
let private judge seeds epochs (images: ImageSet) kind lambda = [
    for seed in seeds ->
        let network = train seed epochs images kind lambda

        [
            for level in levels -> accuracy network (Images.noisy (500 + seed) level images.Test.Inputs) images.Test
        ]
]

/// Trains, prints, and writes the section. Where the folder has no images of clothes, those of 8 x 8 pixels do alone.
///
/// networks: the kinds to train, all where there are none. folder: of fashion-mnist.
let run (networks: string list) (seeds: int list) (epochs: int) (folder: string) (out: string) =
    let kinds = Chosen.among "--networks" (fun kind -> kind.Name) kinds networks
    let clothes = Images.fashion folder

    if clothes.IsNone then
        eprintfn $"{folder} has no fashion-mnist (Debian's package dataset-fashion-mnist); the digits stand alone."

    let subjects = [
        Images.digits (), epochs, [ 1e-4; 3e-4; 1e-3; 3e-3 ]
        match clothes with
        | Some images -> images, max 1 (epochs / 4), [ 1e-5; 3e-5; 1e-4; 3e-4 ]
        | None -> ()
    ]

    let found = [
        for images, epochs, lambdas in subjects do
            for kind in kinds do
                let lambda = choose epochs images kind lambdas

                for lambda in [ 0.0; lambda ] do
                    $"{images.Name}, {kind.Name}", lambda, judge seeds epochs images kind lambda
    ]

    let cells (own: float list list) =
        own
        |> List.transpose
        |> List.map (fun level ->
            if level.Length > 1 then
                $"{three (List.average level)} ± {three (Statistics.deviation level)}"
            else
                three level.Head)

    let noise =
        levels |> List.map (fun level -> (100.0 * level).ToString("0", CultureInfo.InvariantCulture) + " %")

    let chart: Chart.LineChart = {
        Title = "Accuracy against noise, mean over seeds"
        Across = "deviation of the noise, in parts of the range of pixels"
        Up = "accuracy on test images"
        Scale = Chart.Scale.Linear
        Lines = [
            for name, lambda, own in found ->
                {
                    Name = (if lambda = 0.0 then name else $"{name}, prior")
                    Values = own |> List.transpose |> List.map List.average |> List.zip levels
                }
        ]
    }

    let lines = [
        let shown = seeds |> List.map string |> String.concat ", "
        $"Means and standard deviations over seeds {shown}; {Machine.date}."
        ""

        yield!
            Document.table ("images, network" :: "λ" :: noise) [
                for name, lambda, own in found do
                    name
                    :: (if lambda = 0.0 then "0" else lambda.ToString("0.0e-0", CultureInfo.InvariantCulture))
                    :: cells own
                for name, lambda, own in published do
                    name :: lambda :: List.map three own @ [ "-" ]
            ]

        ""
        Chart.lines chart |> Chart.show out "smoothness.svg" "Accuracy against noise"
    ]

    lines |> List.iter (printfn "%s")
    Document.write out "smoothness" lines
