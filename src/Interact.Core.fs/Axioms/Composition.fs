namespace Interact.Core

/// Sums of functions, at the level of what methods know of a model: any function can take part, also one whose derivatives come
/// from outside.
[<RequireQualifiedAccess>]
module Combination =

    let private addScaled (coefficient: float) (values: float[]) (sum: float[]) =
        for i in 0 .. sum.Length - 1 do
            sum[i] <- sum[i] + coefficient * values[i]

    /// Σ coefficient · f over the terms. Errors: ArgumentException without terms, and unless all have as many inputs and outputs.
    let create (terms: (float * IDifferentiable) list) : IDifferentiable =
        Checks.require (not terms.IsEmpty) (nameof terms) (fun () -> "there is nothing to combine.")
        let first = snd terms.Head

        for _, f in terms do
            Checks.require (f.InputSize = first.InputSize && f.OutputSize = first.OutputSize) (nameof terms) (fun () ->
                $"a function of {f.InputSize} inputs and {f.OutputSize} outputs cannot be added to one of {first.InputSize} and {first.OutputSize}.")

        /// The terms' answers to the requests, added up request by request.
        let sum (ask: IDifferentiable -> float[][]) =
            let answers = terms |> List.map (fun (coefficient, f) -> coefficient, ask f)

            Array.init (snd answers.Head).Length (fun i ->
                let sum = Array.zeroCreate<float> (snd answers.Head).[i].Length

                for coefficient, values in answers do
                    addScaled coefficient values[i] sum

                sum)

        let combined = {
            new IDifferentiable with
                member _.InputSize = first.InputSize
                member _.OutputSize = first.OutputSize
                member _.Values points = sum _.Values(points)
                member _.Gradients requests = sum _.Gradients(requests)

                member _.Curvatures requests =
                    let answers = terms |> List.map (fun (coefficient, f) -> coefficient, f.Curvatures requests)

                    Array.init requests.Length (fun i ->
                        let add (part: CurvatureResult -> float[]) =
                            let sum = Array.zeroCreate<float> (part (snd answers.Head).[i]).Length

                            for coefficient, results in answers do
                                addScaled coefficient (part results[i]) sum

                            sum

                        { Gradients = add _.Gradients; Curvature = add _.Curvature })

                member _.WhyNotFinite(point, output) =
                    terms |> List.tryPick (fun (_, f) -> f.WhyNotFinite(point, output))
        }

        let switching =
            terms
            |> List.choose (fun (coefficient, f) ->
                match f with
                | :? ISwitching as switching -> Some(coefficient, switching)
                | _ -> None)

        if switching.Length < terms.Length then
            combined
        else
            SwitchingFunction(
                combined,
                fun evaluation points ->
                    switching
                    |> List.map (fun (coefficient, f) -> coefficient, f.Along(evaluation, points))
                    |> SwitchingPath.sum
            )

/// A map of rows: element i of the result is Factors[i] times element Sources[i] of a row of the given length.
type FeatureMap = { Length: int; Sources: int[]; Factors: float[] }

/// Functions after a map of their features: features exchanged, scaled, or ignored.
[<RequireQualifiedAccess>]
module FeatureMap =

    /// Rows of the given length, of which the elements with the given indices are kept, in that order.
    let pick (length: int) (sources: int[]) : FeatureMap = {
        Length = length
        Sources = sources
        Factors = Array.create sources.Length 1.0
    }

    /// Two features exchanged.
    let swap (length: int) (i: int) (j: int) : FeatureMap =
        pick
            length
            (Array.init length (fun k ->
                if k = i then j
                elif k = j then i
                else k))

    /// The map of a row.
    let apply (map: FeatureMap) (row: float[]) : float[] =
        Array.map2 (fun source factor -> factor * row[source]) map.Sources map.Factors

    /// Transposed: each element goes back to where it came from. Elements that come from the same place add up.
    let private back (map: FeatureMap) (values: float[]) : float[] =
        let result = Array.zeroCreate<float> map.Length

        for i in 0 .. map.Sources.Length - 1 do
            let source = map.Sources[i]
            result[source] <- result[source] + map.Factors[i] * values[i]

        result

    /// Second derivatives by the mapped elements taken back to those by the elements of the row: MᵀHM.
    let private backBoth (map: FeatureMap) (matrix: float[]) : float[] =
        let n = map.Sources.Length
        let result = Array.zeroCreate<float>(map.Length * map.Length)

        for i in 0 .. n - 1 do
            for j in 0 .. n - 1 do
                let place = map.Sources[i] * map.Length + map.Sources[j]
                result[place] <- result[place] + map.Factors[i] * map.Factors[j] * matrix[i * n + j]

        result

    /// f after the map: x -> f(Mx). Errors: ArgumentException where the map does not give rows that f takes.
    let compose (map: FeatureMap) (f: IDifferentiable) : IDifferentiable =
        Checks.length (nameof map.Sources) f.InputSize map.Sources
        Checks.length (nameof map.Factors) f.InputSize map.Factors

        for source in map.Sources do
            Checks.within (nameof map.Sources) 0 (map.Length - 1) source

        let points (points: PathPoints) = {
            points with
                Baseline = apply map points.Baseline
                Displacement = apply map points.Displacement
        }

        let gradients (values: float[]) = values |> Array.chunkBySize f.InputSize |> Array.collect (back map)

        let composed = {
            new IDifferentiable with
                member _.InputSize = map.Length
                member _.OutputSize = f.OutputSize
                member _.Values rows = rows |> Array.map (apply map) |> f.Values
                member _.Gradients requests = requests |> Array.map points |> f.Gradients |> Array.map gradients

                member _.Curvatures requests =
                    let mapped =
                        requests
                        |> Array.map (fun request -> {
                            request with
                                Points = points request.Points
                                Directions =
                                    match request.Directions with
                                    | EachFeature -> EachFeature
                                    | Along directions -> Along(directions |> Array.map (apply map))
                        })

                    Array.map2
                        (fun (request: CurvatureRequest) (result: CurvatureResult) -> {
                            Gradients = gradients result.Gradients
                            Curvature =
                                match request.Directions with
                                | EachFeature -> backBoth map result.Curvature
                                | Along _ -> result.Curvature
                        })
                        requests
                        (f.Curvatures mapped)

                member _.WhyNotFinite(point, output) = f.WhyNotFinite(apply map point, output)
        }

        match f with
        | :? ISwitching as switching ->
            SwitchingFunction(
                composed,
                fun evaluation path -> switching.Along(evaluation, points path) |> SwitchingPath.mapped (back map)
            )
        | _ -> composed
