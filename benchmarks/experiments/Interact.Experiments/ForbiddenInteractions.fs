/// What a prior that forbids interactions takes from a network, and what it leaves.
module Interact.Experiments.ForbiddenInteractions

open System
open System.Globalization
open Interact.Benchmarks
open Interact.Core.Learning

/// A table, and how well a network does on it.
type private Subject = {
    Features: int
    Training: TrainingData
    Validation: TrainingData
    Test: TrainingData
    Loss: Loss
    /// What is forbidden: its name, its pairs, and the penalty.
    Priors: (string * (int * int) list * Penalty list) list
    Quality: string list * (Network -> float list)
}

/// Eight features uniform on (-1, 1), the last two of no use, and sin 2x₀ + x₁² + x₂x₃ + x₄x₅ with noise of deviation 0.1.
let generated (seed: int) (part: int) (rows: int) : TrainingData =
    let generator = Draw.generator seed part
    let inputs = Array.init rows (fun _ -> generator.Array(8, 1.0))

    let targets =
        inputs
        |> Array.map (fun x -> sin (2.0 * x[0]) + x[1] * x[1] + x[2] * x[3] + x[4] * x[5] + 0.1 * Draw.normal generator)

    TrainingData.ofNumbers inputs targets

let private all features = [
    for i in 0 .. features - 1 do
        for j in i + 1 .. features - 1 -> i, j
]

let private defaults = InteractionPrior.defaults

let private ofGenerated seed rows : Subject =
    let test = generated seed 3 2000

    {
        Features = 8
        Training = generated seed 1 rows
        Validation = generated seed 2 500
        Test = test
        Loss = Loss.squaredError
        Priors = [
            "x₂ × x₃, a true one",
            List.singleton (2, 3),
            [ InteractionPrior.pairs 100.0 (List.singleton (2, 3)) defaults ]
            "x₀ × x₁, not a true one",
            List.singleton (0, 1),
            [ InteractionPrior.pairs 100.0 (List.singleton (0, 1)) defaults ]
            "x₂, x₃ with all others",
            List.allPairs [ 2; 3 ] [ 0; 1; 4; 5; 6; 7 ],
            [ InteractionPrior.between 100.0 [ 2; 3 ] [ 0; 1; 4; 5; 6; 7 ] defaults ]
            "all, each pair", all 8, [ InteractionPrior.all 100.0 defaults ]
            "all, estimated", all 8, [ InteractionPrior.estimated 100.0 defaults ]
        ]
        Quality = [ "RMSE, test" ], fun network -> [ Trained.rootMeanSquaredError network test ]
    }

let private churn = Files.ofRepository "benchmarks/experiments/churn/mlc_churn.csv"

/// Columns that the other experiment on this table leaves out too.
let private isLeftOut (name: string) =
    name.StartsWith("state ", StringComparison.Ordinal)
    || name.EndsWith("charge", StringComparison.Ordinal)
    || name.EndsWith(" no", StringComparison.Ordinal)

let private ofChurn seed rows : Subject =
    let table = Columns.read churn ("churn", "yes") |> Columns.without isLeftOut
    let split = Columns.split seed rows 1000 table
    let column name = Array.IndexOf(table.Names, name)
    let day, evening = column "total_day_minutes", column "total_eve_minutes"
    let plan = [ column "voice_mail_plan yes"; column "number_vmail_messages" ]
    let minutes = [ "day"; "eve"; "night"; "intl" ] |> List.map (fun part -> column $"total_{part}_minutes")

    {
        Features = table.Names.Length
        Training = split.Training
        Validation = split.Validation
        Test = split.Test
        Loss = Loss.binaryCrossEntropy
        Priors = [
            for lambda in [ 0.3; 3.0 ] do
                $"day minutes × evening minutes, λ = {lambda}",
                List.singleton (day, evening),
                [ InteractionPrior.pairs lambda (List.singleton (day, evening)) defaults ]
            "voice mail (2 columns) with minutes (4 columns)",
            List.allPairs plan minutes,
            [ InteractionPrior.between 3.0 plan minutes defaults ]
            "all, estimated", all table.Names.Length, [ InteractionPrior.estimated 3.0 defaults ]
        ]
        Quality =
            [ "ROC-AUC, test"; "accuracy, test" ],
            fun network -> [ Trained.areaUnderCurve network split.Test; Trained.accuracy network split.Test ]
    }

