/// Timing.
module Interact.Benchmarks.Clock

open System.Diagnostics

/// Seconds of one run, the mean of as many runs as take the given time together, and what the last one returned.
let seconds (atLeast: float) (action: unit -> 'T) : float * 'T =
    let watch = Stopwatch.StartNew()
    let mutable result = action ()
    let mutable runs = 1

    while watch.Elapsed.TotalSeconds < atLeast do
        result <- action ()
        runs <- runs + 1

    watch.Elapsed.TotalSeconds / float runs, result

/// Runs until the just-in-time compiler has done its work: for some seconds, and at least three times where that is not long.
let warmUp (action: unit -> 'T) =
    let watch = Stopwatch.StartNew()
    let mutable runs = 0

    while runs < 1 || watch.Elapsed.TotalSeconds < 2.0 && runs < 200 do
        action () |> ignore
        runs <- runs + 1

    // Methods that became hot are compiled in the background.
    System.Threading.Thread.Sleep 300
    action () |> ignore

let median (values: float seq) =
    let sorted = values |> Seq.sort |> Array.ofSeq
    let middle = sorted.Length / 2
    if sorted.Length % 2 = 1 then sorted[middle] else (sorted[middle - 1] + sorted[middle]) / 2.0

/// The shortest of some runs, in seconds.
let best (runs: int) (action: unit -> unit) = Seq.init runs (fun _ -> fst (seconds 0.0 action)) |> Seq.min
