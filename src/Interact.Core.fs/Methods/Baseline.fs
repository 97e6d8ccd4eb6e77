namespace Interact.Core

/// Where the paths of a table's rows start.
type Baseline =
    /// Every element 0.
    | Zeros
    /// The column means of the table that is explained.
    | Mean
    /// The column medians of the table that is explained.
    | Median
    /// Each row itself, an image of the shape batch x channels x height x width, blurred by a Gaussian filter of so many pixels'
    /// standard deviation.
    | Blurred of shape: Shape * sigma: float
    /// One point for all rows.
    | Fixed of float[]
    /// A point of its own for every row.
    | PerRow of float[][]

/// Rows of a table made into tasks of a path method.
[<RequireQualifiedAccess>]
module PathTasks =

    let private columnMeans (rows: float[][]) =
        Array.init rows[0].Length (fun column -> rows |> Array.averageBy (fun row -> row[column]))

    let private columnMedians (rows: float[][]) =
        Array.init rows[0].Length (fun column -> rows |> Array.map (fun row -> row[column]) |> Median.ofValues)

    /// A task for each row whose number lies between first and last, both included, with its baseline. Means and medians are over all rows.
    /// Errors: ArgumentException for an empty table, bounds outside it, baselines that do not fit it in number or length, and
    /// blurring what is no image, or by other than a positive number of pixels.
    let create (baseline: Baseline) (rows: float[][]) (first: int) (last: int) : PathTask[] =
        Checks.require (rows.Length > 0) (nameof rows) (fun () -> "there are no rows to explain.")
        Checks.within (nameof first) 0 (rows.Length - 1) first
        Checks.within (nameof last) first (rows.Length - 1) last
        let length = rows[0].Length

        for i in 0 .. rows.Length - 1 do
            Checks.length $"{nameof rows}[{i}]" length rows[i]

        let same (point: float[]) : int -> float[] = fun _ -> point

        let point: int -> float[] =
            match baseline with
            | Zeros -> same (Array.zeroCreate<float> length)
            | Mean -> same (columnMeans rows)
            | Median -> same (columnMedians rows)
            | Blurred(shape, sigma) ->
                let blur = Blur.gaussian shape sigma
                fun row -> blur rows[row]
            | Fixed point ->
                Checks.length (nameof baseline) length point
                same point
            | PerRow points ->
                Checks.require (points.Length = rows.Length) (nameof baseline) (fun () ->
                    $"there are {points.Length} baselines for {rows.Length} rows; give one, or one for each row.")

                for point in points do
                    Checks.length (nameof baseline) length point

                fun row -> points[row]

        [| for row in first..last -> { Row = row; Input = rows[row]; Baseline = point row } |]
