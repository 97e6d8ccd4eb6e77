namespace Interact.Core

open System

/// Which rows of a table stand for all of them.
[<RequireQualifiedAccess>]
type Representatives =
    /// All rows.
    | All
    /// So many rows, drawn without replacement by a seed; all where there are no more.
    | Drawn of count: int * seed: int
    /// The so many rows nearest to the column means.
    | NearestToMeans of count: int
    /// The so many rows nearest to the column medians.
    | NearestToMedians of count: int
    /// The so many rows nearest to the column minima.
    | NearestToMinima of count: int
    /// The so many rows nearest to the column maxima.
    | NearestToMaxima of count: int

/// Choosing rows that stand for a table. Distances are Euclidean, every column in units of its standard deviation; columns that do
/// not vary count nothing.
///
/// Source: Lerman et al., "Explaining Local, Global, And Higher-Order Interactions In Deep Learning", ICCV 2021.
[<RequireQualifiedAccess>]
module Representatives =

    let private column (rows: float[][]) index = rows |> Array.map (fun row -> row[index])

    /// The standard deviation of each column, with the number of rows as divisor.
    let deviations (rows: float[][]) : float[] =
        Array.init rows[0].Length (fun index ->
            let values = column rows index
            let mean = Array.average values
            sqrt (values |> Array.averageBy (fun value -> (value - mean) * (value - mean))))

    let private nearest count (center: float[] -> float) (rows: float[][]) =
        let scales = deviations rows
        let point = Array.init rows[0].Length (column rows >> center)

        let distance (row: float[]) =
            Seq.zip3 row point scales
            |> Seq.sumBy (fun (value, center, scale) -> if scale > 0.0 then ((value - center) / scale) ** 2.0 else 0.0)

        rows
        |> Array.indexed
        |> Array.sortBy (fun (number, row) -> struct (distance row, number))
        |> Array.truncate count
        |> Array.map fst

    let private drawn count (seed: int) total =
        let random = Random seed
        let numbers = [| 0 .. total - 1 |]
        // The first steps of a Fisher-Yates shuffle.
        let wanted = min count total

        for place in 0 .. wanted - 1 do
            let other = random.Next(place, total)
            let number = numbers[place]
            numbers[place] <- numbers[other]
            numbers[other] <- number

        Array.truncate wanted numbers

    /// The numbers of the rows chosen, ascending.
    /// Errors: ArgumentException for a table without rows, and unless the count is positive.
    let choose (choice: Representatives) (rows: float[][]) : int[] =
        Checks.require (rows.Length > 0) (nameof rows) (fun () -> "there are no rows to choose from.")

        let atLeastOne count = Checks.within (nameof count) 1 Int32.MaxValue count

        match choice with
        | Representatives.All -> [| 0 .. rows.Length - 1 |]
        | Representatives.Drawn(count, seed) ->
            atLeastOne count
            drawn count seed rows.Length
        | Representatives.NearestToMeans count ->
            atLeastOne count
            nearest count Array.average rows
        | Representatives.NearestToMedians count ->
            atLeastOne count
            nearest count Median.ofValues rows
        | Representatives.NearestToMinima count ->
            atLeastOne count
            nearest count Array.min rows
        | Representatives.NearestToMaxima count ->
            atLeastOne count
            nearest count Array.max rows
        |> Array.sort
