namespace Interact.Core

open System.Collections.Generic
open System.Threading.Tasks

/// Explaining many rows: on several threads, in the order of the rows, holding few of them at a time.
[<RequireQualifiedAccess>]
module RowStream =

    /// Rows that are handed to a method together.
    let private rowsAtOnce = 16

    /// The explanations of all tasks in their order, computed ahead of the reader on the given number of threads.
    ///
    /// explainRows: a path method with its options and model, such as IntegratedHessians.explainRows options model.
    /// Errors: ArgumentException unless threads is positive; whatever the method raises, once the row's turn comes.
    let explain (threads: int) (explainRows: PathTask[] -> Explanation[]) (tasks: PathTask seq) : Explanation seq =
        Checks.within (nameof threads) 1 1024 threads

        seq {
            let scheduler = ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, threads).ConcurrentScheduler
            let factory = TaskFactory scheduler
            let running = Queue<Task<Explanation[]>>()
            use chunks = (tasks |> Seq.chunkBySize rowsAtOnce).GetEnumerator()

            let startMore () =
                while running.Count < 4 * threads && chunks.MoveNext() do
                    let chunk = chunks.Current
                    running.Enqueue(factory.StartNew(fun () -> explainRows chunk))

            startMore ()

            while running.Count > 0 do
                let results = running.Dequeue().GetAwaiter().GetResult()
                startMore ()
                yield! results
        }
