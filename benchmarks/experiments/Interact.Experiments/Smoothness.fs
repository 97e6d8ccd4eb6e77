/// How far networks bear noise on images, with and without the smoothness prior.
module Interact.Experiments.Smoothness

open System
open System.Collections.Concurrent
open System.Globalization
open System.Threading.Tasks
open Interact.Benchmarks
open Interact.Core.Learning
open Interact.Experiments.Images

/// A kind of network: what stands between a linear layer and its activation.
type private Kind = { Name: string; Between: Layer list }

let private kinds = [
    { Name = "normalised"; Between = [ Layer.batchNormalization ] }
    { Name = "convolutional"; Between = [] }
]

/// Two convolutions of 5 x 5 and a dense layer. Source: the network of Erion et al. 2021 with a quarter of its filters, an eighth of its
/// units, and no dropout.
let private layers height width kind = [
    let convolution filters =
        Layer.convolutionWith { Layer.convolutionDefaults filters [ 5; 5 ] with Initializer = Initializer.HeUniform }

    Layer.reshape [ 1; height; width ]

    for filters in [ 8; 16 ] do
        convolution filters
        yield! kind.Between
        Layer.relu
        Layer.maxPooling [ 2; 2 ]

    Layer.flatten
    Layer.denseWith Initializer.HeUniform 128
    yield! kind.Between
    Layer.relu
    Layer.dense 10
]

/// Images, how often training goes through them, and among which weights of the prior it chooses.
type private Subject = { Images: ImageSet; Epochs: int; Lambdas: float list }

/// A network to train.
type private Job = { Subject: Subject; Kind: Kind; Lambda: float; Seed: int }

let private name job = $"{job.Subject.Images.Name}, {job.Kind.Name}"

let private train job =
    let images = job.Subject.Images

    let network =
        Network.create job.Seed [| images.Height * images.Width |] (layers images.Height images.Width job.Kind)

    let options = { AttributionPrior.defaults with Target = PriorTarget.TrueClass }

    let training = {
        Training.defaults Loss.softmaxCrossEntropy with
            Epochs = job.Subject.Epochs
            Batch = 50
            Schedule = Schedule.Cosine 0
            Penalties = [
                if job.Lambda > 0.0 then
                    AttributionPrior.smoothness job.Lambda [| images.Height; images.Width |] options
            ]
            Seed = job.Seed
    }

    (Training.run training network images.Training None).Network

/// Results in the order of the jobs, two at a time.
let private atOnce (work: Job -> 'Result) (jobs: Job list) : (Job * 'Result) list =
    let results = ConcurrentDictionary<int, 'Result>()
    let queue = Partitioner.Create(List.indexed jobs, EnumerablePartitionerOptions.NoBuffering)

    Parallel.ForEach(
        queue,
        ParallelOptions(MaxDegreeOfParallelism = 2),
        Action<int * Job>(fun (number, job) -> results[number] <- work job)
    )
    |> ignore

    jobs |> List.mapi (fun number job -> job, results[number])

let private accuracy (network: Network) (rows: float[][]) (data: TrainingData) =
    let found = (Network.toModel network).Function.Values rows

    Array.map2
        (fun (own: float[]) (target: float[]) -> if Array.IndexOf(own, Array.max own) = int target[0] then 1.0 else 0.0)
        found
        data.Targets
    |> Array.average

let private weight (lambda: float) =
    if lambda = 0.0 then "0" else lambda.ToString("0.0e-0", CultureInfo.InvariantCulture)

let private levels = [ 0.0; 0.05; 0.10; 0.15; 0.20; 0.30 ]
let private normalLevels = [ 0.1; 0.2; 0.3 ]

/// What is found of one network.
type private Judged = {
    /// Accuracy on validation images without noise, and with 10 % of salt and pepper.
    Validation: float * float
    /// Accuracies on test images with salt and pepper at each level.
    SaltAndPepper: float list
    /// And with normal noise at each of its levels.
    Normal: float list
}

