namespace Interact.Core.Learning

open System
open System.Collections.Generic
open Interact.Core
open Interact.Core.Data

/// A numeric column: itself, filled where it is missing, and where the training part misses some a column that says so.
type NumericColumn = {
    /// Of the cells of the training part that have a value; it stands for those that have none.
    Median: float
    /// Of the filled training part.
    Mean: float
    /// Of the filled training part, divided by their number; 1 where they are all the same, 0 where their squares vanish.
    Deviation: float
    /// Whether a column of zeros and ones follows: 1 where the value is missing.
    HasIndicator: bool
}

/// How a column of a table enters the network.
[<RequireQualifiedAccess>]
type ColumnEncoding =
    | Numeric of NumericColumn
    /// One column of zeros and ones for each level of the training part, in the order of their numbers, or of their code points. With
    /// <c>hasMissing</c> the last one stands for cells without a value.
    | Categorical of levels: string[] * hasMissing: bool
    /// Of no use, and why.
    | LeftOut of reason: string
    /// What is to be told.
    | Target

/// A column of a table, with its encoding.
type EncodedColumn = {
    Name: string
    /// What it is in the whole table.
    Kind: ColumnKind
    /// The number of cells of the whole table that have no value.
    Missing: int
    Encoding: ColumnEncoding
    /// The number of its first column in the encoded table, and how many there are; 0 where it is left out.
    First: int
    Width: int
}

/// <summary>What makes numbers of the rows of a table, fitted to its training part.</summary>
type TableEncoder = {
    Columns: EncodedColumn[]
    /// The number of columns of encoded rows.
    Width: int
}

