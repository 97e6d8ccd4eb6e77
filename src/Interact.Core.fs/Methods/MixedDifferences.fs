namespace Interact.Core

open System.Collections.Generic

/// Mixed differences between two rows: for a set S of features, Δ_S f = Σ_{T ⊆ S} (-1)^|S∖T| f(x with the features of T, x' with the others
/// of S and all outside S), divided by 2^(|S|/2). It is the mixed partial derivative by S integrated over the box between the rows,
/// so kinks and steps count in, and it is in units of the output for sets of every size.
///
/// Over independent rows x and x' with independent features, the mean square of Δ_S f so divided is the variance of f that comes of S and
/// the sets that hold S, its superset importance.
///
/// Source: Liu, Owen, "Estimating mean dimensionality of analysis of variance decompositions", JASA 2006.
[<RequireQualifiedAccess>]
module MixedDifferences =

    /// Points evaluated in one call.
    let private pointsAtOnce = 4096

    /// The sets and all their subsets, each once, and for each set the places of its subsets with even and with odd complement.
    let private closure (sets: int[][]) =
        let places = Dictionary<int[], int>(HashIdentity.Structural)
        let all = ResizeArray<int[]>()

        let place (subset: int[]) =
            match places.TryGetValue subset with
            | true, known -> known
            | false, _ ->
                places.Add(subset, all.Count)
                all.Add subset
                all.Count - 1

        let terms =
            sets
            |> Array.map (fun set ->
                Array.init (1 <<< set.Length) (fun mask ->
                    let subset = [|
                        for k in 0 .. set.Length - 1 do
                            if mask >>> k &&& 1 = 1 then set[k]
                    |]

                    let sign = if (set.Length - subset.Length) % 2 = 0 then 1.0 else -1.0
                    struct (place subset, sign)))

        all.ToArray(), terms

    let private mixed (row: float[]) (other: float[]) (subset: int[]) =
        let point = Array.copy other

        for feature in subset do
            point[feature] <- row[feature]

        point

    /// Δ_S f / 2^(|S|/2) for every set at every pair of rows: Input is x, Baseline x'. A row's target is taken at x.
    ///
    /// sets: flattened feature indices, ascending, at most 12 in a set. Errors: ArgumentException for sets, rows and options that do not
    /// fit, NotFiniteException where the model is not finite at x or x'.
    let explainRows (options: PathOptions) (model: Model) (sets: int[][]) (tasks: PathTask[]) : float[][] =
        for set in sets do
            Checks.within (nameof sets) 1 12 set.Length

            for feature in set do
                Checks.within (nameof sets) 0 (model.InputSize - 1) feature

        let rows = PathRows.prepare { options with Groups = None } model tasks
        let subsets, terms = closure sets
        let derivatives = Model.evaluatedBy options.CheckingEvaluation model
        let values = Array.init rows.Length (fun _ -> Array.zeroCreate<float> subsets.Length)

        for chunk in
            Seq.allPairs (seq { 0 .. rows.Length - 1 }) (seq { 0 .. subsets.Length - 1 })
            |> Seq.chunkBySize pointsAtOnce do
            options.CancellationToken.ThrowIfCancellationRequested()

            let outputs =
                chunk
                |> Array.map (fun (row, subset) -> mixed rows[row].Task.Input rows[row].Task.Baseline subsets[subset])
                |> derivatives.Values

            for (row, subset), output in Array.zip chunk outputs do
                values[row][subset] <- output[rows[row].Target]

        values
        |> Array.mapi (fun row own ->
            terms
            |> Array.mapi (fun set terms ->
                let difference = terms |> Array.sumBy (fun struct (place, sign) -> sign * own[place])

                if not (System.Double.IsFinite difference) then
                    raise (NotFiniteException(rows[row].Task.Row, "the model is not finite between the two rows"))

                difference / sqrt (float (1 <<< sets[set].Length))))
