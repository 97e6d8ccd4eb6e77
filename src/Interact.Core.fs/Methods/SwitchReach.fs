namespace Interact.Core

open System

/// A way along a path, from a point on.
[<Struct>]
type internal Way = {
    Time: float
    /// 1 or -1.
    Direction: float
    /// How far it goes.
    Limit: float
}

/// How far nothing switches on a smooth stretch of a path: the first zero of any argument while all states are held.
///
/// Arguments are looked at in steps, with their slopes; where cubic interpolation between neighbouring steps comes close to zero, or
/// does not predict the step between them well, steps are made finer. A zero is then enclosed, to rounding, by cubic interpolation
/// kept inside a shrinking bracket.
[<RequireQualifiedAccess>]
module internal SwitchReach =

    /// Steps looked at together.
    let private steps = 16

    /// How often steps are made finer.
    let private finest = 5

    /// What the signs of arguments at the start of the way make positive there, at a distance from it: nothing switches while none is
    /// negative.
    type private Place = { Distance: float; Margins: float[]; Slopes: float[] }

    let private isCrossed (place: Place) = place.Margins |> Array.exists (fun margin -> margin < 0.0)

    /// The cubic through margins and slopes at both places, at a part of the way between them.
    let private between (a: Place) (b: Place) i (part: float) =
        let width = b.Distance - a.Distance
        let rest = 1.0 - part

        rest * rest * ((1.0 + 2.0 * part) * a.Margins[i] + part * width * a.Slopes[i])
        + part * part * ((1.0 + 2.0 * rest) * b.Margins[i] - rest * width * b.Slopes[i])

    /// Whether a margin may come down to zero between two places and up again.
    let private dips (a: Place) (b: Place) =
        let dips i =
            a.Slopes[i] < 0.0
            && Seq.exists (fun k -> between a b i (float k / 8.0) < 0.1 * min a.Margins[i] b.Margins[i]) (seq { 1..7 })

        Seq.exists dips (seq { 0 .. a.Margins.Length - 1 })

    /// Whether places are too far apart to tell what is between them.
    let private isCoarse (a: Place) (middle: Place) (b: Place) =
        let part = (middle.Distance - a.Distance) / (b.Distance - a.Distance)

        let isOff i = abs (between a b i part - middle.Margins[i]) > 0.25 * middle.Margins[i] && middle.Margins[i] > 0.0

        Seq.exists isOff (seq { 0 .. a.Margins.Length - 1 })

    /// The first part of the way between two places at which a margin's cubic is zero.
    let private crossing (a: Place) (b: Place) i =
        let mutable low, high = 0.0, 1.0

        for _ in 1..50 do
            let middle = (low + high) / 2.0
            if between a b i middle < 0.0 then high <- middle else low <- middle

        (low + high) / 2.0

    /// The distance at which the first argument comes to zero, or the limit of the way.
    ///
    /// samples: counts the points that were looked at.
    let find (path: ISwitchingPath) (samples: int ref) (way: Way) (start: SwitchSample) : float =
        // An argument that is zero with slope zero stays so: equal candidates, or a unit behind one that is off.
        let signs = start.Arguments |> Array.map (fun argument -> float (Math.Sign argument))

        let placeOf distance (sample: SwitchSample) = {
            Distance = distance
            Margins = Array.map2 (*) signs sample.Arguments
            Slopes = Array.map2 (fun sign slope -> way.Direction * sign * slope) signs sample.Slopes
        }

        let places (distances: float[]) =
            samples.Value <- samples.Value + distances.Length

            path.Hold(start.States, distances |> Array.map (fun distance -> way.Time + way.Direction * distance))
            |> Array.map2 placeOf distances

        let evenly (first: float) (last: float) count =
            Array.init count (fun i -> first + (last - first) * float (i + 1) / float count)

        /// The bracket of the first crossing among places in order, the first of which is not crossed.
        let rec scan depth (row: Place[]) : (Place * Place) option =
            let isDoubtful i =
                dips row[i] row[i + 1]
                || i > 0 && isCoarse row[i - 1] row[i] row[i + 1]
                || i + 2 < row.Length && isCoarse row[i] row[i + 1] row[i + 2]

            let rec next i =
                if i + 1 = row.Length then
                    None
                elif isCrossed row[i + 1] then
                    Some(row[i], row[i + 1])
                elif depth < finest && isDoubtful i then
                    let finer = evenly row[i].Distance row[i + 1].Distance steps |> fun all -> all[.. steps - 2]

                    scan (depth + 1) [| row[i]; yield! places finer; row[i + 1] |]
                    |> Option.orElseWith (fun () -> next (i + 1))
                else
                    next (i + 1)

            next 0

        let rec narrow remaining (a: Place) (b: Place) =
            let width = b.Distance - a.Distance
            let smallest = 1e-16 * max 1.0 (way.Time + way.Direction * a.Distance)

            if width <= smallest || remaining = 0 then
                (a.Distance + b.Distance) / 2.0
            else
                let estimate =
                    seq { 0 .. b.Margins.Length - 1 }
                    |> Seq.filter (fun i -> b.Margins[i] < 0.0)
                    |> Seq.map (crossing a b)
                    |> Seq.min

                let inner =
                    [|
                        yield! evenly 0.0 1.0 9

                        for offset in [ 0.0; 1e-7; -1e-7; 1e-4; -1e-4; 1e-2; -1e-2 ] -> estimate + offset
                    |]
                    |> Array.map (fun part -> a.Distance + width * part)
                    |> Array.filter (fun distance -> distance > a.Distance && distance < b.Distance)
                    |> Array.distinct
                    |> Array.sort

                if inner.Length = 0 then
                    (a.Distance + b.Distance) / 2.0
                else
                    let row = [| a; yield! places inner; b |]
                    let first = row |> Array.findIndex isCrossed
                    narrow (remaining - 1) row[max 0 (first - 1)] row[first]

        let rec walk (from: Place) stride =
            let stride = min stride (way.Limit - from.Distance)
            let row = [| from; yield! evenly from.Distance (from.Distance + stride) steps |> places |]

            match scan 0 row with
            | Some(a, b) -> narrow 60 a b
            | None when row[steps].Distance >= way.Limit -> way.Limit
            | None -> walk row[steps] (2.0 * stride)

        if way.Limit <= 0.0 then
            0.0
        else
            let origin = placeOf 0.0 start

            let guess =
                Array.fold2
                    (fun nearest margin slope -> if slope < 0.0 then min nearest (-margin / slope) else nearest)
                    way.Limit
                    origin.Margins
                    origin.Slopes

            walk origin (max (1.5 * guess) 1e-12)
