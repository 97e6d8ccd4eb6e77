namespace Interact.Core.Data

open System
open System.IO
open System.Text.Unicode
open CsvHelper

/// The records of comma-separated text and what holds of any table in it: how lines, names and separators must be.
module internal CsvRecords =

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

    /// What would mend columns that something else than commas separates.
    let useCommas = "separate the columns with commas, and write decimals with a point"

    /// A field of the reader's record.
    let text (reader: CsvReader) (column: int) = reader.GetString column

    let private isBlank (reader: CsvReader) = reader.FieldCount = 1 && reader.RawRecord.Trim("\t "B).IsEmpty

    /// Moves to the next record, if there is one. Blank lines may stand at the end only: elsewhere one may be a
    /// row that lost its value, and passing over it would shift the rows after it.
    let next source (reader: CsvReader) =
        let mutable blank = 0L
        let mutable isRecord = reader.Read()

        while isRecord && isBlank reader do
            if blank = 0L then blank <- reader.LineNumber
            isRecord <- reader.Read()

        if isRecord && blank > 0L then
            DataProblem.at source $"line {blank}" "the line is blank and others follow it" "delete it"
        else
            Ok isRecord

    /// The place of a field of the reader's record.
    let place (names: string[] option) (reader: CsvReader) column =
        let name =
            match names with
            | Some names -> $" ({DataProblem.quoted names[column]})"
            | None -> ""

        $"line {reader.LineNumber}, column {column + 1}{name}"

    /// The reader's record must have so many fields.
    let checkWidth source width (reader: CsvReader) =
        if reader.FieldCount = width then
            Ok()
        else
            let problem = $"the number of fields is {reader.FieldCount}, not {width} as in line 1"
            DataProblem.at source $"line {reader.LineNumber}" problem "give every line as many fields"

    /// The names in line 1, or what is wrong with them.
    let checkedNames source (fields: string[]) =
        let names = fields |> Array.map _.Trim()

        match Array.IndexOf(names, ""), DataProblem.duplicate names with
        | -1, None -> Ok names
        | -1, Some(name, first, second) ->
            let problem = $"columns {first} and {second} are both named {DataProblem.quoted name}"
            DataProblem.at source "line 1" problem "give every column its own name"
        | column, _ ->
            let mend = "name it, or delete it if it only numbers the rows"
            DataProblem.at source $"line 1, column {column + 1}" "the column has no name" mend

    /// Whether every field of the reader's record is in quotes.
    let isQuoted (reader: CsvReader) =
        seq { 0 .. reader.FieldCount - 1 }
        |> Seq.forall (fun column -> reader.GetRawSpan(column).TrimStart("\t "B).StartsWith "\""B)

    /// The reader's record must be text in UTF-8.
    let checkEncoding source (reader: CsvReader) =
        if Utf8.IsValid reader.RawRecord then
            Ok()
        else
            DataProblem.at source $"line {reader.LineNumber}" "the text is not UTF-8" "save the file as UTF-8"

    /// The fields of line 1, the reader's record, if it is text in commas.
    let firstFields source (reader: CsvReader) =
        checkEncoding source reader
        |> Result.bind (fun () ->
            let fields = Array.init reader.FieldCount (text reader)

            if fields.Length = 1 && not (isQuoted reader) && fields[0].AsSpan().IndexOfAny(';', '\t') >= 0 then
                DataProblem.at source "line 1" "the columns look separated by semicolons or tabs" useCommas
            else
                Ok fields)

    /// What is made of the records after the reader has moved to the first one.
    let read (source: string) (stream: Stream) (table: CsvReader -> Result<'T, string>) : Result<'T, string> =
        use reader = CsvReader.Create(stream, options, leaveOpen = true)

        try
            next source reader
            |> Result.bind (fun hasRecord ->
                if hasRecord then
                    table reader
                else
                    DataProblem.ofFile source "the file is empty" "add a row of numbers")
        with :? CsvFormatException as malformed ->
            let mend = "write a quote inside a quoted field twice, and close every quoted field"
            DataProblem.at source $"line {malformed.LineNumber}" "the quotes are unbalanced" mend
