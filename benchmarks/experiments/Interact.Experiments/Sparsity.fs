/// Learning from a hundred rows: the sparsity prior, L1 penalties, and nothing.
module Interact.Experiments.Sparsity

open System
open System.Threading.Tasks
open Interact.Benchmarks
open Interact.Core.Learning

/// A table of the repository: its name, its file, the column to be found and the word of the class, and how many splits are judged.
let private tables = [
    "grants", "sparsity/grants.csv.gz", ("class", "successful"), 100
    "churn", "churn/mlc_churn.csv", ("churn", "yes"), 40
    "attrition", "sparsity/attrition.csv", ("Attrition", "Yes"), 40
    "credit", "sparsity/credit_data.csv", ("Status", "bad"), 40
]

/// Training rows, as many validation rows, and the share of rows in which a column must differ from zero: one of the training rows.
let private trainingRows, validationRows, rare = 100, 100, 0.01

let private hidden = [ 64; 32 ]

/// A method of learning: its name, and the values of λ of which one is chosen for each split, with what is added to the loss.
type private Method = { Name: string; Penalties: (float * (Network -> Penalty list)) list }

let private isWeight (name: string) = name.EndsWith ".weight"

/// λ times the mean magnitude of the chosen parameters.
let private meanSize chosen lambda (network: Network) =
    let count =
        network.Parameters
        |> Seq.filter (fun parameter -> chosen parameter.Name)
        |> Seq.sumBy _.Values.Length

    Penalty.l1 (lambda / float count) chosen

let private prior samples lambda (_: Network) =
    AttributionPrior.sparsity lambda { AttributionPrior.defaults with Samples = samples }

let private choices lambdas (penalty: float -> Network -> Penalty) =
    lambdas |> List.map (fun lambda -> lambda, fun network -> [ penalty lambda network ])

let private nothing = "nothing"
let private first = "L1, first layer"

let private methods samples = [
    { Name = nothing; Penalties = [ 0.0, (fun _ -> []) ] }
    {
        Name = first
        Penalties = meanSize ((=) "dense1.weight") |> choices [ 10.0; 30.0; 100.0; 300.0; 1000.0 ]
    }
    {
        Name = "L1, all layers"
        Penalties = meanSize isWeight |> choices [ 10.0; 30.0; 100.0; 300.0; 1000.0 ]
    }
    { Name = "sparsity prior"; Penalties = prior samples |> choices [ 0.03; 0.1; 0.3; 1.0; 3.0 ] }
]

/// Weights uniform on ±1/√(fan in), the start of PyTorch's linear layers.
let private start seed features =
    Network.create seed [| features |] [
        for fanIn, units in List.pairwise (features :: hidden) do
            Layer.denseWith (Initializer.Uniform(1.0 / sqrt (float fanIn))) units
            Layer.relu
        Layer.denseWith (Initializer.Uniform(1.0 / sqrt (float (List.last hidden)))) 1
    ]

/// The network of the best epoch, and its area under the curve of the validation rows.
let private train seed epochs (split: Columns.Split) (penalties: Network -> Penalty list) =
    let network = start seed split.Training.Inputs[0].Length

    let options = {
        Training.defaults Loss.binaryCrossEntropy with
            Batch = trainingRows
            LearningRate = 0.003
            Epochs = epochs
            Measure = Some ValidationMeasure.rocAuc
            Penalties = penalties network
            Seed = seed
    }

    let result = Training.run options network split.Training (Some split.Validation)
    result.Network, result.History |> List.map _.ValidationMeasure |> List.max

/// What one split gives for one method.
type private Judged = { Lambda: float; Area: float; Gini: float }

/// λ by the validation rows; area under the curve of the test rows, Gini coefficient of the mean |EG| of 25 of them against 20 training rows.
let private judge seed epochs (split: Columns.Split) (own: Method) : Judged =
    let lambda, (network, _) =
        own.Penalties
        |> List.map (fun (lambda, penalties) -> lambda, train seed epochs split penalties)
        |> List.maxBy (fun (_, (_, area)) -> area)

    let rows = split.Test.Inputs |> Array.truncate 25
    let background = split.Training.Inputs |> Array.truncate 20

    {
        Lambda = lambda
        Area = Trained.areaUnderCurve network split.Test
        Gini = Trained.sampledAttributions 4 network rows background |> Trained.meanSizes |> Statistics.gini
    }

