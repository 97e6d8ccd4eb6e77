/// Averages over backgrounds: the time of a row against that of its paths by themselves, and memory against the number of baselines.
module Interact.Benchmarks.Averages

open System
open System.Diagnostics
open Interact.Core
open Interact.Core.Data
open Interact.Core.Onnx

/// Baselines of the figure that is measured, and rows that are explained.
let private baselines, rows = 500, 60

let private options = { ExpectedHessians.defaults with Target = Index 0; Threads = Ours.threads }

/// The sample's network and rows.
let private sample () : Work =
    let inSample file = Files.ofRepository $"samples/breast-cancer/{file}"

    {
        Works.small 1 with
            Title = "the sample's network 30-64-32-1"
            Model = inSample "model.onnx" |> OnnxModel.load OnnxModel.defaults |> Files.ok
            Rows = (inSample "rows.csv" |> DataFile.read |> Files.ok).Rows
    }

/// Milliseconds that a row takes against all baselines, of rows that follow each other.
let private averaged (work: Work) (background: Background) (rows: float[][]) =
    fun () ->
        let tasks =
            rows
            |> Seq.mapi (fun number row -> work.Model, { Row = number; Input = row; Background = background })

        fst (
            Clock.seconds 0.0 (fun () ->
                ExpectedHessians.explainRows Ours.threads rows.Length (fun _ _ -> ()) options tasks
                |> Seq.iter ignore)
        )
        * 1000.0
        / float rows.Length

/// Milliseconds that as many paths take as single rows, by Integrated Hessians from one baseline.
let private single (work: Work) = fun () -> fst (Clock.seconds 0.0 (fun () -> Ours.certified work 1e-6)) * 1000.0

/// The largest size of the managed heap while a row is explained against so many baselines, in MB above what was there before, and the seconds it
/// took. Baselines are made when they are needed. Memory outside the heap is taken by plans, whose size does not depend on baselines.
let private memory (work: Work) (count: int) =
    let points = work.Rows[1..]
    let background = Background.ofFunction count (fun i -> points[i % points.Length])

    let settle () =
        GC.Collect()
        GC.WaitForPendingFinalizers()
        GC.Collect()

    settle ()
    let before = GC.GetTotalMemory true
    let mutable largest = 0L
    let watch = Stopwatch.StartNew()

    ExpectedHessians.explainRows Ours.threads 1 (fun _ _ -> largest <- max largest (GC.GetTotalMemory false)) options [
        work.Model, { Row = 0; Input = work.Rows[0]; Background = background }
    ]
    |> Seq.iter ignore

    let seconds = watch.Elapsed.TotalSeconds
    use own = Process.GetCurrentProcess()
    float (largest - before) / 1e6, float own.WorkingSet64 / 1e6, seconds

/// Runs both, prints, and writes the section.
let run (path: string) =
    let work = sample ()
    // Spread over the table, so that easy and hard ones are among them.
    let spread = Array.init rows (fun i -> work.Rows[i * work.Rows.Length / rows])
    let averaged = averaged work (Background.ofRows work.Rows[.. baselines - 1]) spread
    let single = single { work with Rows = work.Rows[.. baselines - 1] }
    Clock.warmUp averaged
    Clock.warmUp single

    // Alternating, so that both see the same machine.
    let times = [ for _ in 1..7 -> averaged (), single () ]

    let both part = [
        times |> Seq.map part |> Clock.median |> Document.number
        times |> Seq.map part |> Seq.min |> Document.number
    ]

    let ratio = times |> Seq.map (fun (own, other) -> own / other) |> Clock.median
    memory work 100 |> ignore

    let lines =
        [
            $"{Machine.date}; {Machine.description}; two threads."
            ""
            $"Expected Hessians of {rows} rows, spread over the table, of {work.Title} over {baselines} baselines, a row, certified at 1e-6, beside Integrated Hessians of {baselines} rows from one baseline each (medians, and the shortest):"
            ""
        ]
        @ Document.table [ ""; "ms"; "shortest" ] [
            $"one row over {baselines} baselines" :: both fst
            $"{baselines} rows from one baseline" :: both snd
            [ "ratio"; Document.number ratio; "" ]
        ]
        @ [ ""; "Memory while one row is explained, baselines made when they are needed:"; "" ]
        @ Document.table [ "baselines"; "managed heap grows at most by, MB"; "process, MB"; "seconds" ] [
            for count in [ 100; 1000; 10_000; 100_000 ] ->
                let heap, whole, seconds = memory work count
                [ string count; Document.number heap; Document.number whole; Document.number seconds ]
        ]

    lines |> List.iter (printfn "%s")
    Document.write path "averages" lines
