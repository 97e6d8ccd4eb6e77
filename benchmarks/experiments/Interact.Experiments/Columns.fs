/// Tables with columns of words: their categories become columns of zeros and ones.
module Interact.Experiments.Columns

open System
open System.Globalization
open System.IO
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

/// Reads a CSV file with a header and no commas within fields. Columns of words get one column for each of their words; numbers that are
/// missing (NA) get the column's mean.
///
/// label: the column to be found, and the word of the class. Error: InvalidOperationException where the file has no such column.
let read (path: string) (label: string * string) : LabelledTable =
    let lines =
        File.ReadAllLines path
        |> Array.map (fun line -> line.Split ',' |> Array.map (fun field -> field.Trim '"'))

    let names, rows = lines[0], lines[1..]
    let labelled = Array.IndexOf(names, fst label)

    if labelled < 0 then invalidOp $"{path}: there is no column '{fst label}'."

    let columns = [|
        for column in 0 .. names.Length - 1 do
            if column <> labelled then
                let fields = rows |> Array.map (fun row -> row[column])
                let known = fields |> Array.filter (fun field -> field <> "NA") |> Array.map number

                if Array.forall Option.isSome known then
                    let mean = known |> Array.averageBy Option.get
                    names[column], fields |> Array.map (number >> Option.defaultValue mean)
                else
                    for word in fields |> Array.distinct |> Array.sort do
                        $"{names[column]} {word}", fields |> Array.map (fun field -> if field = word then 1.0 else 0.0)
    |]

    {
        Names = Array.map fst columns
        Rows = Array.init rows.Length (fun row -> columns |> Array.map (fun (_, values) -> values[row]))
        Labels = rows |> Array.map (fun row -> if row[labelled] = snd label then 1.0 else 0.0)
    }

/// The table without columns of such names.
let without (isLeftOut: string -> bool) (table: LabelledTable) : LabelledTable =
    let kept =
        [| 0 .. table.Names.Length - 1 |]
        |> Array.filter (fun column -> not (isLeftOut table.Names[column]))

    let choose (values: 'T[]) = kept |> Array.map (fun column -> values[column])
    { table with Names = choose table.Names; Rows = table.Rows |> Array.map choose }

/// Brings columns to mean 0 and deviation 1 over some of the rows; columns that are constant there become 0.
let standardize (over: float[][]) : float[] -> float[] =
    let columns = over |> Array.transpose
    let means = columns |> Array.map Array.average

    let deviations =
        Array.map2
            (fun mean (own: float[]) -> own |> Array.averageBy (fun value -> (value - mean) ** 2.0) |> sqrt)
            means
            columns

    Array.mapi (fun i value -> if deviations[i] < 1e-9 then 0.0 else (value - means[i]) / deviations[i])

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
