/// Tables with columns of words: their categories become columns of zeros and ones.
module Interact.Experiments.Columns

open System
open System.Globalization
open System.IO
open System.IO.Compression
open Interact.Core.Learning

/// A table to learn from, as it is.
type LabelledTable = {
    /// The names of the columns.
    Names: string[]
    Rows: float[][]
    /// 1 where the row is of the class that is to be found, 0 elsewhere.
    Labels: float[]
}

let private number (text: string) =
    match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
    | true, value -> Some value
    | _ -> None

let private lines (path: string) : string[] =
    use file = File.OpenRead path

    use reader =
        new StreamReader(
            if path.EndsWith ".gz" then new GZipStream(file, CompressionMode.Decompress) :> Stream else file
        )

    reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries ||| StringSplitOptions.TrimEntries)

/// Reads a CSV file, which may be compressed (.gz), with a header and no commas within fields. Columns of words get one column for each of
/// their words; numbers that are missing (NA) become NaN.
///
/// label: the column to be found, and the word of the class. Error: InvalidOperationException where the file has no such column.
let read (path: string) (label: string * string) : LabelledTable =
    let lines =
        lines path |> Array.map (fun line -> line.Split ',' |> Array.map (fun field -> field.Trim '"'))

    let names, rows = lines[0], lines[1..]
    let labelled = Array.IndexOf(names, fst label)

    if labelled < 0 then invalidOp $"{path}: there is no column '{fst label}'."

    let columns = [|
        for column in 0 .. names.Length - 1 do
            if column <> labelled then
                let fields = rows |> Array.map (fun row -> row[column])
                let isNumber field = field = "NA" || Option.isSome (number field)

                if Array.forall isNumber fields then
                    names[column], fields |> Array.map (number >> Option.defaultValue nan)
                else
                    for word in fields |> Array.distinct |> Array.sort do
                        $"{names[column]} {word}", fields |> Array.map (fun field -> if field = word then 1.0 else 0.0)
    |]

    {
        Names = Array.map fst columns
        Rows = Array.init rows.Length (fun row -> columns |> Array.map (fun (_, values) -> values[row]))
        Labels = rows |> Array.map (fun row -> if row[labelled] = snd label then 1.0 else 0.0)
    }

let private keep (isKept: int -> bool) (table: LabelledTable) =
    let kept = [| 0 .. table.Names.Length - 1 |] |> Array.filter isKept
    let choose (values: 'T[]) = kept |> Array.map (fun column -> values[column])
    { table with Names = choose table.Names; Rows = table.Rows |> Array.map choose }

/// The table without columns of such names.
let without (isLeftOut: string -> bool) (table: LabelledTable) : LabelledTable =
    table |> keep (fun column -> not (isLeftOut table.Names[column]))

/// The table without columns that differ from zero in less than a share of the rows.
let withoutRare (share: float) (table: LabelledTable) : LabelledTable =
    let needed = share * float table.Rows.Length

    table
    |> keep (fun column ->
        let found = table.Rows |> Array.filter (fun row -> row[column] <> 0.0)
        float found.Length >= needed)

/// Brings columns to mean 0 and deviation 1 over some of the rows, by whose mean numbers that are missing (NaN) are filled before; columns
/// that are constant there become 0.
let standardize (over: float[][]) : float[] -> float[] =
    let filled mean value = if Double.IsNaN value then mean else value

    let scales =
        over
        |> Array.transpose
        |> Array.map (fun own ->
            let known = own |> Array.filter (Double.IsNaN >> not)
            let mean = if known.Length = 0 then 0.0 else Array.average known
            mean, own |> Array.averageBy (fun value -> (filled mean value - mean) ** 2.0) |> sqrt)

    Array.map2
        (fun (mean, deviation) value -> if deviation < 1e-9 then 0.0 else (filled mean value - mean) / deviation)
        scales

/// Training, validation and test rows, standardised by the training rows.
type Split = { Training: TrainingData; Validation: TrainingData; Test: TrainingData }

/// A random division of a table. What is left after training and validation is for testing.
let split (seed: int) (training: int) (validation: int) (table: LabelledTable) : Split =
    let order = Draw.permutation (Draw.generator seed 0) table.Rows.Length
    let scale = order[.. training - 1] |> Array.map (fun row -> table.Rows[row]) |> standardize

    let part (rows: int[]) =
        TrainingData.ofNumbers
            (rows |> Array.map (fun row -> scale table.Rows[row]))
            (rows |> Array.map (fun row -> table.Labels[row]))

    {
        Training = part order[.. training - 1]
        Validation = part order[training .. training + validation - 1]
        Test = part order[training + validation ..]
    }
