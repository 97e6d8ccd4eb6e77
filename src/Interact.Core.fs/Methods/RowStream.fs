namespace Interact.Core

open System.Collections.Generic
open System.Threading.Tasks

/// How work on rows is divided among threads.
type RowDivision = {
    /// Calls that are under way at one time.
    Workers: int
    /// Threads that work on one call together.
    ThreadsEach: int
    /// Rows handed to one call.
    RowsEach: int
    /// Calls whose results may be waiting to be read, those under way among them.
    Pending: int
}

/// Working on many rows: on several threads, in the order of the rows, holding few of them at a time.
[<RequireQualifiedAccess>]
module RowStream =

    /// Numbers that the results of rows handed to a method together may hold: 32 MiB.
    let private numbersAtOnce = 1 <<< 22

    /// How to divide work: rows among threads where there are enough of them, and threads among rows where there are not. 16 rows
    /// are handed to a method together, fewer where that would leave threads without work, and fewer where their matrices of interactions would
    /// take much memory.
    ///
    /// threads: how many work in all. memory: what may be used; results that wait take a quarter of it at most. length: features or
    /// groups in a row. rows: how many there are.
    let divide (threads: int) (memory: MemoryBudget) (length: int) (rows: int) : RowDivision =
        let numbers = int64 length * int64 length |> max 1L
        let byMemory = int64 numbersAtOnce / numbers |> max 1L |> min 16L |> int
        let rowsEach = rows / (2 * max 1 threads) |> max 1 |> min byMemory
        let workers = min threads (max 1 rows)

        {
            Workers = workers
            ThreadsEach = max 1 (threads / max 1 workers)
            RowsEach = rowsEach
            Pending =
                memory.Bytes / 4L / (8L * numbers * int64 rowsEach)
                |> min (4L * int64 threads)
                |> int
                |> max workers
        }

    /// The results of all items in their order, computed ahead of the reader.
    ///
    /// work: gives a result for each of some items.
    /// Errors: ArgumentException for a division without workers or rows; whatever the work raises, once its items' turn comes.
    let map (division: RowDivision) (work: 'Item[] -> 'Result[]) (items: 'Item seq) : 'Result seq =
        Checks.within (nameof division.Workers) 1 1024 division.Workers
        Checks.within (nameof division.RowsEach) 1 System.Int32.MaxValue division.RowsEach

        seq {
            let scheduler =
                ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, division.Workers).ConcurrentScheduler

            let factory = TaskFactory scheduler
            let running = Queue<Task<'Result[]>>()
            use chunks = (items |> Seq.chunkBySize division.RowsEach).GetEnumerator()

            let startMore () =
                while running.Count < max 1 division.Pending && chunks.MoveNext() do
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

    /// The explanations of all tasks in their order, computed ahead of the reader.
    ///
    /// threads: how many work in all. explainRows: a path method for options and rows, such as
    /// fun options -> IntegratedHessians.explainRows options model. Errors: ArgumentException unless 1 to 1024 threads are asked for; as for map.
    let explain
        (threads: int)
        (explainRows: PathOptions -> PathTask[] -> Explanation[])
        (options: PathOptions)
        (tasks: PathTask seq)
        : Explanation seq =
        Checks.within (nameof threads) 1 1024 threads

        let rows =
            match tasks with
            | :? IReadOnlyCollection<PathTask> as known -> known.Count
            | _ -> System.Int32.MaxValue

        let length =
            match options.Groups with
            | Some groups -> groups.Members.Length
            | None -> tasks |> Seq.tryHead |> Option.map (fun task -> task.Input.Length) |> Option.defaultValue 1

        let division = divide threads options.Memory length rows
        let explainRows = explainRows { options with Threads = division.ThreadsEach }
        tasks |> map division (fun chunk -> [| upToFailure explainRows chunk |]) |> Seq.concat
