namespace Interact.Core.Quadrature

open System
open Interact.Core

/// A change of variable along the path, s = Σ asinh((t - c)/w), that stretches the neighbourhood of sharp places: c is the place
/// and w how wide it is. A function with a pole at c ± iw is smooth in s.
type PathMap = { Centers: float[]; Widths: float[] }

/// The change of variable and its inverse, both scaled to [-1, 1] for t in [0, 1].
[<RequireQualifiedAccess>]
module internal PathMap =

    let private raw (map: PathMap) t =
        let mutable sum = 0.0

        for k in 0 .. map.Centers.Length - 1 do
            sum <- sum + Math.Asinh((t - map.Centers[k]) / map.Widths[k])

        sum

    let private slope (map: PathMap) t =
        let mutable sum = 0.0

        for k in 0 .. map.Centers.Length - 1 do
            let distance = t - map.Centers[k]
            sum <- sum + 1.0 / Math.Sqrt(distance * distance + map.Widths[k] * map.Widths[k])

        sum

    /// s in [-1, 1] for t in [0, 1].
    let forward (map: PathMap) : float -> float =
        let first, last = raw map 0.0, raw map 1.0
        fun t -> 2.0 * (raw map t - first) / (last - first) - 1.0

    /// t in [0, 1] for s in [-1, 1], by Newton's method kept inside a shrinking bracket.
    let inverse (map: PathMap) : float -> float =
        let first, last = raw map 0.0, raw map 1.0

        fun s ->
            let wanted = first + (s + 1.0) / 2.0 * (last - first)
            let mutable low, high = 0.0, 1.0
            let mutable t = 0.5
            let mutable steps = 0

            while steps < 80 do
                let difference = raw map t - wanted
                if difference > 0.0 then high <- t else low <- t
                let newton = t - difference / slope map t
                let next = if newton > low && newton < high then newton else (low + high) / 2.0
                steps <- if abs (next - t) <= 1e-16 then 80 else steps + 1
                t <- next

            t