let private probability (p: float) = if p < 1e-15 then "< 1e-15" else Document.small p

let private median (values: float list) = (List.sort values)[values.Length / 2]

/// The lines of a table, and the areas of each method.
let private ofTable from repeats epochs threads methods (name, file, label, usual) =
    let splits = List.init (Option.defaultValue usual repeats) (fun i -> from + i)

    let table =
        Columns.read (Files.ofRepository ("benchmarks/experiments/" + file)) label
        |> Columns.withoutRare rare

    let judged = Array.zeroCreate<Judged list> splits.Length

    Parallel.For(
        0,
        splits.Length,
        ParallelOptions(MaxDegreeOfParallelism = threads),
        fun i ->
            let split = Columns.split splits[i] trainingRows validationRows table
            judged[i] <- methods |> List.map (judge splits[i] epochs split)
    )
    |> ignore

    let found =
        methods
        |> List.mapi (fun place own -> own.Name, judged |> Array.map (List.item place) |> List.ofArray)

    let areas name = found |> List.find (fun (own, _) -> own = name) |> snd |> List.map _.Area

    let compared own other =
        if own = other then
            [ "-"; "-" ]
        else
            let difference, p = Statistics.pairedTest (areas own) (areas other)
            [ Document.signed difference; probability p ]

    let rows = [
        for method, own in found ->
            [
                $"{name}: {method}"
                (if method = nothing then "-" else own |> List.map _.Lambda |> median |> Document.number)
                $"{Document.three (List.average (areas method))} ± {Document.three (Statistics.deviation (areas method))}"
                own |> List.averageBy _.Gini |> Document.three
                yield! compared method nothing
                yield! compared method first
            ]
    ]

    let share = Array.average table.Labels

    let described =
        $"{name}: {table.Rows.Length} rows, {table.Names.Length} columns, {Document.percent share} of the class, {splits.Length} splits"

    // As soon as a table is done.
    rows |> List.iter (String.concat " | " >> eprintfn "%s")
    rows, described, (name, [ for method, _ in found -> method, List.average (areas method) ])

/// Trains, judges, prints, and writes the section.
///
/// chosen: the tables to learn from, all where there are none. from: the number of the first split. repeats: how many, each table's own
/// number where there is none. samples: baselines
/// that the prior draws for a row at a step. threads: how many splits are worked on at once.
let run
    (chosen: string list)
    (from: int)
    (repeats: int option)
    (epochs: int)
    (samples: int)
    (threads: int)
    (out: string)
    =
    let methods = methods samples
    let clock = Diagnostics.Stopwatch.StartNew()

    let found =
        Chosen.among "--tables" (fun (name, _, _, _) -> name) tables chosen
        |> List.map (ofTable from repeats epochs threads methods)

    let described = found |> List.map (fun (_, described, _) -> described) |> String.concat "; "
    let areas = found |> List.map (fun (_, _, areas) -> areas)

    let chart: Chart.BarChart = {
        Title = "Learning from 100 rows"
        Across = "ROC-AUC of the other rows"
        From = 0.5
        To = 0.8
        Groups = areas |> List.map fst
        Bars = [
            for method in methods ->
                {
                    Name = method.Name
                    Values =
                        areas
                        |> List.map (fun (_, own) -> own |> List.find (fun (name, _) -> name = method.Name) |> snd)
                }
        ]
    }

    let lines = [
        $"{described}. Random splits: {trainingRows} training rows, {validationRows} validation rows, all others to test on; {samples} baselines a row and step in the prior; {Machine.date}."
        ""
        yield!
            Document.table
                [
                    "table and penalty"
                    "λ, median"
                    "ROC-AUC"
                    "Gini of mean abs(EG)"
                    "more than nothing"
                    "p"
                    "more than L1, first layer"
                    "p"
                ]
                (found |> List.collect (fun (rows, _, _) -> rows))
        ""
        Chart.bars chart |> Chart.show out "sparsity.svg" "ROC-AUC of networks that learned from 100 rows"
    ]

    lines |> List.iter (printfn "%s")
    printfn $"{clock.Elapsed.TotalMinutes:F1} minutes"
    Document.write out "sparsity" lines
