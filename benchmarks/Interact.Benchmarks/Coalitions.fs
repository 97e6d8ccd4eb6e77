/// Shapley interactions of twenty players: the time of all coalitions, and how near draws come to them.
module Interact.Benchmarks.Coalitions

open System.IO
open Interact.Core
open Interact.Core.Data
open Interact.Core.Onnx

/// Twenty groups of the sample's thirty features: ten of one feature, ten of two.
let private groups =
    Groups.create 30 [
        for i in 0..9 do
            yield $"{i}", [| i |]
            yield $"{10 + i}", [| 10 + i; 20 + i |]
    ]

let private options threads = {
    CoalitionOptions.defaults with
        Path = { PathOptions.defaults with Groups = Some groups; Threads = threads }
}

let private cells (explanation: Explanation) = explanation.Interactions.Value |> Seq.cast<float> |> Array.ofSeq

/// Measures, and writes the section.
let run (path: string) =
    let sample (name: string) = Files.ofRepository (Path.Combine("samples", "breast-cancer", name))
    let model = sample "model.onnx" |> OnnxModel.load OnnxModel.defaults |> Files.ok
    let row = (sample "rows.csv" |> DataFile.read |> Files.ok).Rows[0]
    let baseline = Array.zeroCreate<float> row.Length
    let explain options () = ShapleyInteractions.explain options model baseline row

    let seconds threads =
        Clock.warmUp (explain (options threads))
        Clock.median [ for _ in 1..7 -> fst (Clock.seconds 0.0 (explain (options threads))) ]

    let exact = explain (options 2) ()
    let largest = cells exact |> Array.map abs |> Array.max

    let timed = [
        for threads in [ 1; 2 ] ->
            [
                $"all {exact.Certificate.Evaluations:N0} coalitions, "
                + (if threads = 1 then "1 thread" else $"{threads} threads")
                Document.number (seconds threads)
                "-"
                "-"
            ]
    ]

    let drawn = [
        for samples in [ 10; 100; 1000 ] do
            let own = { options 2 with Samples = Some samples; Seed = 1 }
            let time = Clock.median [ for _ in 1..7 -> fst (Clock.seconds 0.0 (explain own)) ]
            let result = explain own ()
            let worst = Array.map2 (fun a b -> abs (a - b)) (cells exact) (cells result) |> Array.max

            yield [
                $"{samples} draws of every pair, 2 threads"
                Document.number time
                Document.small (worst / largest)
                Document.small (result.Certificate.StandardError.Value / largest)
            ]
    ]

    let lines =
        [
            $"{Machine.date}; {Machine.description}; double precision; the median of seven."
            ""
            "Row 0 of the sample, 30-64-32-1, its thirty features in twenty groups; errors and standard errors are the largest of a cell, relative to the largest cell."
            ""
        ]
        @ Document.table [ "Shapley interactions"; "s"; "error"; "standard error" ] (timed @ drawn)

    lines |> List.iter (printfn "%s")
    Document.write path "comparators" lines
