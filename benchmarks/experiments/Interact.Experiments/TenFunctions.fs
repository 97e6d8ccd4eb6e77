/// Ten synthetic functions whose interactions are known: how well rankings of pairs and of sets find them.
module Interact.Experiments.TenFunctions

open System
open System.IO
open Interact.Benchmarks
open Interact.Core

/// The functions in the form of Lerman et al. (2021), and two of them as Tsang et al. (2018) had them first.
let private functions = [ for number in 1..10 -> $"f{number}" ]
let private asFirstPublished = Map [ "f5", "f5_exp"; "f7", "f7_square" ]

/// ROC-AUC of pairs of the best rival published, ParaACE: means of five seeds, of the functions as first published.
let private published = [ 0.957; 0.917; 0.989; 0.973; 1.0; 0.921; 0.700; 0.988; 0.944; 1.0 ]

let private choice = { Derivatives = 300; Explained = 50; Averaged = 12; Background = 20; Tolerance = 1e-2 }

/// The declared method first.
let private rankings =
    [
        PairRanking.expectedHessians
        PairRanking.secondDerivatives
        PairRanking.integratedHessians
        PairRanking.shapleyInteractions
        PairRanking.shapleyTaylor
        PairRanking.hessianTimesInput
        PairRanking.mixedDifferences 2
        PairRanking.contextualDecomposition
    ]
    |> List.map (fun ranking -> ranking choice)
    |> fun ours -> ours @ [ PairRanking.weights ]

/// Rows at which mixed partial derivatives of all orders are taken, and the largest order.
let private mixedRows, largest = 60, 5

/// Sets by the magnitudes of their mixed partial derivatives, each feature in units of a part of its standard deviation. The smaller the
/// unit, the less large sets count.
let private byMixedPartials aggregation (part: float) : PairRanking =
    let unit = if part = 1.0 then "one standard deviation" else $"{part} standard deviations"

    {
        Name = $"mixed partial derivatives, {(string aggregation).ToLowerInvariant()}"
        Choice = $"{string aggregation |> _.ToLowerInvariant()} over {mixedRows} rows, features in units of {unit}"
        Rank =
            fun model rows ->
                Detection.byMixedPartials
                    { MixedPartials.defaults with Target = Index 0; Threads = Environment.ProcessorCount }
                    { Order = largest; Parents = Detection.parents rows[0].Length; Aggregation = aggregation }
                    model
                    rows
                    [| 0 .. mixedRows - 1 |]
                |> Array.map (fun set -> { set with Strength = set.Strength * pown part set.Members.Length })
                |> Ranking.strongestFirst
    }

/// The declared method first.
let private setRankings = [
    byMixedPartials Aggregation.Median 0.3
    byMixedPartials Aggregation.Mean 1.0
    PairRanking.mixedDifferences largest choice
    {
        Name = "weights alone"
        Choice = "neural interaction detection, no rows; without sets that are part of a stronger one"
        Rank = fun model _ -> NeuralInteractionDetection.sets largest Int32.MaxValue 0 model
    }
]

/// What all methods reach on one network.
type private Reached = { Function: string; Seed: int; Areas: float list; Precisions: float list }

let private judge folder (truth: Map<string, Set<int> list>) name seed : Reached =
    let model = Path.Combine(folder, "networks", $"{name}-{seed}.onnx") |> Folder.model
    let rows = Path.Combine(folder, "rows", $"{name}-{seed}.npy") |> Folder.rows
    let known = truth[name]

    {
        Function = name
        Seed = seed
        Areas = [
            for ranking in rankings ->
                ranking.Rank model rows
                |> Seq.map (fun pair -> pair.Strength, Measures.isInside known pair.Members)
                |> Measures.areaUnderCurve
        ]
        Precisions = [
            for ranking in setRankings -> ranking.Rank model rows |> Seq.map _.Members |> Measures.rPrecision known
        ]
    }

let private readTruth folder =
    Folder.json (Path.Combine(folder, "truth.json")) (fun root ->
        Map [
            for entry in root.EnumerateObject() ->
                entry.Name, [ for set in entry.Value.EnumerateArray() -> Folder.integers set |> Set.ofArray ]
        ])

/// The mean of each column.
let private means (rows: float list list) = rows |> List.transpose |> List.map List.average

/// Writes what every network reached.
let private writeCsv path (all: Reached list) =
    let names =
        [ for ranking in rankings -> $"AUC {ranking.Name}" ]
        @ [ for ranking in setRankings -> $"R-precision {ranking.Name}" ]

    Folder.write path [
        String.Join(',', "function" :: "seed" :: [ for name in names -> name.Replace(",", "") ])
        for one in all do
            String.Join(',', one.Function :: string one.Seed :: (one.Areas @ one.Precisions |> List.map Document.three))
    ]

