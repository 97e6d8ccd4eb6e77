/// How much of the machine's peak is used, and where the rest goes.
module Interact.Benchmarks.Roofline

open System.Collections.Concurrent
open System.Diagnostics
open Interact.Core

/// Time spent in a model's answers, by kind of question. The rest is the method's own.
[<Sealed>]
type private Watched(inner: IDifferentiable) =
    let spent = ConcurrentDictionary<string, int64>()

    let timed phase (answer: unit -> 'T) =
        let start = Stopwatch.GetTimestamp()
        let result = answer ()
        let ticks = Stopwatch.GetTimestamp() - start
        spent.AddOrUpdate(phase, ticks, (fun _ before -> before + ticks)) |> ignore
        result

    /// Seconds by phase.
    member _.Spent = [ for entry in spent -> entry.Key, float entry.Value / float Stopwatch.Frequency ]

    interface IDifferentiable with
        member _.InputSize = inner.InputSize
        member _.OutputSize = inner.OutputSize
        member _.Values points = timed "values" (fun () -> inner.Values points)
        member _.Gradients requests = timed "gradients, for attributions" (fun () -> inner.Gradients requests)

        member _.Curvatures requests =
            let phase =
                match requests with
                | [||] -> "none"
                | _ ->
                    match requests[0].Directions with
                    | EachFeature -> "second derivatives in all directions"
                    | Along _ -> "second derivatives along probes"

            timed phase (fun () -> inner.Curvatures requests)

        member _.WhyNotFinite(point, output) = inner.WhyNotFinite(point, output)

let private size = 1024

let private products precision threads =
    let product = Engine.Product(precision, size, size, size, threads)
    Clock.warmUp product.Run

    let time () =
        let start = Stopwatch.GetTimestamp()
        product.Run()
        Stopwatch.GetElapsedTime(start).TotalSeconds

    2.0 * float size ** 3.0 / (Seq.init 15 (fun _ -> time ()) |> Seq.min)

let private giga value = Document.number (value / 1e9)

let private nodes = 16

/// An explanation of the 512-512-512 network at 16 nodes, on one or two threads with as many rows: operations a second.
let private explanation multiplyAdds threads =
    let work = Works.large threads
    let run () = Ours.byRule work (Rules.gauss nodes) |> ignore
    Clock.warmUp run
    let seconds = Clock.best 5 run
    2.0 * float threads * multiplyAdds / seconds, 1000.0 * seconds / float threads

/// Where the time of a certified explanation goes, on one thread.
let private phases () =
    let work = Works.large 1
    let run () = Ours.certified work 1e-10 |> ignore
    Clock.warmUp run
    let watched = Watched work.Model.Function

    let seconds, found =
        Clock.seconds 0.0 (fun () -> Ours.certified { work with Model = Model.ofDifferentiable watched } 1e-10)

    let spent = watched.Spent |> List.sortByDescending snd
    let certificate = found[0].Certificate
    let rest = seconds - List.sumBy snd spent
    seconds, certificate, spent @ [ "the method: quadrature, sums, certificate", rest ]

/// Measures, prints, and writes the section.
let run (path: string) =
    let { Engine.MultiplyAdds = multiplyAdds; Engine.Steps = steps } =
        Engine.profile (Works.large 1).Model None nodes

    let peak precision = [ for threads in 1..2 -> Peak.measure precision threads ]
    let double, single = peak Peak.Double, peak Peak.Single
    let ofProducts precision = [ for threads in 1..2 -> products precision threads ]
    let double', single' = ofProducts Precision.Double, ofProducts Precision.Single
    let whole = [ for threads in 1..2 -> explanation multiplyAdds threads ]
    let seconds, certificate, spent = phases ()
    let line name rates = name :: (rates |> List.collect (fun rate -> [ giga rate; "" ]))

    let shares name peaks rates =
        name
        :: (List.map2 (fun rate peak -> [ giga rate; Document.percent (rate / peak) ]) rates peaks
            |> List.concat)

    let lines =
        [ $"{Machine.date}; {Machine.description}. Gflop/s, a multiply-add counted as two."; "" ]
        @ Document.table [ ""; "one thread"; "of the peak"; "two threads"; "of the peak" ] [
            line "peak, double" double
            line "peak, single" single
            shares $"matrix product, {size} x {size} x {size}, double" double double'
            shares $"matrix product, {size} x {size} x {size}, single" single single'
            shares $"explanation, dense 512-512-512-1, {nodes} nodes" double (whole |> List.map fst)
        ]
        @ [
            ""
            $"The explanation takes {Document.number (snd whole[0])} ms a row on one thread and {Document.number (snd whole[1])} ms on two with a row each. Its operations are the {Document.number (multiplyAdds / 1e9)}e9 multiply-adds a row that the plan does: by the first layer's results, half of what is symmetric, and what is linear once for all nodes."
            ""
            "The steps of its plan that take longest, on one thread:"
            ""
        ]
        @ Document.table [ "step"; "ms"; "share"; "Gflop/s" ] [
            let total = steps |> Array.sumBy _.Seconds

            for step in steps |> Array.sortByDescending _.Seconds |> Array.truncate 8 do
                let rate = if step.MultiplyAdds = 0.0 then "" else giga (2.0 * step.MultiplyAdds / step.Seconds)

                [
                    step.Step
                    Document.number (1000.0 * step.Seconds)
                    Document.percent (step.Seconds / total)
                    rate
                ]
        ]
        @ [
            ""
            $"Where the time of one row certified at 1e-10 goes ({Document.number (1000.0 * seconds)} ms on one thread, {certificate.Evaluations} Hessians, {certificate.Probes} probes):"
            ""
        ]
        @ Document.table [ "phase"; "ms"; "share" ] [
            for phase, time in spent -> [ phase; Document.number (1000.0 * time); Document.percent (time / seconds) ]
        ]

    lines |> List.iter (printfn "%s")
    Document.write path "roofline" lines
