namespace Interact.Core

/// Interactions of a whole model: what its rows have in common.
[<RequireQualifiedAccess>]
module Detection =

    let private ranked (sets: int[][]) (strengths: StrengthAggregate) =
        Checks.require (strengths.Count > 0) "rows" (fun () -> "there are no rows to rank by.")

        Array.map2 (fun members strength -> { Members = members; Strength = strength }) sets strengths.Result
        |> Ranking.strongestFirst

    /// Sets ranked by their strengths at rows: for each row as many strengths as there are sets. Error: ArgumentException without rows.
    let rank (aggregation: Aggregation) (sets: int[][]) (rows: float[] seq) : RankedSet[] =
        let strengths = StrengthAggregate aggregation

        for row in rows do
            Checks.length (nameof rows) sets.Length row
            strengths.Add row

        ranked sets strengths

    /// All pairs of features (or groups), ranked by both cells of rows' matrices of interactions together: |Γ_ij + Γ_ji|.
    /// Error: ArgumentException without matrices.
    let ofMatrices (aggregation: Aggregation) (matrices: float[,] seq) : RankedSet[] =
        let mutable sets: int[][] = [||]
        let strengths = StrengthAggregate aggregation

        for matrix in matrices do
            if strengths.Count = 0 then
                sets <- [|
                    for i in 0 .. matrix.GetLength 0 - 1 do
                        for j in i + 1 .. matrix.GetLength 0 - 1 -> [| i; j |]
                |]

            sets
            |> Array.map (fun pair -> abs (matrix[pair[0], pair[1]] + matrix[pair[1], pair[0]]))
            |> strengths.Add

        ranked sets strengths

    /// All pairs of features (or groups), ranked by what they add together to the outputs of the rows explained: |Γ_ij + Γ_ji|.
    /// Explanations by any method with interactions serve: Integrated Hessians, Expected Hessians, Shapley interactions.
    ///
    /// Errors: ArgumentException without explanations, and for explanations without interactions.
    let ofExplanations (aggregation: Aggregation) (explanations: Explanation seq) : RankedSet[] =
        explanations
        |> Seq.map (fun explanation ->
            match explanation.Interactions with
            | Some matrix -> matrix
            | None ->
                Checks.invalid
                    (nameof explanations)
                    $"row {explanation.Row} was explained without interactions; choose a method that has them.")
        |> ofMatrices aggregation

    /// The most sets of one order that are all looked at.
    let private mostSets = 20_000.0

    /// How many sets of the order below are expanded, of so many features: all of them where an order has at most 20,000 sets, and
    /// otherwise 10^(order-1).
    let parents (features: int) (order: int) : int =
        if Combinations.count features order <= mostSets then
            System.Int32.MaxValue
        else
            MixedPartials.searchDefaults.Parents order

    let private checkChosen (table: float[][]) (chosen: int[]) =
        Checks.require (chosen.Length > 0) (nameof chosen) (fun () -> "there are no rows to rank by.")

        for number in chosen do
            Checks.within (nameof chosen) 0 (table.Length - 1) number

    let private ofLevels (levels: SetsOfOrder list) =
        levels
        |> Seq.collect (fun level ->
            Seq.map2 (fun members strength -> { Members = members; Strength = strength }) level.Sets level.Strengths)
        |> Ranking.strongestFirst

    /// Sets of features ranked by the aggregate over rows of the magnitudes of their mixed partial derivatives, each feature in units of
    /// its standard deviation over the rows, so that units of measurement make no difference; features that do not vary interact with
    /// none. Models that are explained from a tensor inside are taken in its own units.
    ///
    /// table: rows whose standard deviations are taken. chosen: rows at which derivatives are taken, by number. Sets have 2 to
    /// search.Order features. Errors: as for MixedPartials.search, and ArgumentException for numbers outside the table.
    let byMixedPartials
        (options: MixedPartialsOptions)
        (search: SetSearch)
        (model: Model)
        (table: float[][])
        (chosen: int[])
        : RankedSet[] =
        checkChosen table chosen
        let rows = chosen |> Array.map (fun number -> table[number])

        let levels =
            if model.Upstream.IsSome then
                MixedPartials.search options search model rows
            else
                let deviations = Representatives.deviations table
                let units = deviations |> Array.map (fun deviation -> if deviation > 0.0 then deviation else 1.0)
                let inUnits (row: float[]) = Array.map2 (/) row units

                MixedPartials.search options search (Model.scaled units model) (rows |> Array.map inUnits)
                |> List.map (fun level -> {
                    level with
                        Strengths =
                            Array.map2
                                (fun set strength ->
                                    if set |> Array.exists (fun i -> deviations[i] = 0.0) then 0.0 else strength)
                                level.Sets
                                level.Strengths
                })

        ofLevels levels

    /// Sets of features ranked by the aggregate over pairs of rows of the magnitudes of their mixed differences: chosen rows, each beside
    /// another row of the table that the seed draws. Strengths are in units of the output for sets of every size, and kinks make no
    /// difference: see MixedDifferences.
    ///
    /// Sets have 2 to search.Order features, 12 at most. Errors: as for MixedDifferences.rows and MixedPartials.search, and
    /// ArgumentException for a table of fewer than two rows, for numbers outside it, and for none.
    let byMixedDifferences
        (options: PathOptions)
        (search: SetSearch)
        (seed: int)
        (model: Model)
        (table: float[][])
        (chosen: int[])
        : RankedSet[] =
        checkChosen table chosen

        Checks.require (table.Length >= 2) (nameof table) (fun () ->
            "there is one row only; a difference takes another row beside it.")

        Checks.within (nameof search.Order) 2 12 search.Order
        let random = System.Random seed

        let tasks =
            chosen
            |> Array.map (fun number ->
                let other = random.Next(table.Length - 1)

                {
                    Row = number
                    Input = table[number]
                    Baseline = table[if other < number then other else other + 1]
                })

        MixedPartials.searchMeasured search model.InputSize (fun sets ->
            let strengths =
                MixedDifferences.rows options model sets tasks |> StrengthAggregate.OfMagnitudes search.Aggregation

            strengths, [||])
        |> ofLevels
