namespace Interact.Core

/// How the strengths that a set of features has at single rows become the strength it has in the model.
[<RequireQualifiedAccess>]
type Aggregate =
    | Mean
    | Median
    | Minimum
    | Maximum

/// Strengths of the same sets at one row after another, becoming one strength each. Rows are held for the median alone.
type internal StrengthAggregate(aggregate: Aggregate) =
    let mutable count = 0
    let mutable combined: float[] = [||]
    let all = ResizeArray<float[]>()

    let combine =
        match aggregate with
        | Aggregate.Mean
        | Aggregate.Median -> (+)
        | Aggregate.Minimum -> min
        | Aggregate.Maximum -> max

    /// Adds a row: as many strengths as the rows before.
    member _.Add(strengths: float[]) =
        combined <- if count = 0 then Array.copy strengths else Array.map2 combine combined strengths

        count <- count + 1

        if aggregate = Aggregate.Median then all.Add strengths

    member _.Count = count

    /// One strength for each set.
    member _.Result =
        match aggregate with
        | Aggregate.Mean -> combined |> Array.map (fun sum -> sum / float count)
        | Aggregate.Median ->
            Array.init combined.Length (fun set -> Representatives.median [| for strengths in all -> strengths[set] |])
        | Aggregate.Minimum
        | Aggregate.Maximum -> combined

/// Interactions of a whole model: what its rows have in common.
[<RequireQualifiedAccess>]
module Detection =

    let private ranked (sets: int[][]) (strengths: StrengthAggregate) =
        Checks.require (strengths.Count > 0) "rows" (fun () -> "there are no rows to rank by.")

        Array.map2 (fun members strength -> { Members = members; Strength = strength }) sets strengths.Result
        |> Ranking.strongestFirst

    /// Sets ranked by their strengths at rows: for each row as many strengths as there are sets. Error: ArgumentException without rows.
    let rank (aggregate: Aggregate) (sets: int[][]) (rows: float[] seq) : RankedSet[] =
        let strengths = StrengthAggregate aggregate

        for row in rows do
            Checks.length (nameof rows) sets.Length row
            strengths.Add row

        ranked sets strengths

    /// All pairs of features (or groups), ranked by what they add together to the outputs of the rows explained: |Γ_ij + Γ_ji|.
    /// Explanations by any method with interactions serve: Integrated Hessians, Expected Hessians, Shapley interactions.
    ///
    /// Errors: ArgumentException without explanations, and for explanations without interactions.
    let ofExplanations (aggregate: Aggregate) (explanations: Explanation seq) : RankedSet[] =
        let mutable sets: int[][] = [||]
        let strengths = StrengthAggregate aggregate

        for explanation in explanations do
            match explanation.Interactions with
            | None ->
                Checks.invalid
                    (nameof explanations)
                    $"row {explanation.Row} was explained without interactions; choose a method that has them."
            | Some matrix ->
                if strengths.Count = 0 then
                    sets <- [|
                        for i in 0 .. matrix.GetLength 0 - 1 do
                            for j in i + 1 .. matrix.GetLength 0 - 1 -> [| i; j |]
                    |]

                sets
                |> Array.map (fun pair -> abs (matrix[pair[0], pair[1]] + matrix[pair[1], pair[0]]))
                |> strengths.Add

        ranked sets strengths