/// <summary>Makes numbers of the rows of a table.</summary>
/// <remarks>
/// Numeric columns stay in their own units. A level that the training part has not is all zeros. Missing numbers are the median of the
/// training part, before the network sees them, because rows that are explained hold finite numbers alone.
/// </remarks>
[<RequireQualifiedAccess>]
module TableEncoder =

    /// The name of the level of cells without a value.
    let missingLevel = "(missing)"

    let private cells (table: TextTable) column rows = rows |> Array.map (fun row -> table.Rows[row][column])

    let private number cell =
        match TableColumns.tryNumber cell with
        | ValueSome value -> value
        | ValueNone -> nan

    let private leftOut reason = ColumnEncoding.LeftOut reason

    let private numeric cells =
        let known = cells |> Array.filter (CsvField.isMissing >> not) |> Array.map number |> Array.sort
        let hasIndicator = known.Length < cells.Length

        if known.Length = 0 then
            leftOut "it has no value in the training part"
        elif known[0] = known[known.Length - 1] && not hasIndicator then
            leftOut "it has one value only in the training part"
        else
            let middle = known.Length / 2

            let median =
                if known.Length % 2 = 1 then
                    known[middle]
                else
                    known[middle - 1] + (known[middle] - known[middle - 1]) / 2.0

            let filled = cells |> Array.map (fun cell -> if CsvField.isMissing cell then median else number cell)
            let mean = Array.average filled
            let deviation = sqrt (filled |> Array.averageBy (fun value -> (value - mean) * (value - mean)))
            let isFlat = known[0] = known[known.Length - 1]

            ColumnEncoding.Numeric {
                Median = median
                Mean = if isFlat then median else mean
                Deviation = if isFlat then 1.0 else deviation
                HasIndicator = hasIndicator
            }

    let private categorical cells =
        let known = cells |> Array.filter (CsvField.isMissing >> not)
        let hasMissing = known.Length < cells.Length
        let levels = TableTarget.ordered known

        if levels.Length + (if hasMissing then 1 else 0) < 2 then
            leftOut "it has one value only in the training part"
        else
            ColumnEncoding.Categorical(levels, hasMissing)

    let private encoding (table: TextTable) training (kinds: ColumnKind[]) column =
        let cells = cells table column training

        match kinds[column] with
        | ColumnKind.Target -> ColumnEncoding.Target
        | ColumnKind.Dropped -> leftOut "the configuration drops it"
        | ColumnKind.Empty -> leftOut "it has no value"
        | ColumnKind.Identifier -> leftOut "it names or counts the rows"
        | ColumnKind.Numeric -> numeric cells
        | ColumnKind.Categorical -> categorical cells

    let private width =
        function
        | ColumnEncoding.Numeric column -> if column.HasIndicator then 2 else 1
        | ColumnEncoding.Categorical(levels, hasMissing) -> levels.Length + (if hasMissing then 1 else 0)
        | ColumnEncoding.LeftOut _
        | ColumnEncoding.Target -> 0

    let private namesOf (column: EncodedColumn) =
        match column.Encoding with
        | ColumnEncoding.Numeric { HasIndicator = false } -> [| column.Name |]
        | ColumnEncoding.Numeric _ -> [| column.Name; $"{column.Name}={missingLevel}" |]
        | ColumnEncoding.Categorical(levels, hasMissing) -> [|
            for level in levels do
                $"{column.Name}={level}"
            if hasMissing then $"{column.Name}={missingLevel}"
          |]
        | ColumnEncoding.LeftOut _
        | ColumnEncoding.Target -> [||]

    /// <summary>The names of the columns of encoded rows: a numeric column's own, <c>column=level</c>, and <c>column=(missing)</c>.</summary>
    let names (encoder: TableEncoder) : string[] = encoder.Columns |> Array.collect namesOf

    /// <summary>The columns of encoded rows that each column of the table became, by the name of that column.</summary>
    let groups (encoder: TableEncoder) : (string * int[])[] =
        encoder.Columns
        |> Array.filter (fun column -> column.Width > 0)
        |> Array.map (fun column -> column.Name, [| column.First .. column.First + column.Width - 1 |])

    /// <summary>The means and deviations that standardise encoded rows: 0 and 1 for columns of zeros and ones.</summary>
    let scaling (encoder: TableEncoder) : struct (float[] * float[]) =
        let mean = Array.zeroCreate encoder.Width
        let deviation = Array.create encoder.Width 1.0

        for column in encoder.Columns do
            match column.Encoding with
            | ColumnEncoding.Numeric own ->
                mean[column.First] <- own.Mean
                deviation[column.First] <- own.Deviation
            | ColumnEncoding.Categorical _
            | ColumnEncoding.LeftOut _
            | ColumnEncoding.Target -> ()

        struct (mean, deviation)

    /// <summary>An encoder for a table, fitted to some of its rows.</summary>
    /// <param name="kinds">The kind of each column.</param>
    /// <param name="training">The rows that levels, medians, means and deviations are taken from; at least one.</param>
    /// <param name="table">The table.</param>
    /// <returns>
    /// The encoder; or one line that names the file and the mend, where no column is of use, or two encoded columns would have
    /// one name.
    /// </returns>
    let fit (kinds: ColumnKind[]) (training: int[]) (table: TextTable) : Result<TableEncoder, string> =
        Checks.length (nameof kinds) table.Columns.Length kinds
        Checks.require (training.Length > 0) (nameof training) (fun () -> "training is empty; give a row.")

        let columns, width =
            [| 0 .. table.Columns.Length - 1 |]
            |> Array.mapFold
                (fun first column ->
                    let encoding = encoding table training kinds column

                    let own = {
                        Name = table.Columns[column]
                        Kind = kinds[column]
                        Missing = table.Rows |> Seq.filter (fun row -> CsvField.isMissing row[column]) |> Seq.length
                        Encoding = encoding
                        First = first
                        Width = width encoding
                    }

                    own, first + own.Width)
                0

        let encoder = { Columns = columns; Width = width }

        if width = 0 then
            DataProblem.ofFile
                table.Source
                "no column is of use beside the target"
                "add columns, or declare some in \"categorical\""
        else
            match DataProblem.duplicate (names encoder) with
            | Some(name, _, _) ->
                DataProblem.ofFile
                    table.Source
                    $"two encoded columns would be named {DataProblem.quoted name}"
                    "rename a column"
            | None -> Ok encoder

    let private write (table: TextTable) row (cell: string) (column: EncodedColumn) (values: float[]) =
        let isMissing = CsvField.isMissing cell

        match column.Encoding with
        | ColumnEncoding.Numeric own ->
            if own.HasIndicator && isMissing then values[column.First + 1] <- 1.0

            if isMissing then
                values[column.First] <- own.Median
                Ok()
            else
                match TableColumns.tryNumber cell with
                | ValueSome value ->
                    values[column.First] <- value
                    Ok()
                | ValueNone ->
                    let number = Array.IndexOf(table.Columns, column.Name)
                    TableColumns.cellProblem table row number "write a number, or leave the cell empty"
        | ColumnEncoding.Categorical(levels, hasMissing) ->
            let level =
                if not isMissing then Array.IndexOf(levels, cell)
                elif hasMissing then levels.Length
                else -1

            if level >= 0 then values[column.First + level] <- 1.0
            Ok()
        | ColumnEncoding.LeftOut _
        | ColumnEncoding.Target -> Ok()

    /// <summary>Encodes rows of a table, which may be another one than it was fitted to, with more columns or in another order.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="rows">Numbers of rows, from 0.</param>
    /// <param name="table">A table with the columns that the encoder uses.</param>
    /// <returns>
    /// <c>Width</c> numbers for each row; or one line that names the file, the place and the mend, where a column is not there, or a cell of a
    /// numeric column is no number.
    /// </returns>
    let encode (encoder: TableEncoder) (rows: int[]) (table: TextTable) : Result<float[][], string> =
        let used = encoder.Columns |> Array.filter (fun column -> column.Width > 0)
        let places = Dictionary(table.Columns |> Seq.mapi (fun index name -> KeyValuePair(name, index)))

        match used |> Array.tryFind (fun column -> not (places.ContainsKey column.Name)) with
        | Some column ->
            DataProblem.ofFile table.Source $"it has no column {DataProblem.quoted column.Name}" "add the column"
        | None ->
            let encoded = rows |> Array.map (fun _ -> Array.zeroCreate<float> encoder.Width)

            let problem =
                rows
                |> Seq.indexed
                |> Seq.tryPick (fun (number, row) ->
                    used
                    |> Seq.tryPick (fun column ->
                        match write table row (table.Rows[row][places[column.Name]]) column encoded[number] with
                        | Ok() -> None
                        | Error problem -> Some problem))

            match problem with
            | Some problem -> Error problem
            | None -> Ok encoded
