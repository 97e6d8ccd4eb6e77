namespace Interact.Core

open System.Collections.Generic
open System.Threading.Tasks

/// Working on many rows: on several threads, in the order of the rows, holding few of them at a time.
[<RequireQualifiedAccess>]
module RowStream =

    /// Numbers that the results of rows handed to a method together may hold: 32 MiB.
    let private numbersAtOnce = 1 <<< 22

    /// How many rows of the given length are best handed to a method together: 16, fewer where they would leave threads without
    /// work, and fewer where their matrices of interactions would take much memory.
    let rowsAtOnce (threads: int) (length: int) (rows: int) : int =
        let byMemory = int64 numbersAtOnce / (int64 length * int64 length) |> max 1L |> min 16L |> int
        rows / (2 * max 1 threads) |> max 1 |> min byMemory

    /// The results of all items in their order, computed ahead of the reader on the given number of threads.
    ///
    /// atOnce: how many items are handed to the work together. work: gives a result for each.
    /// Errors: ArgumentException unless threads and atOnce are positive; whatever the work raises, once its items' turn comes.
    let map (threads: int) (atOnce: int) (work: 'Item[] -> 'Result[]) (items: 'Item seq) : 'Result seq =
        Checks.within (nameof threads) 1 1024 threads
        Checks.within (nameof atOnce) 1 System.Int32.MaxValue atOnce

        seq {
            let scheduler = ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, threads).ConcurrentScheduler
            let factory = TaskFactory scheduler
            let running = Queue<Task<'Result[]>>()
            use chunks = (items |> Seq.chunkBySize atOnce).GetEnumerator()

            let startMore () =
                while running.Count < 4 * threads && chunks.MoveNext() do
                    let chunk = chunks.Current
                    running.Enqueue(factory.StartNew(fun () -> work chunk))

            startMore ()

            while running.Count > 0 do
                let results = running.Dequeue().GetAwaiter().GetResult()
                startMore ()
                yield! results
        }

    /// Rows that were explained before one of them failed are not lost: they are explained again one by one, up to the one that fails.
    let private upToFailure (explainRows: PathTask[] -> Explanation[]) (tasks: PathTask[]) : Explanation seq =
        try
            explainRows tasks |> Seq.ofArray
        with :? NotFiniteException when tasks.Length > 1 ->
            tasks |> Seq.collect (fun task -> explainRows [| task |])

    /// The explanations of all tasks in their order, computed ahead of the reader on the given number of threads.
    ///
    /// explainRows: a path method with its options and model, such as IntegratedHessians.explainRows options model.
    /// Errors: as for map.
    let explain (threads: int) (explainRows: PathTask[] -> Explanation[]) (tasks: PathTask seq) : Explanation seq =
        let rows =
            match tasks with
            | :? IReadOnlyCollection<PathTask> as known -> known.Count
            | _ -> System.Int32.MaxValue

        let length = tasks |> Seq.tryHead |> Option.map (fun task -> task.Input.Length) |> Option.defaultValue 1

        tasks
        |> map threads (rowsAtOnce threads length rows) (fun chunk -> [| upToFailure explainRows chunk |])
        |> Seq.concat
