namespace Interact.Core

/// How the magnitudes of a set's derivatives at several rows become one number, by which sets are ranked.
[<RequireQualifiedAccess>]
type Aggregation =
    | Mean
    | Median
    | Minimum
    | Maximum

module internal Median =

    /// The median of a few numbers, one at least: of an even number of them the middle between the two in the middle.
    let ofValues (values: float[]) : float =
        let sorted = Array.sort values
        let middle = sorted.Length / 2

        if sorted.Length % 2 = 1 then sorted[middle] else 0.5 * sorted[middle - 1] + 0.5 * sorted[middle]

/// Strengths of the same sets at one row after another, becoming one strength each. Rows are held for the median alone.
type internal StrengthAggregate(aggregation: Aggregation) =
    let mutable count = 0
    let mutable combined: float[] = [||]
    let all = ResizeArray<float[]>()

    let combine =
        match aggregation with
        | Aggregation.Mean
        | Aggregation.Median -> (+)
        | Aggregation.Minimum -> min
        | Aggregation.Maximum -> max

    /// Adds a row: as many strengths as the rows before.
    member _.Add(strengths: float[]) =
        combined <- if count = 0 then Array.copy strengths else Array.map2 combine combined strengths

        count <- count + 1

        if aggregation = Aggregation.Median then all.Add strengths

    member _.Count = count

    /// One strength for each set.
    member _.Result =
        match aggregation with
        | Aggregation.Mean -> combined |> Array.map (fun sum -> sum / float count)
        | Aggregation.Median ->
            Array.init combined.Length (fun set -> Median.ofValues [| for strengths in all -> strengths[set] |])
        | Aggregation.Minimum
        | Aggregation.Maximum -> combined

    /// The magnitudes of numbers at rows, read one after the other, aggregated. Error: ArgumentException where there is no row.
    static member OfMagnitudes (aggregation: Aggregation) (rows: float[] seq) : float[] =
        let strengths = StrengthAggregate aggregation

        for row in rows do
            strengths.Add(Array.map abs row)

        Checks.require (strengths.Count > 0) (nameof rows) (fun () -> "there is no row to aggregate over.")
        strengths.Result
