namespace Interact.Core

open System
open System.Collections.Generic

/// A stretch of a path on which nothing switches.
type internal PathPiece = {
    Start: float
    End: float
    /// A point in it.
    Inside: float
    States: float[]
}

/// The pieces of a path, in its order.
type internal PathPieces = {
    Pieces: PathPiece[]
    /// Whether they leave no gaps; not so where the limit on samples was reached.
    IsComplete: bool
    /// Points at which switches were looked at.
    Samples: int
}

/// Divides a path into the pieces between its kinks.
///
/// Any point tells the whole piece that it lies on: with the states of that point held, arguments go on smoothly, and the piece ends
/// on either side where the first of them would cross zero. Where the model is piecewise linear, they are lines, and their slopes
/// tell where. So points are put into what no piece covers yet until nothing is left. That takes about as many points as there are
/// pieces, many of them at once, and no kink can be missed between two points.
[<RequireQualifiedAccess>]
module internal PathPieces =

    /// Gaps between pieces that count as none: kinks closer than this are one.
    let private closest = 1e-14

    /// Points that are looked at together where there are few gaps.
    let private together = 16

    /// The ends of the linear piece around a point; None for a point on a kink.
    let private linearPiece (t: float) (sample: SwitchSample) : PathPiece option =
        let mutable first, last = 0.0, 1.0
        let mutable isInside = true

        for i in 0 .. sample.Arguments.Length - 1 do
            let argument, slope = sample.Arguments[i], sample.Slopes[i]

            if slope <> 0.0 then
                if argument = 0.0 then
                    isInside <- false
                else
                    let distance = -argument / slope

                    if distance > 0.0 then last <- min last (t + distance)
                    elif distance < 0.0 then first <- max first (t + distance)

        if isInside then Some { Start = first; End = last; Inside = t; States = sample.States } else None

    /// The ends of the smooth piece around a point, looked for between two others.
    let private smoothPiece (path: ISwitchingPath) samples (low: float) (high: float) (t: float) sample =
        linearPiece t sample
        |> Option.map (fun _ ->
            let reach direction limit =
                SwitchReach.find path samples { Time = t; Direction = direction; Limit = limit } sample

            {
                Start = t - reach -1.0 (t - low)
                End = t + reach 1.0 (high - t)
                Inside = t
                States = sample.States
            })

    let private areEqual (a: float[]) (b: float[]) = ReadOnlySpan(a).SequenceEqual(ReadOnlySpan b)

    /// Neighbours with the same states made into one. Where the model is piecewise linear they are one piece, as what keeps all states
    /// is convex.
    let private merge isLinear (pieces: PathPiece seq) : PathPiece list =
        (pieces |> Seq.sortBy _.Inside, [])
        ||> Seq.foldBack (fun piece rest ->
            match rest with
            | next :: others when (isLinear || next.Start - piece.End <= closest) && areEqual piece.States next.States ->
                { piece with Start = min piece.Start next.Start; End = max piece.End next.End } :: others
            | _ -> piece :: rest)

    /// What no piece covers.
    let private gaps (pieces: PathPiece list) =
        List.zip (0.0 :: (pieces |> List.map _.End)) ((pieces |> List.map _.Start) @ [ 1.0 ])
        |> List.filter (fun (low, high) -> high - low > closest)

    /// The pieces of a path. limit: number of points at which switches may be looked at.
    let find (path: ISwitchingPath) (limit: int) : PathPieces =
        let samples = ref 0

        let look (nodes: float[]) =
            samples.Value <- samples.Value + nodes.Length
            path.Sample nodes

        /// The pieces around points in the gaps. Their place within it changes from round to round, so that a point that has come to lie on
        /// a kink does not again.
        let around round (open': (float * float) list) =
            let each = if path.IsPiecewiseLinear then max 1 (together / open'.Length) else 1
            let place = 0.25 + 0.5 * ((0.4142 + 0.618034 * float round) % 1.0)

            let points = [|
                for low, high in open' do
                    for i in 0 .. each - 1 -> low, high, low + (high - low) * (float i + place) / float each
            |]

            Array.map2
                (fun (low, high, t) sample ->
                    if path.IsPiecewiseLinear then linearPiece t sample else smoothPiece path samples low high t sample)
                points
                (points |> Array.map (fun (_, _, t) -> t) |> look)
            |> Array.choose id

        let rec fill round (pieces: PathPiece list) =
            match gaps pieces with
            | [] -> pieces, true
            | _ when samples.Value >= limit -> pieces, false
            | open' -> Seq.append pieces (around round open') |> merge path.IsPiecewiseLinear |> fill (round + 1)

        let pieces, isComplete = fill 0 []
        { Pieces = Array.ofList pieces; IsComplete = isComplete; Samples = samples.Value }

    /// Where pieces meet.
    let breaks (pieces: PathPieces) : float[] =
        pieces.Pieces
        |> Array.pairwise
        |> Array.map (fun (before, after) -> Math.Clamp((before.End + after.Start) / 2.0, before.Inside, after.Inside))
