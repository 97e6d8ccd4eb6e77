/// RATE of many variables, from a network with a Bayesian last layer: time and memory.
module Interact.Benchmarks.Rating

open System
open System.Diagnostics
open System.Threading
open Interact.Core

let private rows, features = 1000, 512

/// Rows of independent variables, and features that are rectified sums of forty of them each.
let private work p =
    let generator = Generator 11UL
    let data = Array.init rows (fun _ -> generator.Array(p, 1.0))
    let place () = min (p - 1) (int (float p * 0.5 * (generator.Next() + 1.0)))
    let weights = Array.init features (fun _ -> Array.init 40 (fun _ -> place (), generator.Next()))
    let feature (row: float[]) sum = max 0.0 (sum |> Array.sumBy (fun (j, weight) -> weight * row[j]))

    let layer = {
        Mean = Array.init features (fun _ -> generator.Array(1, 1.0))
        Variance = Array.init features (fun _ -> [| 0.01 + 0.1 * abs (generator.Next()) |])
        Bias = [| 0.0 |]
    }

    data, data |> Array.map (fun row -> weights |> Array.map (feature row)), layer

let private groups p : Groups =
    let starts = [| 0..10 .. p - 1 |]

    {
        Names = starts |> Array.map (fun start -> $"group{start / 10}")
        Members = starts |> Array.map (fun start -> [| start .. min (p - 1) (start + 9) |])
    }

/// Seconds for the effect sizes and for RATE of them, medians of three.
let private measured analogue threads groups (data, features, layer) =
    let options = { Rate.defaults with Threads = threads; Groups = groups }

    let once () =
        let ofSizes, sizes =
            Clock.seconds 0.0 (fun () ->
                EffectSizes.ofLastLayer analogue threads CancellationToken.None data features layer 0)

        ofSizes, fst (Clock.seconds 0.0 (fun () -> Rate.explain options sizes))

    let times = [ for _ in 1..3 -> once () ]
    times |> Seq.map fst |> Clock.median, times |> Seq.map snd |> Clock.median

/// Measures, prints, and writes the section.
let run (path: string) =
    let all = Environment.ProcessorCount
    let both (first, second) = [ Document.number first; Document.number second ]
    let covariance = EffectSizeAnalogue.Covariance
    Clock.warmUp (fun () -> work 300 |> measured covariance all None)

    let table = [
        for p in [ 100; 1000; 10_000 ] do
            let work = work p
            yield $"{p} variables, covariance, 1 thread" :: both (measured covariance 1 None work)
            yield $"{p} variables, covariance, {all} threads" :: both (measured covariance all None work)

        let work = work 10_000

        yield
            $"10000 variables in groups of ten, {all} threads"
            :: both (measured covariance all (Some(groups 10_000)) work)

        use own = Process.GetCurrentProcess()
        let peak = float own.PeakWorkingSet64 / 1e6
        yield [ $"memory of the process until here, MB"; ""; Document.number peak ]

        yield
            $"10000 variables, projection, {all} threads"
            :: both (measured EffectSizeAnalogue.Projection all None work)
    ]

    let lines =
        [
            $"{rows} rows, {features} features, seconds, medians of three"
            $"({Machine.description}; {Machine.date}; load {Machine.load |> Option.defaultValue String.Empty})."
            ""
        ]
        @ Document.table [ ""; "effect sizes"; "RATE of them" ] table

    lines |> List.iter (printfn "%s")
    Document.write path "rate" lines
