namespace Interact.Core.Data

open System
open System.IO
open System.Text.Unicode
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

    /// Bytes after which a record that does not end is given up as an unclosed quote.
    let private largestRecord = 64 <<< 20

    let private options =
        CsvReaderOptions(
            Separator = Nullable ',',
            HasHeader = false,
            SkipEmptyLines = false,
            TrimWhitespace = Nullable true,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = Nullable largestRecord
        )

    /// What line 1 lays down for the lines after it.
    type private Layout = { Source: string; Width: int; Names: string[] option }

    let private useCommas = "separate the columns with commas, and write decimals with a point"

    let private text (reader: CsvReader) (column: int) = reader.GetString column

    let private textProblem layout (reader: CsvReader) column place =
        let others =
            seq { column + 1 .. layout.Width - 1 }
            |> Seq.filter (fun other -> CsvField.classify (text reader other) = CsvField.Text)
            |> Seq.length

        let more = if others > 0 then $" (one of {others + 1} such fields in the line)" else ""

        let mend =
            if layout.Names.IsNone && reader.LineNumber = 1L then
                "write a number, or quote every name if line 1 names the columns"
            else
                "write a number, encode the column as numbers, or leave the column out"

        let problem = $"{DataProblem.quoted (text reader column)} is text in a number column{more}"
        DataProblem.at layout.Source place problem mend

    /// Why a field of the reader's record is not a finite number.
    let private fieldProblem layout (reader: CsvReader) column =
        let written = text reader column

        let name =
            match layout.Names with
            | Some names -> $" ({DataProblem.quoted names[column]})"
            | None -> ""

        let place = $"line {reader.LineNumber}, column {column + 1}{name}"

        match CsvField.classify written with
        | CsvField.Missing -> DataProblem.missing layout.Source place
        | CsvField.NotFinite -> DataProblem.notFinite layout.Source place written
        | CsvField.TooLarge -> DataProblem.tooLarge layout.Source place written
        | CsvField.DividedBy separator ->
            let problem = $"{DataProblem.quoted written} looks like numbers separated by {separator}"
            DataProblem.at layout.Source place problem useCommas
        | CsvField.Number
        | CsvField.Text -> textProblem layout reader column place

    /// The numbers of the reader's record.
    let private row layout (reader: CsvReader) =
        if reader.FieldCount <> layout.Width then
            let problem = $"the number of fields is {reader.FieldCount}, not {layout.Width} as in line 1"
            DataProblem.at layout.Source $"line {reader.LineNumber}" problem "give every line as many fields"
        else
            let values = Array.zeroCreate<float> layout.Width
            let mutable column = 0

            while column < values.Length
                  && CsvField.tryNumber (reader.GetSpan column) &values[column]
                  && Double.IsFinite values[column] do
                column <- column + 1

            if column = values.Length then Ok values else fieldProblem layout reader column

    let private isBlank (reader: CsvReader) = reader.FieldCount = 1 && reader.RawRecord.Trim("\t "B).IsEmpty

    /// Moves to the next record, if there is one. Blank lines may stand at the end only: elsewhere one may be a
    /// row that lost its value, and passing over it would shift the rows after it.
    let private next source (reader: CsvReader) =
        let mutable blank = 0L
        let mutable isRecord = reader.Read()

        while isRecord && isBlank reader do
            if blank = 0L then blank <- reader.LineNumber
            isRecord <- reader.Read()

        if isRecord && blank > 0L then
            DataProblem.at source $"line {blank}" "the line is blank and others follow it" "delete it"
        else
            Ok isRecord

    /// The table of the rows already read and of those from the reader's record to the end.
    let private remaining layout (reader: CsvReader) (rows: ResizeArray<float[]>) hasRecord =
        let rec go hasRecord =
            if hasRecord then
                let hasNext =
                    row layout reader
                    |> Result.bind (fun values ->
                        rows.Add values
                        next layout.Source reader)

                match hasNext with
                | Ok hasNext -> go hasNext
                | Error problem -> Error problem
            else
                Ok(Table(layout.Source, layout.Names, rows.ToArray()))

        go hasRecord

    /// The names in line 1, or what is wrong with them.
    let private checkedNames source (fields: string[]) =
        let names = fields |> Array.map _.Trim()

        match Array.IndexOf(names, ""), DataProblem.duplicate names with
        | -1, None -> Ok names
        | -1, Some(name, first, second) ->
            let problem = $"columns {first} and {second} are both named {DataProblem.quoted name}"
            DataProblem.at source "line 1" problem "give every column its own name"
        | column, _ ->
            let mend = "name it, or delete it if it only numbers the rows"
            DataProblem.at source $"line 1, column {column + 1}" "the column has no name" mend

    let private isQuoted (reader: CsvReader) =
        seq { 0 .. reader.FieldCount - 1 }
        |> Seq.forall (fun column -> reader.GetRawSpan(column).TrimStart("\t "B).StartsWith "\""B)

    let private isHeader (fields: string[]) numbers isQuotedFirst isQuotedSecond =
        numbers = 0 || isQuotedFirst && (numbers < fields.Length || not isQuotedSecond)

    /// The table whose line 1 is the reader's record.
    let private table source (reader: CsvReader) =
        let fields = Array.init reader.FieldCount (text reader)
        let isQuotedFirst = isQuoted reader
        let unnamed = { Source = source; Width = fields.Length; Names = None }

        let numbers = (fields |> Array.filter CsvField.isNumeric).Length

        // Line 2 decides what line 1 is, unless no number is in it, and reading line 2 takes line 1 away.
        let asRow = if numbers = 0 then Ok [||] else row unnamed reader

        if not (Utf8.IsValid reader.RawRecord) then
            DataProblem.at source "line 1" "the text is not UTF-8" "save the file as UTF-8"
        elif fields.Length = 1 && not isQuotedFirst && fields[0].AsSpan().IndexOfAny(';', '\t') >= 0 then
            DataProblem.at source "line 1" "the columns look separated by semicolons or tabs" useCommas
        else
            next source reader
            |> Result.bind (fun hasSecond ->
                let isQuotedSecond = not hasSecond || isQuoted reader

                if not (isHeader fields numbers isQuotedFirst isQuotedSecond) then
                    asRow |> Result.bind (fun values -> remaining unnamed reader (ResizeArray [ values ]) hasSecond)
                elif hasSecond then
                    checkedNames source fields
                    |> Result.bind (fun names ->
                        remaining { unnamed with Names = Some names } reader (ResizeArray()) true)
                else
                    DataProblem.ofFile source "there is a header but no row" "add a row of numbers")

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
    let read (source: string) (stream: Stream) : Result<Table, string> =
        use reader = CsvReader.Create(stream, options, leaveOpen = true)

        try
            next source reader
            |> Result.bind (fun hasRecord ->
                if hasRecord then
                    table source reader
                else
                    DataProblem.ofFile source "the file is empty" "add a row of numbers")
        with :? CsvFormatException as malformed ->
            let mend = "write a quote inside a quoted field twice, and close every quoted field"
            DataProblem.at source $"line {malformed.LineNumber}" "the quotes are unbalanced" mend
