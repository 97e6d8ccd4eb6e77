namespace Interact.Core

open System
open System.Collections.Generic
open System.Numerics

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

    /// Points evaluated in one call, and numbers they may hold together: 32 MiB.
    let private pointsAtOnce = 4096

    let private numbersAtOnce = 1 <<< 22

    /// The sets and all their subsets, each once, and for each set the places of its subsets: that of the members k of a set stands at Σ 2^k.
    let private closure (check: unit -> unit) (sets: int[][]) =
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
                check ()

                Array.init (1 <<< set.Length) (fun mask ->
                    place [|
                        for k in 0 .. set.Length - 1 do
                            if mask >>> k &&& 1 = 1 then set[k]
                    |]))

        all.ToArray(), terms

    let private mixed (row: float[]) (other: float[]) (subset: int[]) =
        let point = Array.copy other

        for feature in subset do
            point[feature] <- row[feature]

        point

    /// The target's value for every subset at every row, a bounded number of points at a time.
    let private valuesOf (options: PathOptions) (model: Model) (subsets: int[][]) (rows: PathRow[]) : float[][] =
        let derivatives = Model.evaluatedBy options.CheckingEvaluation model
        let atOnce = numbersAtOnce / model.InputSize |> max 1 |> min pointsAtOnce
        let values = Array.init rows.Length (fun _ -> Array.zeroCreate<float> subsets.Length)
        let total = int64 rows.Length * int64 subsets.Length
        let mutable first = 0L

        while first < total do
            options.CancellationToken.ThrowIfCancellationRequested()
            let start = first
            let count = min (int64 atOnce) (total - start) |> int

            let placeOf k =
                let struct (row, subset) = Math.DivRem(start + int64 k, int64 subsets.Length)
                struct (int row, int subset)

            let outputs =
                Array.init count (fun k ->
                    let struct (row, subset) = placeOf k
                    mixed rows[row].Task.Input rows[row].Task.Baseline subsets[subset])
                |> derivatives.Values

            for k in 0 .. count - 1 do
                let struct (row, subset) = placeOf k
                values[row][subset] <- outputs[k][rows[row].Target]

            first <- start + int64 count

        values

    /// The signed sum over a set's subsets, over 2^(|S|/2).
    let private difference (own: float[]) (places: int[]) =
        let size = BitOperations.Log2(uint places.Length)
        let mutable sum = 0.0

        for mask in 0 .. places.Length - 1 do
            let value = own[places[mask]]
            sum <- if (size - BitOperations.PopCount(uint mask)) % 2 = 0 then sum + value else sum - value

        sum / sqrt (float places.Length)

    let private check (options: PathOptions) (model: Model) (sets: int[][]) =
        for set in sets do
            Checks.within (nameof sets) 1 12 set.Length

            for feature in set do
                Checks.within (nameof sets) 0 (model.InputSize - 1) feature

        // Their places, and the subsets with the values of some rows.
        let needed = sets |> Array.sumBy (fun set -> 4L <<< set.Length)

        Checks.require (needed <= options.Memory.Bytes) (nameof sets) (fun () ->
            $"{sets.Length} sets have subsets that take {float needed / 1e9:G3} GB, more than may be taken; take fewer sets, lower orders or more memory.")

    /// Δ_S f / 2^(|S|/2) for every set at every pair of rows, in the order of the rows: Input is x, Baseline x'. A row's target is taken at
    /// x. Rows are worked on by the threads of the options while they are read, and few of them are held at a time.
    ///
    /// sets: flattened feature indices, ascending, at most 12 in a set. Errors: ArgumentException for sets, rows and options that do not
    /// fit, and for sets that have more subsets than fit the memory; NotFiniteException where the model is not finite; and
    /// OperationCanceledException; those of rows when their turn comes.
    let rows (options: PathOptions) (model: Model) (sets: int[][]) (tasks: PathTask[]) : float[] seq =
        check options model sets
        let subsets, terms = closure options.CancellationToken.ThrowIfCancellationRequested sets
        let length = float (max subsets.Length sets.Length) |> sqrt |> ceil |> int
        let division = RowStream.divide options.Threads options.Memory length tasks.Length
        let each = { options with Groups = None; Threads = division.ThreadsEach }

        let work (chunk: PathTask[]) =
            let rows = PathRows.prepare each model chunk

            Array.map2
                (fun (row: PathRow) own ->
                    let differences = terms |> Array.map (difference own)

                    if not (Array.forall Double.IsFinite differences) then
                        raise (NotFiniteException(row.Task.Row, "the model is not finite between the two rows"))

                    differences)
                rows
                (valuesOf each model subsets rows)

        tasks |> RowStream.map division work

    /// The same, of all rows at once.
    let explainRows (options: PathOptions) (model: Model) (sets: int[][]) (tasks: PathTask[]) : float[][] =
        rows options model sets tasks |> Array.ofSeq
