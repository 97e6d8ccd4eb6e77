namespace Interact.Core.Data

open System
open System.IO
open CsvHelper

/// <summary>Tables from comma-separated text.</summary>
/// <remarks>
/// Whether line 1 is a header is found out from the file: it is one when none of its fields is a number, or when all
/// are quoted for another reason than that the writer quotes every number too (they are all numbers, and line 2 is
/// quoted throughout or absent). Any other line 1 is data. So one with both numbers and unquoted text is refused
/// rather than guessed at, and unquoted numbers are never taken for names.
/// </remarks>
[<RequireQualifiedAccess>]
module Csv =

    /// What line 1 lays down for the lines after it.
    type private Layout = { Source: string; Width: int; Names: string[] option }

    let private textProblem layout (reader: CsvReader) column place =
        let others =
            seq { column + 1 .. layout.Width - 1 }
            |> Seq.filter (fun other -> CsvField.classify (CsvRecords.text reader other) = CsvField.Text)
            |> Seq.length

        let more = if others > 0 then $" (one of {others + 1} such fields in the line)" else ""

        let mend =
            if layout.Names.IsNone && reader.LineNumber = 1L then
                "write a number, or quote every name if line 1 names the columns"
            else
                "write a number, encode the column as numbers, or leave the column out"

        let problem = $"{DataProblem.quoted (CsvRecords.text reader column)} is text in a number column{more}"
        DataProblem.at layout.Source place problem mend

    /// Why a field of the reader's record is not a finite number.
    let private fieldProblem layout (reader: CsvReader) column =
        let written = CsvRecords.text reader column

        let place = CsvRecords.place layout.Names reader column

        match CsvField.classify written with
        | CsvField.Missing -> DataProblem.missing layout.Source place
        | CsvField.NotFinite -> DataProblem.notFinite layout.Source place written
        | CsvField.TooLarge -> DataProblem.tooLarge layout.Source place written
        | CsvField.DividedBy separator ->
            let problem = $"{DataProblem.quoted written} looks like numbers separated by {separator}"
            DataProblem.at layout.Source place problem CsvRecords.useCommas
        | CsvField.Number
        | CsvField.Text -> textProblem layout reader column place

    /// The numbers of the reader's record.
    let private row layout (reader: CsvReader) =
        CsvRecords.checkWidth layout.Source layout.Width reader
        |> Result.bind (fun () ->
            let values = Array.zeroCreate<float> layout.Width
            let mutable column = 0

            while column < values.Length
                  && CsvField.tryNumber (reader.GetSpan column) &values[column]
                  && Double.IsFinite values[column] do
                column <- column + 1

            if column = values.Length then Ok values else fieldProblem layout reader column)

    /// The table of the rows already read and of those from the reader's record to the end.
    let private remaining layout (reader: CsvReader) (rows: ResizeArray<float[]>) hasRecord =
        let rec go hasRecord =
            if hasRecord then
                let hasNext =
                    row layout reader
                    |> Result.bind (fun values ->
                        rows.Add values
                        CsvRecords.next layout.Source reader)

                match hasNext with
                | Ok hasNext -> go hasNext
                | Error problem -> Error problem
            else
                Ok(Table(layout.Source, layout.Names, rows.ToArray()))

        go hasRecord

    let private isHeader (fields: string[]) numbers isQuotedFirst isQuotedSecond =
        numbers = 0 || isQuotedFirst && (numbers < fields.Length || not isQuotedSecond)

    /// The table whose line 1 is the reader's record.
    let private table source (reader: CsvReader) =
        CsvRecords.firstFields source reader
        |> Result.bind (fun fields ->
            let isQuotedFirst = CsvRecords.isQuoted reader
            let unnamed = { Source = source; Width = fields.Length; Names = None }
            let numbers = (fields |> Array.filter CsvField.isNumeric).Length

            // Line 2 decides what line 1 is, unless no number is in it, and reading line 2 takes line 1 away.
            let asRow = if numbers = 0 then Ok [||] else row unnamed reader

            CsvRecords.next source reader
            |> Result.bind (fun hasSecond ->
                let isQuotedSecond = not hasSecond || CsvRecords.isQuoted reader

                if not (isHeader fields numbers isQuotedFirst isQuotedSecond) then
                    asRow |> Result.bind (fun values -> remaining unnamed reader (ResizeArray [ values ]) hasSecond)
                elif hasSecond then
                    CsvRecords.checkedNames source fields
                    |> Result.bind (fun names ->
                        remaining { unnamed with Names = Some names } reader (ResizeArray()) true)
                else
                    DataProblem.ofFile source "there is a header but no row" "add a row of numbers"))

    /// <summary>Reads a table from comma-separated text (RFC 4180; UTF-8, or UTF-16 with a byte order mark).</summary>
    /// <param name="source">The name of the file, for messages.</param>
    /// <param name="stream">The text; read to its end or to the first problem, and left open.</param>
    /// <returns>
    /// The table, or one line that names the file, the line, the column and the mend. Numbers are read to the nearest
    /// double, in the invariant culture, without thousands separators. Refused are an empty file, a header without
    /// rows, lines of different lengths, a blank line before the last row, text, missing values, NaN, infinities,
    /// numbers beyond the range of double, column names that are empty or repeated, unbalanced quotes, and any
    /// separator but the comma.
    /// </returns>
    let read (source: string) (stream: Stream) : Result<Table, string> = CsvRecords.read source stream (table source)
