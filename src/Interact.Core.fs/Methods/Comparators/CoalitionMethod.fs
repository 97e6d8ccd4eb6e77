namespace Interact.Core

open System
open System.Numerics
open System.Numerics.Tensors

/// How methods are run that compare what coalitions of features are worth.
[<NoEquality; NoComparison>]
type CoalitionOptions = {
    /// Target, groups (each acts as one player), tolerance, precision, threads, memory. There is no path, so what is said about kinks
    /// and points of the path makes no difference.
    Path: PathOptions
    /// How often every pair is drawn. None: all coalitions are evaluated where there are at most 20 players, and every pair is drawn
    /// 100 times where there are more.
    Samples: int option
    /// What the draws depend on, together with the number of the row.
    Seed: int
}

[<RequireQualifiedAccess>]
module CoalitionOptions =

    /// The largest number of players whose coalitions are all evaluated.
    let mostExact = 20

    /// How often every pair is drawn where nothing else is said.
    let samples = 100

    /// The defaults of path methods, all coalitions up to 20 players and 100 draws beyond, seed 0.
    let defaults = { Path = PathOptions.defaults; Samples = None; Seed = 0 }

/// One draw of all numbers of a result.
[<NoEquality; NoComparison>]
type internal CoalitionDraw = {
    /// Coalitions whose values it needs.
    Count: int
    Write: MaskWriter
    /// Attributions, and cells of the matrix row by row, from the values: those of this draw begin at the given place.
    Collect: float[] -> int -> float[] * float[]
}

/// What Shapley interactions and Shapley-Taylor interactions have in common.
[<RequireQualifiedAccess>]
module internal CoalitionMethod =

    /// Draws are evaluated together up to so many coalitions.
    let private coalitionsAtOnce = 1 <<< 14

    let private exhaustive players =
        MaskWriter(fun coalition masks offset ->
            let mutable left = uint coalition

            while left <> 0u do
                masks[offset + BitOperations.TrailingZeroCount left] <- 1.0
                left <- left &&& (left - 1u))
        |> fun write -> 1 <<< players, write

    /// Mean and standard error of numbers that are drawn again and again.
    let private average (samples: int) (draw: int -> float[]) : float[] * float =
        let mean: float[] = draw 0
        let squares = Array.zeroCreate<float> mean.Length

        for i in 1 .. samples - 1 do
            let values: float[] = draw i

            for k in 0 .. mean.Length - 1 do
                let difference = values[k] - mean[k]
                mean[k] <- mean[k] + difference / float (i + 1)
                squares[k] <- squares[k] + difference * (values[k] - mean[k])

        let largest = TensorPrimitives.Max<float>(ReadOnlySpan squares)
        mean, sqrt (largest / (float samples * float (samples - 1)))

    let private sampled (options: CoalitionOptions) samples (values: CoalitionValues) draw (row: PathRow) =
        let players = values.Players
        let random = Random(options.Seed ^^^ (row.Task.Row * 0x2545F491))
        let mutable ready: (float[] * float[])[] = [||]
        let mutable first = 0
        let mutable evaluations = 0

        /// Draws come a few at a time, so that their coalitions are evaluated together.
        let rec next index =
            if index < first + ready.Length then
                let attributions, cells = ready[index - first]
                Array.append attributions cells
            else
                first <- index
                let one: CoalitionDraw = draw players random
                let together = coalitionsAtOnce / one.Count |> max 1 |> min (samples - index)
                let draws = Array.init together (fun i -> if i = 0 then one else draw players random)

                let write =
                    MaskWriter(fun coalition masks offset ->
                        draws[coalition / one.Count].Write.Invoke(coalition % one.Count, masks, offset))

                let found = values.Of(row, together * one.Count, write)
                evaluations <- evaluations + together * one.Count
                ready <- draws |> Array.mapi (fun i draw -> draw.Collect found (i * one.Count))
                next index

        let numbers, error = average samples next
        numbers[.. players - 1], numbers[players..], Some error, evaluations

    /// Attributions and interactions of several rows.
    ///
    /// exact: attributions and cells from the values of all coalitions. draw: one draw of both for so many players.
    let explainRows
        (exact: int -> float[] -> float[] * float[])
        (draw: int -> Random -> CoalitionDraw)
        (options: CoalitionOptions)
        (model: Model)
        (tasks: PathTask[])
        : Explanation[] =
        options.Samples |> Option.iter (Checks.within "Samples" 2 Int32.MaxValue)
        let rows = PathRows.prepare options.Path model tasks
        let values = CoalitionValues(options.Path, model, (fun players -> CoalitionGraph.ofModel players model))
        let players = values.Players

        let samples =
            if options.Samples.IsNone && players > CoalitionOptions.mostExact then
                Some CoalitionOptions.samples
            else
                options.Samples

        rows
        |> Array.map (fun row ->
            options.Path.CancellationToken.ThrowIfCancellationRequested()

            let attributions, cells, error, evaluations =
                match samples with
                | Some samples -> sampled options samples values draw row
                | None ->
                    let count, write = exhaustive players
                    let attributions, cells = values.Of(row, count, write) |> exact players
                    attributions, cells, None, count

            Comparator.explanation options.Path row attributions (Some cells) {
                Promise = Complete
                Method = if error.IsSome then "sampled" else "exact"
                Evaluations = evaluations
                StandardError = error
                Error = 0.0
            })

    /// A random order of the numbers from 0.
    let permutation (random: Random) count =
        let order = [| 0 .. count - 1 |]
        random.Shuffle order
        order

    /// A symmetric matrix, row by row, of half of each pair's number off the diagonal, with a diagonal that is made of the sums of
    /// a row's halves.
    let cellsOf players (pairs: float[,]) (diagonal: int -> float -> float) : float[] =
        let cells = Array.init (players * players) (fun place -> 0.5 * pairs[place / players, place % players])

        for i in 0 .. players - 1 do
            cells[i * players + i] <- 0.0
            let halves = TensorPrimitives.Sum<float>(ReadOnlySpan(cells, i * players, players))
            cells[i * players + i] <- diagonal i halves

        cells