/// Gauss rules in a variable adapted to the integrand. Where a path passes close to a singularity of the model in the complex
/// plane, polynomials in t converge slowly; polynomials in a variable that stretches that place converge as if it were far away,
/// with a half or a third of the nodes.
///
/// Nodes and weights come from the recurrence of the polynomials in s that are orthogonal under w(t) dt, by Stieltjes' procedure on
/// a fine discretisation.
[<RequireQualifiedAccess>]
module internal AdaptedRule =

    /// Number of parts, evenly spaced in s, by which the measure is discretised, and the order of the rule on each.
    let private parts, partOrder = 16, 20

    /// The integrand between its samples, by barycentric interpolation on each panel.
    let private interpolate (sampled: SampledPanel[]) : float -> float[] =
        let components = sampled[0].Values.Length / sampled[0].Nodes.Length

        let barycentric =
            sampled
            |> Array.map (fun panel ->
                // Differences are taken in units of a quarter of the panel, the capacity of an interval, so that products stay of order 1.
                let unit = (panel.Panel.End - panel.Panel.Start) / 4.0

                panel.Nodes
                |> Array.map (fun t ->
                    1.0
                    / (panel.Nodes
                       |> Array.fold
                           (fun product other -> if other = t then product else product * (t - other) / unit)
                           1.0)))

        fun t ->
            let index = sampled |> Array.findIndexBack (fun panel -> panel.Panel.Start <= t)
            let panel, weights = sampled[index], barycentric[index]

            match Array.IndexOf(panel.Nodes, t) with
            | -1 ->
                let sums = Array.zeroCreate<float> components
                let mutable total = 0.0

                for p in 0 .. panel.Nodes.Length - 1 do
                    let factor = weights[p] / (t - panel.Nodes[p])
                    total <- total + factor

                    for c in 0 .. components - 1 do
                        sums[c] <- sums[c] + factor * panel.Values[p * components + c]

                sums |> Array.map (fun sum -> sum / total)
            | p -> Array.sub panel.Values (p * components) components

    /// Number of Chebyshev points by which a map is judged.
    let private judged = 40

    let private angle j = Math.PI * (float j + 0.5) / float judged

    /// Chebyshev polynomials of the upper half of the degrees at the points by which a map is judged: T_k at point j.
    let private chebyshev =
        lazy
            (Array.init (judged - judged / 2) (fun k ->
                Array.init judged (fun j -> Math.Cos(float (judged / 2 + k) * angle j))))

    /// How far the integrand in the new variable is from a polynomial of half the judged degree: the size of its upper Chebyshev
    /// coefficients, relative to the largest.
    let private tail (integrand: float -> float[]) (map: PathMap) =
        let inverse = PathMap.inverse map
        let values = Array.init judged (fun j -> integrand (inverse (Math.Cos(angle j))))

        let polynomials = chebyshev.Value
        let mutable largest = 0.0

        for c in 0 .. values[0].Length - 1 do
            let mutable size = 1e-300
            let mutable upper = 0.0

            for value in values do
                size <- max size (abs value[c])

            for polynomial in polynomials do
                let mutable sum = 0.0

                for j in 0 .. judged - 1 do
                    sum <- sum + values[j].[c] * polynomial[j]

                upper <- upper + abs sum

            largest <- max largest (upper / size)

        largest

    /// Moves and rescales one center at a time as long as that makes the tail smaller, by ever smaller steps.
    let private improve (integrand: float -> float[]) (map: PathMap) =
        let change (map: PathMap) k shift scale =
            let place = Math.Clamp(map.Centers[k] + shift * map.Widths[k], -0.5, 1.5)

            {
                Centers = map.Centers |> Array.mapi (fun i center -> if i = k then place else center)
                Widths = map.Widths |> Array.mapi (fun i width -> if i = k then width * scale else width)
            }

        let mutable best = map
        let mutable smallest = tail integrand map
        let mutable step = 1.0

        while step >= 0.25 do
            let mutable better = false

            for k in 0 .. map.Centers.Length - 1 do
                for shift, scale in [ step, 1.0; -step, 1.0; 0.0, 1.0 + step; 0.0, 1.0 / (1.0 + step) ] do
                    let candidate = change best k shift scale
                    let size = tail integrand candidate

                    if size < 0.9 * smallest then
                        best <- candidate
                        smallest <- size
                        better <- true

            if not better then step <- step / 2.0

        best, smallest

    /// Recurrence coefficients of the polynomials in s that are orthogonal under the weight function, for all orders up to the largest.
    let private recurrence (weight: WeightFunction) (map: PathMap) =
        let inverse = PathMap.inverse map
        let forward = PathMap.forward map

        let ends =
            Array.init (parts + 1) (fun i ->
                if i = 0 then 0.0
                elif i = parts then 1.0
                else inverse (2.0 * float i / float parts - 1.0))

        let fine =
            Array.init parts (fun i -> Panel.rule weight { Start = ends[i]; End = ends[i + 1]; Order = partOrder })

        let weights = fine |> Array.collect _.Weights
        let s = fine |> Array.collect (fun rule -> rule.Nodes |> Array.map forward)
        let n = GaussRule.maxOrder
        let alpha = Array.zeroCreate<float> n
        let beta = Array.zeroCreate<float> n
        beta[0] <- Array.sum weights
        let mutable previous = Array.zeroCreate<float> s.Length
        let mutable current = Array.create s.Length (1.0 / sqrt beta[0])

        for k in 0 .. n - 1 do
            let mutable mean = 0.0

            for i in 0 .. s.Length - 1 do
                mean <- mean + weights[i] * s[i] * current[i] * current[i]

            alpha[k] <- mean

            if k < n - 1 then
                let below = if k = 0 then 0.0 else sqrt beta[k]
                let next = Array.init s.Length (fun i -> (s[i] - mean) * current[i] - below * previous[i])
                let mutable square = 0.0

                for i in 0 .. s.Length - 1 do
                    square <- square + weights[i] * next[i] * next[i]

                beta[k + 1] <- square
                previous <- current
                current <- next |> Array.map (fun value -> value / sqrt square)

        alpha, beta

    /// Rules of any order up to GaussRule.maxOrder whose nodes are those of the polynomials in s, with weights that include the
    /// weight function.
    let rules (weight: WeightFunction) (map: PathMap) : int -> QuadratureRule =
        let alpha, beta = recurrence weight map

        fun order ->
            let inS = GaussRule.ofRecurrence alpha[.. order - 1] beta[.. order - 1]

            { inS with Nodes = inS.Nodes |> Array.map (PathMap.inverse map) }

    /// Panels narrower than their neighbours, the narrowest first: where the integrand is sharp.
    let private sharpPlaces (sampled: SampledPanel[]) =
        let width i = if i < 0 || i >= sampled.Length then infinity else sampled[i].Panel.End - sampled[i].Panel.Start

        [
            for i in 0 .. sampled.Length - 1 do
                if width i <= width (i - 1) && width i <= width (i + 1) then
                    (sampled[i].Panel.Start + sampled[i].Panel.End) / 2.0, width i
        ]
        |> List.sortBy snd

    /// Most sharp places that a map has room for.
    let private mostCenters = 3

    /// A further sharp place must make the integrand smoother by this factor.
    let private worthwhile = 0.3

    /// The change of variable that makes a sampled integrand smooth, with a center for each sharp place that is worth one.
    let findMap (sampled: SampledPanel[]) : PathMap =
        let integrand = interpolate sampled

        let rec extend (map: PathMap) roughness places =
            match places with
            | (place, width) :: rest when map.Centers.Length < mostCenters ->
                let wider, less =
                    improve integrand {
                        Centers = Array.append map.Centers [| place |]
                        Widths = Array.append map.Widths [| width |]
                    }

                if less < worthwhile * roughness then extend wider less rest else extend map roughness rest
            | _ -> map

        extend { Centers = [||]; Widths = [||] } infinity (sharpPlaces sampled)