let private judge job =
    let network, own, test = train job, job.Subject.Images.Validation, job.Subject.Images.Test
    let seed = 500 + job.Seed

    let under noise = List.map (fun level -> accuracy network (Images.noisy noise seed level test.Inputs) test)

    let found = {
        Validation =
            accuracy network own.Inputs own,
            accuracy network (Images.noisy Noise.SaltAndPepper (seed + 500) 0.1 own.Inputs) own
        SaltAndPepper = under Noise.SaltAndPepper levels
        Normal = under Noise.Normal normalLevels
    }

    let shown = found.SaltAndPepper |> List.map Document.three |> String.concat " "
    eprintfn $"{name job}, λ = {weight job.Lambda}, seed {job.Seed}: {shown}"
    found

/// Accuracies on MNIST at noise of 0, 5, 10, 15 and 20 %. Source: Erion et al. 2021.
let private published = [
    "MNIST, published", "0", [ 0.9952; 0.8767; 0.4905; 0.2160; 0.1208 ]
    "MNIST, published", "prior", [ 0.9951; 0.9871; 0.9128; 0.6941; 0.4070 ]
]

let private spread (show: float -> string) (values: float list) =
    if values.Length > 1 then
        $"{show (List.average values)} ± {Document.three (Statistics.deviation values)}"
    else
        show values.Head

/// Results of all seeds under one λ.
type private Row = { Name: string; Lambda: float; Found: Judged list; IsChosen: bool }

/// The λ with the largest accuracy on validation images with noise of those that lose 0.005 at most without noise, both in the mean over seeds; the
/// smallest where all lose more.
let private choose (judged: (float * Judged list) list) : float =
    let mean part (own: Judged list) = own |> List.averageBy (fun one -> part one.Validation)
    let clean = judged |> List.find (fun (lambda, _) -> lambda = 0.0) |> snd |> mean fst
    let tried = judged |> List.filter (fun (lambda, _) -> lambda > 0.0)
    // As many images, whatever rounding says.
    let allowed = tried |> List.filter (fun (_, own) -> mean fst own >= clean - 0.005 - 1e-9)

    match allowed with
    | [] -> tried |> List.map fst |> List.min
    | allowed -> allowed |> List.maxBy (fun (_, own) -> mean snd own) |> fst

let private shownWeight (row: Row) = weight row.Lambda + (if row.IsChosen then " (chosen)" else "")

let private accuracyTable (rows: Row list) =
    Document.table ("images, network" :: "λ" :: List.map Document.percent levels) [
        for row in rows do
            let own = row.Found |> List.map _.SaltAndPepper |> List.transpose |> List.map (spread Document.three)
            row.Name :: shownWeight row :: own
        for name, lambda, own in published do
            name :: lambda :: List.map Document.three own @ [ "-" ]
    ]

/// What the prior changes, each seed against itself.
let private changeTable (rows: Row list) =
    let shown = [ 0.0; 0.10; 0.20 ]

    let header =
        List.map Document.percent shown
        @ (normalLevels |> List.map (fun level -> $"normal, {Document.percent level}"))

    Document.table ("images, network" :: "λ" :: header) [
        for _, own in rows |> List.groupBy _.Name do
            let without = own |> List.find (fun row -> row.Lambda = 0.0)

            for row in own |> List.filter (fun row -> row.Lambda > 0.0) do
                let change (value: Judged -> float) =
                    List.map2 (fun own other -> value own - value other) row.Found without.Found
                    |> spread Document.signed

                [
                    row.Name
                    shownWeight row
                    for level in shown do
                        change (fun one -> one.SaltAndPepper[List.findIndex ((=) level) levels])
                    for number in 0 .. normalLevels.Length - 1 do
                        change (fun one -> one.Normal[number])
                ]
    ]

