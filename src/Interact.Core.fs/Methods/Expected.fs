namespace Interact.Core

open System

/// A path method whose results are averaged.
[<NoEquality; NoComparison>]
type internal AveragedMethod<'Result> = {
    /// Explanations of rows, each with its interactions as a list of numbers; none for attributions alone.
    Explain: PathOptions -> Model -> PathTask[] -> (Explanation * float[])[]
    /// How many numbers one path's explanation holds, for so many features (or groups).
    Size: int -> int64
    /// What the certificate's sums are, and the largest difference of a row of interactions from its attribution, of the mean. The
    /// weighted sum of that of all paths is given too.
    Sums: float[] -> float[] -> float -> float[] * float option
    /// The result of a mean without interactions, and its interactions.
    Result: Explanation -> float[] -> 'Result
}

/// Some of the paths of one row, to be worked on together.
type private PathChunk = { Model: Model; Selection: BackgroundSelection; First: int; Count: int; IsLast: bool }

/// Averages of path methods over backgrounds: the mean over baselines x' of what the method gives for the path from x' to x.
///
/// Paths are worked on a chunk at a time, and chunks are added in their order. Their bounds depend on the number of paths alone, so
/// results are the same bits for any number of threads, and what is held at a time does not depend on the size of the background.
[<RequireQualifiedAccess>]
module internal Expected =

    /// Paths that are worked on together at most: as many as fill the plans.
    let private mostPaths = 64

    /// Numbers that the results of these paths may hold together: 32 MiB.
    let private numbersAtOnce = 1L <<< 22

    /// The part of the tolerance that paths are integrated to at first. Their errors mostly stay far below it; where they add up to more
    /// than the mean, whose scale may be smaller than theirs, allows, paths are integrated again.
    let private share = 1.0

    /// How often a row is tried again whose paths' errors add up to more than the mean allows.
    let private further = 2

    let private featuresOf (options: PathOptions) (model: Model) =
        match options.Groups with
        | Some groups -> groups.Members.Length
        | None -> model.InputSize

    /// Into how many chunks so many paths are divided.
    let private chunks (size: int64) (paths: int) =
        let each = numbersAtOnce / max 1L size |> min (int64 mostPaths) |> max 2L |> int
        (paths - 1) / each + 1

    /// The paths of one row in chunks of an even number, but for the last.
    let private chunksOf size (model: Model) (selection: BackgroundSelection) : PathChunk seq =
        let count = selection.Count
        let parts = chunks size count

        // Even, so that no stratum of draws is divided.
        let start part = if part = parts then count else int (int64 part * int64 count / int64 parts) &&& ~~~1

        seq {
            for part in 0 .. parts - 1 do
                if start (part + 1) > start part then
                    {
                        Model = model
                        Selection = selection
                        First = start part
                        Count = start (part + 1) - start part
                        IsLast = start (part + 1) = count
                    }
        }

    /// What helps where one path of many is not finite.
    let private mendOf (problem: NotFiniteException) =
        if problem.Mend = NotFiniteException.OnPath then
            "leave that row of the background out, or this one"
        else
            problem.Mend

    /// Explains paths together; where one of them fails, the message names the baseline.
    let private explainPaths (method: AveragedMethod<'Result>) options model (chunk: PathChunk) =
        let tasks = Array.init chunk.Count (fun i -> chunk.Selection.Path(chunk.First + i))

        try
            method.Explain options model tasks
        with :? NotFiniteException ->
            // Where the row itself is at fault, no background is.
            PathRows.prepare options model [| { tasks[0] with Baseline = tasks[0].Input } |]
            |> ignore<PathRow[]>

            tasks
            |> Array.mapi (fun i task ->
                try
                    method.Explain options model [| task |] |> Array.head
                with :? NotFiniteException as problem ->
                    let number = chunk.Selection.Number(chunk.First + i)
                    let where = $"with row {number} of the background, {problem.Problem}"
                    raise (NotFiniteException(task.Row, where, mendOf problem)))

    /// The mean's explanation without interactions, and its worst residual or error and the limit of these.
    let private conclude (method: AveragedMethod<'Result>) (options: PathOptions) features row (average: PathAverage) =
        let attributions, cells = average.Numbers |> Array.splitAt features
        let sums, rowResidual = method.Sums attributions cells average.RowResidual
        let change = average.Value - average.BaselineValue
        let residual = abs (Array.sum sums - change)
        let scale = attributions |> Array.fold (fun largest own -> max largest (abs own)) (abs change)
        let total = average.Numbers |> Array.sumBy abs

        let limit = PathRows.limitOf options.Tolerance scale (abs average.Value + average.BaselineSize + total)

        let worst = max residual (max average.Error (Option.defaultValue 0.0 rowResidual))

        {
            Row = row
            Target = average.Target
            Value = average.Value
            BaselineValue = average.BaselineValue
            Attributions = attributions
            Interactions = None
            Certificate = {
                Satisfied = average.AreWithin && worst <= limit
                Scale = scale
                CompletenessResidual = residual
                RowResidual = rowResidual
                ErrorEstimate = average.Error
                Evaluations = average.Evaluations
                Probes = average.Probes
                Kinks = average.Kinks
                StandardError =
                    if average.Variances.Length = 0 then None else Some(average.Variances |> Array.max |> sqrt)
                Method = average.Method
            }
        },
        cells,
        worst,
        limit

    /// How to divide work on the paths of so many rows.
    ///
    /// paths: the number of paths of each.
    let private divide (threads: int) (options: PathOptions) size (features: int) (paths: int) (rows: int) =
        let all = int64 (chunks size paths) * int64 rows |> min (int64 Int32.MaxValue) |> int
        { RowStream.divide threads options.Memory features all with RowsEach = 1 }

    /// The means of all rows in their order, computed ahead of the reader.
    ///
    /// threads: how many work in all. rows: how many will come. report: told of the paths of each row as they are done, by how many of
    /// its own are, and how many there are. Errors: ArgumentException for bad options, rows or baselines, and NotFiniteException
    /// where the model is not finite on a path, once the row's turn comes.
    let stream
        (method: AveragedMethod<'Result>)
        (threads: int)
        (rows: int)
        (report: int -> int -> unit)
        (options: PathOptions)
        (tasks: (Model * ExpectedTask) seq)
        : 'Result seq =
        Checks.within (nameof threads) 1 1024 threads

        let within (division: RowDivision) part = {
            options with
                Threads = division.ThreadsEach
                Tolerance = part * options.Tolerance
        }

        let average division part (chunk: PathChunk) =
            chunk,
            explainPaths method (within division part) chunk.Model chunk
            |> PathAverage.ofPaths options.Tolerance chunk.Selection chunk.First

        let run division part (chunks: PathChunk seq) =
            RowStream.map division (Array.map (average division part)) chunks

        /// The result, after further attempts where paths have to be more accurate.
        let rec settle division size remaining part (chunk: PathChunk) (found: PathAverage) : 'Result =
            let features = featuresOf options chunk.Model
            let explanation, cells, worst, limit = conclude method options features chunk.Selection.Task.Row found

            if remaining > 0 && found.AreWithin && worst > limit && Double.IsFinite worst then
                let part = part * 0.5 * limit / worst

                let better =
                    chunksOf size chunk.Model chunk.Selection
                    |> run division part
                    |> Seq.map snd
                    |> Seq.reduce PathAverage.join

                let better = {
                    better with
                        Evaluations = found.Evaluations + better.Evaluations
                        Probes = found.Probes + better.Probes
                }

                settle division size (remaining - 1) part chunk better
            else
                method.Result explanation cells

        seq {
            // Rows may come from where they can be read only once.
            use rest = tasks.GetEnumerator()

            if rest.MoveNext() then
                let model, first = rest.Current

                let tasks =
                    seq {
                        yield model, first

                        while rest.MoveNext() do
                            yield rest.Current
                    }

                let features = featuresOf options model
                let size = method.Size features

                let paths =
                    match first.Background.Draws with
                    | Some draws -> min draws.Samples first.Background.Count
                    | None -> first.Background.Count

                let division = divide threads options size features paths rows
                let sum = ref None

                let chunks =
                    tasks
                    |> Seq.collect (fun (model, task) ->
                        BackgroundSelection.create options model task |> chunksOf size model)

                for chunk, latest in run division share chunks do
                    let whole =
                        match sum.Value with
                        | None -> latest
                        | Some before -> PathAverage.join before latest

                    report (chunk.First + chunk.Count) chunk.Selection.Count

                    if chunk.IsLast then
                        sum.Value <- None
                        yield settle division size further share chunk whole
                    else
                        sum.Value <- Some whole
        }

    /// The mean of one row, with as many threads as the options say.
    let explain (method: AveragedMethod<'Result>) (options: PathOptions) model background input : 'Result =
        stream method options.Threads 1 (fun _ _ -> ()) options [
            model, { Row = 0; Input = input; Background = background }
        ]
        |> Seq.head