/// Mean |Γ_ij| of the forbidden pairs and of the others.
let private sizes features forbidden (matrix: float[,]) =
    let forbidden = forbidden |> List.map (fun (i, j) -> min i j, max i j) |> set
    let inside, outside = all features |> List.partition forbidden.Contains
    let mean pairs = if List.isEmpty pairs then nan else pairs |> List.averageBy (fun (i, j) -> matrix[i, j])
    mean inside, mean outside

let private train seed epochs (subject: Subject) penalties =
    let network =
        Network.create seed [| subject.Features |] [
            Layer.dense 32
            Layer.gelu
            Layer.dense 16
            Layer.gelu
            Layer.dense 1
        ]

    let options = {
        Training.defaults subject.Loss with
            LearningRate = 3e-3
            Batch = 50
            Epochs = epochs
            Penalties = penalties
            Seed = seed
    }

    (Training.run options network subject.Training (Some subject.Validation)).Network

let private four (value: float) =
    if Double.IsNaN value then "-" else value.ToString("0.0000", CultureInfo.InvariantCulture)

/// For each prior: mean |Γ_ij| of forbidden and other pairs without and with the prior, and how well the network does, without and with.
let private judge seeds epochs explained (subject: int -> Subject) =
    let found = [
        for seed in seeds do
            let subject = subject seed
            let rows = subject.Test.Inputs |> Array.truncate explained
            let plain = train seed epochs subject []
            let before = Trained.meanInteractions plain rows
            let quality = snd subject.Quality

            for name, pairs, penalties in subject.Priors do
                let trained = train seed epochs subject penalties
                let after = Trained.meanInteractions trained rows
                let inside, outside = sizes subject.Features pairs before
                let insideAfter, outsideAfter = sizes subject.Features pairs after

                name,
                [
                    inside
                    insideAfter
                    outside
                    outsideAfter
                    yield!
                        List.collect
                            id
                            (List.zip (quality plain) (quality trained) |> List.map (fun (a, b) -> [ a; b ]))
                ]
    ]

    let names = fst (subject (List.head seeds)).Quality

    Document.table [
        "forbidden"
        "forbidden pairs, without"
        "with"
        "left"
        "other pairs, without"
        "with"
        for name in names do
            $"{name}, without"
            "with"
    ] [
        for name, own in found |> List.groupBy fst ->
            let means = own |> List.map snd |> List.transpose |> List.map List.average

            [
                name
                four means[0]
                four means[1]
                (100.0 * means[1] / means[0]).ToString("0.0", CultureInfo.InvariantCulture) + " %"
                four means[2]
                four means[3]
                for value in means[4..] do
                    Document.three value
            ]
    ]

/// Trains, explains, prints, and writes the section.
let run (seeds: int list) (rows: int) (epochs: int) (explained: int) (out: string) =
    let lines = [
        let shown = seeds |> List.map string |> String.concat ", "
        $"Means over seeds {shown}; {rows} training rows, {epochs} epochs, {explained} test rows explained by Integrated Hessians (baseline zeros), mean |Γ_ij|; {Machine.date}."
        ""
        "**Generated**"
        ""
        yield! judge seeds epochs explained (fun seed -> ofGenerated seed rows)
        ""
        "**Customers**"
        ""
        yield! judge seeds epochs explained (fun seed -> ofChurn seed rows)
    ]

    lines |> List.iter (printfn "%s")
    Document.write out "forbidden-interactions" lines
