namespace Interact.Core

open System

/// One row to explain, and the baselines its paths start from.
[<NoEquality; NoComparison>]
type ExpectedTask = { Row: int; Input: float[]; Background: Background }

/// The baselines that one row's average is taken over.
type internal BackgroundSelection = {
    Task: ExpectedTask
    /// The number in the background of each; None for all of them in their order.
    Drawn: int[] option
    Count: int
    /// Whether baselines are draws, two in each stratum that follow each other, and three in the last where their number is odd.
    IsSample: bool
} with

    /// The number in the background.
    member this.Number place =
        match this.Drawn with
        | Some numbers -> numbers[place]
        | None -> place

    /// The share in the average.
    member this.Weight place =
        match this.Drawn, this.Task.Background.Weights with
        | None, Some weights -> weights[place]
        | None, None
        | Some _, _ -> 1.0 / float this.Count

    /// The path to the row from a baseline, checked.
    member this.Path(place: int) : PathTask =
        let number = this.Number place
        let baseline = this.Task.Background.Point this.Task.Input number
        // Not formatted: that would take longer than the checks.
        let name = "row " + string number + " of the background"
        Checks.length name this.Task.Input.Length baseline
        Checks.finite name baseline
        { Row = this.Task.Row; Input = this.Task.Input; Baseline = baseline }

/// Averaging over all of a background, or over draws from it.
[<RequireQualifiedAccess>]
module internal BackgroundSelection =

    /// Points at which a model is evaluated together.
    let private together = 512

    /// The explained output at every baseline. Error: OperationCanceledException.
    let private outputs (options: PathOptions) (model: Model) (all: BackgroundSelection) =
        let target = (PathRows.prepare options model [| all.Path 0 |] |> Array.head).Target

        seq { 0 .. all.Count - 1 }
        |> Seq.chunkBySize together
        |> Seq.collect (fun places ->
            options.CancellationToken.ThrowIfCancellationRequested()

            places
            |> Array.map (fun place -> (all.Path place).Baseline)
            |> model.Function.Values
            |> Array.map (fun values -> values[target]))
        |> Array.ofSeq

    /// The place in the ordered background below which a share of the whole lies.
    let private quantile (weights: float[] option) (order: int[]) : float -> int =
        match weights with
        | None -> fun share -> int (share * float order.Length) |> min (order.Length - 1)
        | Some weights ->
            let upTo = order |> Array.map (fun number -> weights[number]) |> Array.scan (+) 0.0 |> Array.tail

            fun share ->
                let place = Array.BinarySearch(upTo, share)
                (if place < 0 then ~~~place else place + 1) |> min (order.Length - 1)

    /// Draws in strata of equal probability for each draw: baselines in the order of the explained output, because what attributions and
    /// interactions add up to is the row's output less that.
    let private drawn (options: PathOptions) (model: Model) (draws: Draws) (all: BackgroundSelection) =
        let keys = outputs options model all

        let compareKeys (i: int) (j: int) =
            match keys[i].CompareTo keys[j] with
            | 0 -> compare i j
            | order -> order

        let order = Array.init all.Count id |> Array.sortWith compareKeys
        let numberAt = quantile all.Task.Background.Weights order
        let random = RandomStream.Of(draws.Seed, 0)
        let count = draws.Samples

        Array.init count (fun draw ->
            let first = min (draw / 2) (count / 2 - 1) * 2
            let size = if first + 3 = count then 3 else 2
            order[numberAt ((float first + float size * random.Uniform()) / float count)])

    /// Which baselines the row is averaged over. Errors: ArgumentException for options, rows and baselines that do not fit the model.
    let create (options: PathOptions) (model: Model) (task: ExpectedTask) : BackgroundSelection =
        let background = task.Background

        let all = { Task = task; Drawn = None; Count = background.Count; IsSample = background.IsSample }

        match background.Draws with
        | Some draws when draws.Samples < background.Count -> {
            all with
                Drawn = Some(drawn options model draws all)
                Count = draws.Samples
                IsSample = true
          }
        | Some _
        | None -> all
