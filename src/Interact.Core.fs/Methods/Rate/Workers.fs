namespace Interact.Core

open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks

/// How many threads share a loop, and what stops it.
type internal Workers = { Threads: int; CancellationToken: CancellationToken }

[<RequireQualifiedAccess>]
module internal Workers =

    /// Does the work for every item; items are independent, so results do not depend on the threads.
    let forEach (workers: Workers) (count: int) (work: int -> unit) =
        if workers.Threads = 1 || count = 1 then
            for item in 0 .. count - 1 do
                workers.CancellationToken.ThrowIfCancellationRequested()
                work item
        else
            let parallelism =
                ParallelOptions(MaxDegreeOfParallelism = workers.Threads, CancellationToken = workers.CancellationToken)

            try
                Parallel.For(0, count, parallelism, work) |> ignore<ParallelLoopResult>
            with :? System.AggregateException as failure ->
                // As it would be raised by one thread.
                ExceptionDispatchInfo.Throw failure.InnerExceptions[0]
