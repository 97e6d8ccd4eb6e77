namespace Interact.Core

/// Representatives of many rows: the centres of clusters, by Lloyd's algorithm.
///
/// Sources: Lloyd, "Least squares quantization in PCM", 1982; the first centres by Arthur and Vassilvitskii, "k-means++: the advantages
/// of careful seeding", SODA 2007.
[<RequireQualifiedAccess>]
module internal Clusters =

    /// Passes after which centres are taken as they are.
    let private mostPasses = 100

    let private square (x: float[]) (y: float[]) =
        let mutable sum = 0.0

        for i in 0 .. x.Length - 1 do
            let difference = x[i] - y[i]
            sum <- sum + difference * difference

        sum

    let private nearest (centres: float[][]) (row: float[]) =
        let mutable best = 0
        let mutable least = infinity

        for k in 0 .. centres.Length - 1 do
            let distance = square row centres[k]

            if distance < least then
                best <- k
                least <- distance

        best

    /// Each further centre is a row drawn with a probability in proportion to its squared distance from the nearest centre; fewer where
    /// rows coincide.
    let private firstCentres (count: int) (random: RandomStream) (rows: float[][]) =
        let pick total (weights: float[]) =
            let wanted = random.Uniform() * total
            let mutable row = 0
            let mutable sum = weights[0]

            while row < weights.Length - 1 && (sum <= wanted || weights[row] = 0.0) do
                row <- row + 1
                sum <- sum + weights[row]

            // Rounding may leave the last row, which may be a centre already.
            if weights[row] > 0.0 then row else Array.findIndexBack (fun weight -> weight > 0.0) weights

        let rec extend (centres: float[][]) (distances: float[]) =
            let total = Array.sum distances

            if centres.Length = count || total = 0.0 then
                centres
            else
                let next = rows[pick total distances]

                extend
                    (Array.append centres [| next |])
                    (Array.map2 (fun row own -> min own (square row next)) rows distances)

        let first = rows[pick (float rows.Length) (Array.create rows.Length 1.0)]
        extend [| first |] (rows |> Array.map (square first))

    /// The centres and how many rows are nearest to each; a cluster that loses all rows is left out.
    let private move (centres: float[][]) (owners: int[]) (rows: float[][]) =
        let sums = centres |> Array.map (fun centre -> Array.zeroCreate<float> centre.Length)
        let counts = Array.zeroCreate<int> centres.Length

        for r in 0 .. rows.Length - 1 do
            let own = owners[r]
            counts[own] <- counts[own] + 1

            for i in 0 .. rows[r].Length - 1 do
                sums[own].[i] <- sums[own].[i] + rows[r].[i]

        [|
            for k in 0 .. centres.Length - 1 do
                if counts[k] > 0 then sums[k] |> Array.map (fun sum -> sum / float counts[k]), counts[k]
        |]

    /// At most so many centres, each with the number of rows that are nearest to it.
    let find (count: int) (seed: int) (rows: float[][]) : (float[] * int)[] =
        let rec improve passes (before: int[]) (clusters: (float[] * int)[]) =
            let centres = clusters |> Array.map fst
            let owners = rows |> Array.map (nearest centres)

            if passes = mostPasses || owners = before then
                clusters
            else
                move centres owners rows |> improve (passes + 1) owners

        let first = firstCentres count (RandomStream.Of(seed, 0)) rows
        let owners = rows |> Array.map (nearest first)
        move first owners rows |> improve 1 owners