let private chart (rows: Row list) : Chart.LineChart = {
    Title = "Accuracy against salt and pepper, mean over seeds"
    Across = "probability that a pixel is changed"
    Up = "accuracy on test images"
    Scale = Chart.Scale.Linear
    Lines = [
        for row in rows |> List.filter (fun row -> row.Lambda = 0.0 || row.IsChosen) do
            {
                Name = (if row.Lambda = 0.0 then row.Name else $"{row.Name}, prior")
                Values =
                    row.Found |> List.map _.SaltAndPepper |> List.transpose |> List.map List.average |> List.zip levels
            }
        for name, lambda, own in published do
            {
                Name = (if lambda = "0" then name else $"{name}, prior")
                Values = List.zip (List.take own.Length levels) own
            }
    ]
}

/// Trains, prints, and writes the section. Where the folder has no images of clothes, the others do alone.
///
/// images: the subjects, all where there are none. networks: the kinds to train, normalised ones where there are none. epochs: how often
/// training goes through the digits; twice as often through MNIST, and ten times through clothes, of which a set is smaller as it has no moved images.
/// fashion: the folder of fashion-mnist. mnist: of the test images of MNIST, if they are wanted.
/// Error: InvalidOperationException where MNIST is wanted and not there.
let run
    (images: string list)
    (networks: string list)
    (seeds: int list)
    (epochs: int)
    (fashion: string)
    (mnist: string option)
    (out: string)
    =
    let kinds =
        Chosen.among
            "--networks"
            (fun (kind: Kind) -> kind.Name)
            kinds
            (if networks.IsEmpty then [ kinds.Head.Name ] else networks)

    let clothes () =
        let found = Images.fashion fashion

        if found.IsNone then
            eprintfn
                $"{fashion} has no fashion-mnist (Debian's package dataset-fashion-mnist); the others stand without it."

        found
        |> Option.map (fun images -> { Images = images; Epochs = 10 * epochs; Lambdas = [ 5e-4; 8e-4; 1.2e-3 ] })

    let subjects =
        [
            "digits",
            fun () ->
                Some {
                    Images = Images.digits () |> Images.shifted 0 1 30
                    Epochs = epochs
                    Lambdas = [ 3e-3; 1e-2; 2e-2 ]
                }
            "clothes", clothes
            "mnist",
            fun () ->
                mnist
                |> Option.map (fun folder -> {
                    Images = Images.mnist folder |> Images.shifted 0 2 5
                    Epochs = 2 * epochs
                    Lambdas = [ 5e-4; 8e-4; 1.2e-3 ]
                })
        ]
        |> fun all -> Chosen.among "--images" fst all images
        |> List.choose (fun (_, load) -> load ())

    if subjects.IsEmpty then
        invalidOp
            "There are no images to learn from; give --mnist or --folder a folder that has them, or leave out --images."

    let found =
        [
            for subject, kind in List.allPairs subjects kinds do
                for lambda in 0.0 :: subject.Lambdas do
                    for seed in seeds -> { Subject = subject; Kind = kind; Seed = seed; Lambda = lambda }
        ]
        |> atOnce judge

    let rows = [
        for name, own in found |> List.groupBy (fst >> name) do
            let judged =
                own
                |> List.groupBy (fun (job, _) -> job.Lambda)
                |> List.map (fun (lambda, own) -> lambda, List.map snd own)

            let chosen = choose judged

            for lambda, own in judged do
                { Name = name; Lambda = lambda; Found = own; IsChosen = (lambda = chosen) }
    ]

    let lines = [
        let shown = seeds |> List.map string |> String.concat ", "
        $"Accuracy on test images with salt and pepper: means and standard deviations over seeds {shown}; {Machine.date}."
        ""
        yield! accuracyTable rows
        ""
        "What the prior changes, each seed's network with it against the same without:"
        ""
        yield! changeTable rows
        ""

        chart rows |> Chart.lines |> Chart.show out "smoothness.svg" "Accuracy against noise"
    ]

    lines |> List.iter (printfn "%s")
    Document.write out "smoothness" lines