/// What every method looks at, written before anything is judged.
let private declare (out: string) =
    [
        yield!
            Document.table [ "pairs by"; "looked at" ] [ for ranking in rankings -> [ ranking.Name; ranking.Choice ] ]
        yield ""
        yield!
            Document.table [ $"sets of 2 to {largest} by"; "looked at" ] [
                for ranking in setRankings -> [ ranking.Name; ranking.Choice ]
            ]
    ]
    |> List.map (fun line -> line.Replace("---:", "---"))
    |> Document.write out "ten-functions choices"

/// Judges the networks of a folder, prints, and writes the section.
///
/// seeds: which networks of each function. out: the document. csv: a file for what every network reached.
let run (folder: string) (seeds: int list) (out: string) (csv: string option) =
    let truth = readTruth folder

    let isThere name =
        seeds
        |> List.forall (fun seed -> File.Exists(Path.Combine(folder, "networks", $"{name}-{seed}.onnx")))

    let names = [ yield! functions; yield! asFirstPublished.Values ] |> List.filter isThere

    if not (List.exists isThere functions) then
        let wanted = seeds |> List.map string |> String.concat ", "
        invalidOp $"{folder}: no function has networks of all seeds {wanted}; train.py makes them."

    declare out

    let judged =
        names
        |> List.collect (fun name ->
            seeds
            |> List.map (fun seed ->
                let reached = judge folder truth name seed
                let figures = reached.Areas @ reached.Precisions |> List.map Document.three
                printfn "%s-%d %s" name seed (String.Join(' ', figures))
                reached))

    csv |> Option.iter (fun path -> writeCsv path judged)

    let valuesOf (get: Reached -> float list) name =
        judged |> List.filter (fun one -> one.Function = name) |> List.map get

    let original name = asFirstPublished |> Map.tryFind name |> Option.defaultValue name
    let present = functions |> List.filter isThere

    let isComplete = names.Length = functions.Length + asFirstPublished.Count

    let row get name = name :: (valuesOf get name |> means |> List.map Document.three)

    let meanRow title get names =
        title :: (names |> List.map (valuesOf get >> means) |> means |> List.map Document.three)

    let which = if present = functions then "the ten" else "these"

    let rows get = [
        yield! present |> List.map (row get)
        meanRow $"mean of {which}" get present
        $"worst network of {which}"
        :: (present |> List.collect (valuesOf get) |> List.transpose |> List.map (List.min >> Document.three))
        if isComplete then
            yield! asFirstPublished.Values |> Seq.map (row get)
            meanRow "mean, these two in place of f5 and f7" get (functions |> List.map original)
    ]

    let withPublished =
        let own = List.zip functions published |> Map

        List.map (fun (row: string list) ->
            match own |> Map.tryFind row.Head with
            | Some value when row.Head <> "f5" && row.Head <> "f7" -> row @ [ Document.three value ]
            | _ when row.Head = "f5_exp" -> row @ [ Document.three own["f5"] ]
            | _ when row.Head = "f7_square" -> row @ [ Document.three own["f7"] ]
            | _ when row.Head.StartsWith("mean, these", StringComparison.Ordinal) ->
                row @ [ Document.three (List.average published) ]
            | _ -> row @ [ "-" ])

    let seedsShown = String.Join(", ", seeds)

    let figure =
        if isComplete then
            let own number = functions |> List.map (fun name -> (valuesOf _.Areas (original name) |> means)[number])

            [
                ""
                Chart.bars {
                    Title = "Pairs of the ten functions as first published"
                    Across = "ROC-AUC"
                    From = 0.5
                    To = 1.0
                    Groups = functions |> List.map original
                    Bars = [
                        { Name = rankings.Head.Name; Values = own 0 }
                        { Name = (List.last rankings).Name; Values = own (rankings.Length - 1) }
                        { Name = "ParaACE (published)"; Values = published }
                    ]
                }
                |> Chart.show out "ten-functions.svg" "ROC-AUC of pairs"
            ]
        else
            []

    let lines =
        [ $"Means over seeds {seedsShown}; {Machine.date}."; ""; "**ROC-AUC of pairs**"; "" ]
        @ Document.table
            ("function" :: [ for ranking in rankings -> ranking.Name ] @ [ "ParaACE, published" ])
            (rows _.Areas |> withPublished)
        @ [ ""; "**R-precision of sets**"; "" ]
        @ Document.table ("function" :: [ for ranking in setRankings -> ranking.Name ]) (rows _.Precisions)
        @ figure

    lines |> List.iter (printfn "%s")
    Document.write out "ten-functions" lines
