namespace Interact.Core.Data

open System
open System.IO
open CsvHelper

/// <summary>A rectangular table of named columns whose cells are text, as a file has them.</summary>
/// <remarks>Made by <c>TextTable.read</c> alone: at least one row, names that differ, all rows of one length.</remarks>
[<Sealed>]
type TextTable internal (source: string, columns: string[], rows: string[][], lines: int64[]) =

    /// The file the table was read from, as its reader named it; for messages.
    member _.Source = source

    /// The names of the columns, all different, without spaces around them.
    member _.Columns = columns

    /// The cells, without spaces around them unless they are quoted: <c>RowCount</c> rows of as many as there are columns.
    member _.Rows = rows

    /// The number of rows, at least 1.
    member _.RowCount = rows.Length

    /// The line of the file where a row begins, counted from 1.
    member _.Line(row: int) = lines[row]

    /// A cell's place, for messages.
    member internal _.Place(row: int, column: int) =
        $"line {lines[row]}, column {column + 1} ({DataProblem.quoted columns[column]})"

/// <summary>Tables whose cells may be text.</summary>
[<RequireQualifiedAccess>]
module TextTable =

    let private rows source (names: string[]) (reader: CsvReader) =
        let rows = ResizeArray<string[]>()
        let lines = ResizeArray<int64>()

        let rec go () =
            CsvRecords.checkEncoding source reader
            |> Result.bind (fun () -> CsvRecords.checkWidth source names.Length reader)
            |> Result.bind (fun () ->
                rows.Add(Array.init names.Length (CsvRecords.text reader))
                lines.Add reader.LineNumber
                CsvRecords.next source reader)
            |> function
                | Ok true -> go ()
                | Ok false -> Ok(TextTable(source, names, rows.ToArray(), lines.ToArray()))
                | Error problem -> Error problem

        go ()

    let private table source (reader: CsvReader) =
        CsvRecords.firstFields source reader
        |> Result.bind (fun fields ->
            match Array.tryFindIndex CsvField.isNumeric fields with
            | Some column when not (CsvRecords.isQuoted reader) ->
                let problem = $"{DataProblem.quoted fields[column]} is a number where the column's name is needed"
                let mend = "name the columns in line 1; quote all names if some are numbers"
                DataProblem.at source $"line 1, column {column + 1}" problem mend
            | _ ->
                CsvRecords.checkedNames source fields
                |> Result.bind (fun names ->
                    CsvRecords.next source reader
                    |> Result.bind (fun hasRow ->
                        if hasRow then
                            rows source names reader
                        else
                            DataProblem.ofFile source "there is a header but no row" "add rows")))

    /// <summary>Reads a table from comma-separated text whose line 1 names the columns (RFC 4180, UTF-8).</summary>
    /// <param name="source">The name of the file, for messages.</param>
    /// <param name="stream">The text; read to its end or to the first problem, and left open.</param>
    /// <returns>
    /// The table, or one line that names the file, the line, the column and the mend. Refused are an empty file, a first
    /// line with unquoted numbers, names that are empty or repeated, lines of different lengths, a blank line before the last row,
    /// unbalanced quotes, and any separator but the comma.
    /// </returns>
    let read (source: string) (stream: Stream) : Result<TextTable, string> =
        CsvRecords.read source stream (table source)
