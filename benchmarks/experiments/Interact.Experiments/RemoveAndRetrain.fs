/// How fast a network loses what it predicts when the pairs that a ranking puts first are removed from the data.
module Interact.Experiments.RemoveAndRetrain

open System
open System.Diagnostics
open System.IO
open Interact.Benchmarks
open Interact.Core

let private kinds = [ "product"; "maximum"; "minimum"; "cosine"; "tanh" ]

let private choice = { Derivatives = 200; Explained = 200; Averaged = 60; Background = 30; Tolerance = 1e-4 }

/// Our rankings, by the names of their files; the networks have ReLU, so kinks are exact where nothing else is said.
let private rankings = [
    "integrated-hessians-exact", PairRanking.integratedHessians choice
    "expected-hessians", PairRanking.expectedHessians choice
    "second-derivatives", PairRanking.secondDerivatives choice |> PairRanking.smoothed 10.0
    "mixed-differences", PairRanking.mixedDifferences 2 choice
    "shapley-interactions", PairRanking.shapleyInteractions choice
    "weights-alone", PairRanking.weights
]

/// Rankings that the script makes: by the true standard deviation of each pair's term, and by chance.
let private limits = [ "truth"; "random" ]

let private script =
    Files.ofRepository "benchmarks/experiments/remove-and-retrain/remove_and_retrain.py"

/// Runs the script. Error: InvalidOperationException where it does not end well.
let private python (interpreter: string) (arguments: string list) =
    let start = ProcessStartInfo(interpreter, script :: arguments)
    // One thread, so that results do not depend on the machine's cores.
    start.Environment["OPENBLAS_NUM_THREADS"] <- "1"
    start.Environment["OMP_NUM_THREADS"] <- "1"

    use running =
        try
            Process.Start start |> Option.ofObj |> Option.get
        with :? ComponentModel.Win32Exception as problem ->
            invalidOp $"{interpreter}: {problem.Message}; give a Python with PyTorch and onnx by --python."

    running.WaitForExit()

    if running.ExitCode <> 0 then
        invalidOp
            $"{interpreter} {Path.GetFileName script} ended with exit code {running.ExitCode}; it needs PyTorch and onnx."

/// Writes a ranking beside the errors that were measured with it; of another ranking they are removed.
let private writeRanking (path: string) (errors: string) (ranked: RankedSet[]) =
    let before = if File.Exists path then File.ReadAllText path else ""

    Folder.write path [
        "first,second,value"
        for pair in ranked do
            $"{pair.Members[0]},{pair.Members[1]},{string pair.Strength}"
    ]

    if File.ReadAllText path <> before then File.Delete errors

/// The mean squared errors for each number of removed pairs.
let private readErrors (path: string) = Folder.rows path |> Array.map (fun row -> row[1]) |> List.ofArray

let private describe name =
    match rankings |> List.tryFind (fun (file, _) -> file = name) with
    | Some(_, ranking) -> ranking.Name
    | None when name = "truth" -> "the true strengths"
    | None -> "chance"

/// Prepares, ranks, retrains, prints, and writes the section. What a folder holds already is not made again.
let run (interpreter: string) (folder: string) (repeats: int) (out: string) (csv: string) =
    let names = limits @ List.map fst rankings

    for kind in kinds do
        let own = Path.Combine(folder, kind)

        if not (File.Exists(Path.Combine(own, "setting.json"))) then
            python interpreter [ "prepare"; kind; own ]

        let model = Path.Combine(own, "network.onnx") |> Folder.model
        let rows = Path.Combine(own, "rows.npy") |> Folder.rows

        for name, ranking in rankings do
            ranking.Rank model rows
            |> writeRanking (Path.Combine(own, name + ".csv")) (Path.Combine(own, name + ".errors.csv"))

    let errors = [
        for kind in kinds do
            for name in names do
                let file ending = Path.Combine(folder, kind, name + ending)

                if not (File.Exists(file ".errors.csv")) then
                    python interpreter [
                        "measure"
                        Path.Combine(folder, kind)
                        file ".csv"
                        "--out"
                        file ".errors.csv"
                        "--repeats"
                        string repeats
                    ]

                (kind, name), readErrors (file ".errors.csv")
    ]

    Folder.write csv [
        "kind,ranking,removed,error"
        for (kind, name), own in errors do
            for removed, error in List.indexed own do
                $"{kind},{name},{removed},{string error}"
    ]

    let found = Map errors
    let mean kind name = List.average found[kind, name]

    let table =
        Document.table ("ranking" :: kinds @ [ "mean" ]) [
            for name in names ->
                let own = kinds |> List.map (fun kind -> mean kind name)
                describe name :: List.map Document.three (own @ [ List.average own ])
        ]

    let chart: Chart.LineChart = {
        Title = "Remove and retrain, mean of the five kinds"
        Across = "removed pairs"
        Up = "mean squared error on test rows"
        Scale = Chart.Scale.Linear
        Lines = [
            for name in names ->
                {
                    Name = describe name
                    Values =
                        kinds
                        |> List.map (fun kind -> found[kind, name])
                        |> List.transpose
                        |> List.mapi (fun removed errors -> float removed, List.average errors)
                }
        ]
    }

    let lines = [
        $"The mean error over 0 to 45 removed pairs, {repeats} draw(s) of what takes a removed pair's place; larger is better. {Machine.date}."
        ""
        yield! table
        ""
        Chart.lines chart
        |> Chart.show out "remove-and-retrain.svg" "Error against the number of removed pairs"
    ]

    lines |> List.iter (printfn "%s")
    Document.write out "remove-and-retrain" lines
