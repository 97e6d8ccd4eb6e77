/// Learning from a hundred rows: the sparsity prior, an L1 penalty, and nothing.
module Interact.Experiments.Sparsity

open System.Globalization
open Interact.Benchmarks
open Interact.Core.Learning

/// A table of the repository: its name, its file, the column to be found and the word of the class.
let private tables = [
    "churn", "churn/mlc_churn.csv", ("churn", "yes")
    "attrition", "sparsity/attrition.csv", ("Attrition", "Yes")
    "credit", "sparsity/credit_data.csv", ("Status", "bad")
]

let private trainingRows = 100

/// A method of learning: its name, the first values of the first layer, and its penalties for every λ that may be chosen.
type private Method = { Name: string; First: Initializer; Penalties: (float * Penalty list) list }

let private small = Initializer.Normal 0.01

let private prior lambda = AttributionPrior.sparsity lambda { AttributionPrior.defaults with Samples = 2 }

let private weights lambda = Penalty.l1 lambda (fun name -> name = "dense1.weight")

let private choices lambdas (penalty: float -> Penalty) =
    lambdas |> List.map (fun lambda -> lambda, List.singleton (penalty lambda))

let private methods = [
    { Name = "nothing"; First = small; Penalties = [ (0.0, []) ] }
    { Name = "nothing, He initialisation"; First = Initializer.HeUniform; Penalties = [ (0.0, []) ] }
    { Name = "L1"; First = small; Penalties = choices [ 0.003; 0.01; 0.03 ] weights }
    { Name = "sparsity prior"; First = small; Penalties = choices [ 0.1; 0.2; 0.4; 0.8 ] prior }
]

let private train seed first penalties epochs (data: TrainingData) =
    let network =
        Network.create seed [| data.Inputs[0].Length |] [
            Layer.denseWith first 64
            Layer.relu
            Layer.denseWith Initializer.HeUniform 32
            Layer.relu
            Layer.dense 1
        ]

    let options = {
        Training.defaults Loss.binaryCrossEntropy with
            Batch = trainingRows
            Epochs = epochs
            Penalties = penalties
            Seed = seed
    }

    (Training.run options network data None).Network

/// λ and epochs with the largest mean area under the curve over splits.
let private choose (lengths: int list) (splits: (int * Columns.Split) list) (own: Method) =
    List.allPairs own.Penalties lengths
    |> List.maxBy (fun ((_, penalties), epochs) ->
        splits
        |> List.averageBy (fun (seed, split) ->
            Trained.areaUnderCurve (train seed own.First penalties epochs split.Training) split.Test))

/// Area under the curve, and the Gini coefficient of the mean |EG| over test rows against training rows.
let private judge own penalties epochs (seed, split: Columns.Split) =
    let network = train seed own.First penalties epochs split.Training
    let rows = split.Test.Inputs |> Array.truncate 25
    let background = split.Training.Inputs |> Array.truncate 20

    Trained.areaUnderCurve network split.Test,
    Trained.attributions network rows background |> Trained.meanSizes |> Statistics.gini

let private three (value: float) = value.ToString("0.000", CultureInfo.InvariantCulture)
let private signed (value: float) = value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture)
let private probability (p: float) = if p < 1e-15 then "< 1e-15" else Document.small p

/// The lines of a table, and the areas of each method.
let private ofTable repeats development lengths (name, file, label) =
    let table = Columns.read (Files.ofRepository ("benchmarks/experiments/" + file)) label
    let split seed = seed, Columns.split seed trainingRows 0 table
    let others = [ for seed in 1000 .. 999 + development -> split seed ]

    let found = [
        for own in methods do
            let (lambda, penalties), epochs = choose lengths others own
            let judged = [ for seed in 0 .. repeats - 1 -> split seed |> judge own penalties epochs ]
            own.Name, lambda, epochs, List.map fst judged, List.map snd judged
    ]

    let _, _, _, nothing, _ = found.Head

    let rows = [
        for method, lambda, epochs, areas, ginis in found ->
            let difference, p = Statistics.pairedTest areas nothing

            [
                $"{name}: {method}"
                (if lambda = 0.0 then "-" else Document.number lambda)
                string epochs
                $"{three (List.average areas)} ± {three (Statistics.deviation areas)}"
                three (List.average ginis)
                (if method = "nothing" then "-" else signed difference)
                (if method = "nothing" then "-" else probability p)
            ]
    ]

    let share = Array.average table.Labels

    let described =
        $"{name}: {table.Rows.Length} rows, {table.Names.Length} columns, {Document.percent share} of the class"

    rows, described, (name, [ for method, _, _, areas, _ in found -> method, List.average areas ])

/// Chooses, trains, prints, and writes the section.
///
/// chosen: the tables to learn from, all where there are none. repeats, development: numbers of splits to judge and to choose by. lengths: numbers of epochs to choose from.
let run (chosen: string list) (repeats: int) (development: int) (lengths: int list) (out: string) =
    let found =
        Chosen.among "--tables" (fun (name, _, _) -> name) tables chosen
        |> List.map (ofTable repeats development lengths)

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
        $"{described}. {repeats} random splits: 100 training rows, all others to test on; λ and epochs chosen on {development} other splits; {Machine.date}."
        ""
        yield!
            Document.table
                [
                    "table and penalty"
                    "λ"
                    "epochs"
                    "ROC-AUC"
                    "Gini of mean abs(EG)"
                    "ROC-AUC more than nothing"
                    "p"
                ]
                (found |> List.collect (fun (rows, _, _) -> rows))
        ""
        Chart.bars chart |> Chart.show out "sparsity.svg" "ROC-AUC of networks that learned from 100 rows"
    ]

    lines |> List.iter (printfn "%s")
    Document.write out "sparsity" lines
