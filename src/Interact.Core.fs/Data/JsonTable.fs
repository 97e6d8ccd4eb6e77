namespace Interact.Core.Data

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open System.Text
open System.Text.Json
open System.Text.Unicode

/// <summary>Tables from JSON.</summary>
/// <remarks>
/// Four shapes are read: <c>[[1, 2], [3, 4]]</c>; <c>[1, 2]</c>, which is one row;
/// <c>[{"a": 1, "b": 2}, {"a": 3, "b": 4}]</c>, whose columns stand in the order of the first object; and
/// <c>{"columns": ["a", "b"], "rows": [[1, 2], [3, 4]]}</c>.
/// </remarks>
[<RequireQualifiedAccess>]
module JsonTable =

    /// What is parsed takes up to a dozen times the bytes of its text, so larger tables want another format.
    let private largestFile = 256L <<< 20

    /// The text of the file, whose bytes the elements parsed from it share.
    type private Document = { Source: string; Text: ReadOnlyMemory<byte> }

    let private place document path (element: JsonElement) =
        let text = document.Text.Span
        let mutable offset = 0
        text.Overlaps(JsonMarshal.GetRawUtf8Value element, &offset) |> ignore
        let before = text.Slice(0, offset)
        let line = before.Count(byte '\n') + 1
        let column = Encoding.UTF8.GetCharCount(before.Slice(before.LastIndexOf(byte '\n') + 1)) + 1
        $"line {line}, column {column} ({path})"

    let private problemAt document path element problem mend =
        DataProblem.at document.Source (place document path element) problem mend

    let private describe (element: JsonElement) =
        match element.ValueKind with
        | JsonValueKind.Array -> "an array"
        | JsonValueKind.Object -> "an object"
        | JsonValueKind.String -> $"the text {DataProblem.shortened (element.GetRawText())}"
        | _ -> element.GetRawText()

    let private misplaced document path element wanted =
        problemAt document path element $"{describe element} stands where {wanted} is needed" $"write {wanted}"

    /// The results of a function for each item, or its first error.
    let private traverse (apply: int -> 'a -> Result<'b, string>) (items: 'a seq) =
        let results = ResizeArray<'b>()
        let mutable problem = None
        use items = items.GetEnumerator()

        while problem.IsNone && items.MoveNext() do
            match apply results.Count items.Current with
            | Ok result -> results.Add result
            | Error message -> problem <- Some message

        match problem with
        | None -> Ok(results.ToArray())
        | Some message -> Error message

    let private number document (path: unit -> string) (element: JsonElement) =
        match element.ValueKind with
        | JsonValueKind.Number ->
            let value = element.GetDouble()

            if Double.IsFinite value then
                Ok value
            else
                DataProblem.tooLarge document.Source (place document (path ()) element) (element.GetRawText())
        | JsonValueKind.Null -> DataProblem.missing document.Source (place document (path ()) element)
        | _ -> misplaced document (path ()) element "a number"

    /// The numbers of one row given as an array.
    let private row document width path (element: JsonElement) =
        if element.ValueKind <> JsonValueKind.Array then
            misplaced document path element "a row of numbers in brackets"
        elif element.GetArrayLength() <> width then
            let problem = $"the length of the row is {element.GetArrayLength()}, not {width}"
            problemAt document path element problem "give every row one number for each column"
        else
            element.EnumerateArray() |> traverse (fun column -> number document (fun () -> $"{path}[{column}]"))

    /// The rows of an array that is known to have one.
    let private rows document width path (element: JsonElement) =
        element.EnumerateArray() |> traverse (fun index -> row document width $"{path}[{index}]")

    let private checkedNames document path (element: JsonElement) (names: string[]) =
        match DataProblem.duplicate names with
        | _ when names.Length = 0 -> problemAt document path element "there is no column" "add one"
        | _ when Array.contains "" names -> problemAt document path element "a column has no name" "name it"
        | None -> Ok names
        | Some(name, first, second) ->
            let problem = $"columns {first} and {second} are both named {DataProblem.quoted name}"
            problemAt document path element problem "give every column its own name"

    /// The numbers of one row given as an object, in the order of the columns.
    let private record document (positions: Dictionary<string, int>) index (element: JsonElement) =
        let path = $"$[{index}]"

        if element.ValueKind <> JsonValueKind.Object then
            misplaced document path element "an object (as the first row is)"
        else
            let seen = HashSet<string>()
            let values = Array.zeroCreate<float> positions.Count

            element.EnumerateObject()
            |> traverse (fun _ property ->
                let path () = $"{path}[{DataProblem.quoted property.Name}]"

                match positions.TryGetValue property.Name with
                | false, _ ->
                    let problem = "the first row has no such property"
                    problemAt document (path ()) property.Value problem "give every row the same properties"
                | true, _ when not (seen.Add property.Name) ->
                    problemAt document (path ()) property.Value "the property stands twice" "leave one out"
                | true, position ->
                    number document path property.Value |> Result.map (fun value -> values[position] <- value))
            |> Result.bind (fun _ ->
                match positions.Keys |> Seq.tryFind (seen.Contains >> not) with
                | None -> Ok values
                | Some name ->
                    let problem = $"the row lacks {DataProblem.quoted name}"
                    problemAt document path element problem "give every row the same properties")

    /// An array of objects, of which there is one at least.
    let private ofRecords document (root: JsonElement) =
        let first = root[0]
        let names = [| for property in first.EnumerateObject() -> property.Name |]

        checkedNames document "$[0]" first names
        |> Result.bind (fun names ->
            let positions = Dictionary(names |> Seq.mapi (fun position name -> KeyValuePair(name, position)))

            root.EnumerateArray()
            |> traverse (record document positions)
            |> Result.map (fun rows -> Table(document.Source, Some names, rows)))

    /// An array: of rows, of objects, or of the numbers of one row.
    let private ofArray document (root: JsonElement) =
        if root.GetArrayLength() = 0 then
            problemAt document "$" root "there is no row" "add a row of numbers"
        else
            match root[0].ValueKind with
            | JsonValueKind.Object -> ofRecords document root
            | JsonValueKind.Array when root[0].GetArrayLength() = 0 ->
                problemAt document "$[0]" root[0] "there is no column" "write at least one number a row"
            | JsonValueKind.Array ->
                rows document (root[0].GetArrayLength()) "$" root
                |> Result.map (fun rows -> Table(document.Source, None, rows))
            | _ ->
                row document (root.GetArrayLength()) "$" root
                |> Result.map (fun row -> Table(document.Source, None, [| row |]))

    let private columnName document index (element: JsonElement) =
        if element.ValueKind = JsonValueKind.String then
            Ok(string element)
        else
            misplaced document $"$.columns[{index}]" element "a column name in quotes"

    /// An object with "columns" and "rows".
    let private ofObject document (root: JsonElement) =
        let properties = [ for property in root.EnumerateObject() -> property.Name, property.Value ]

        match List.sortBy fst properties with
        | [ "columns", columns; "rows", rowsOf ] ->
            if columns.ValueKind <> JsonValueKind.Array then
                misplaced document "$.columns" columns "an array of names"
            elif rowsOf.ValueKind <> JsonValueKind.Array then
                misplaced document "$.rows" rowsOf "an array of rows"
            elif rowsOf.GetArrayLength() = 0 then
                problemAt document "$.rows" rowsOf "there is no row" "add a row of numbers"
            else
                columns.EnumerateArray()
                |> traverse (columnName document)
                |> Result.bind (checkedNames document "$.columns" columns)
                |> Result.bind (fun names ->
                    rows document names.Length "$.rows" rowsOf
                    |> Result.map (fun rows -> Table(document.Source, Some names, rows)))
        | _ ->
            let problem = "the object is not one with \"columns\" and \"rows\" alone"
            problemAt document "$" root problem "give it these two, or write an array of rows"

    let private ofElement document (root: JsonElement) =
        match root.ValueKind with
        | JsonValueKind.Array -> ofArray document root
        | JsonValueKind.Object -> ofObject document root
        | _ -> misplaced document "$" root "an array of rows"

    /// The parser's own complaint, whose line and byte are counted from 0, or that of a value JSON has no word for.
    let private syntaxProblem source (text: ReadOnlySpan<byte>) (complaint: JsonException) =
        let line = int (complaint.LineNumber.GetValueOrDefault())
        let position = int (complaint.BytePositionInLine.GetValueOrDefault())
        let place = $"line {line + 1}, column {position + 1}"
        let mutable rest = text

        for _ in 1..line do
            rest <- rest.Slice(rest.IndexOf(byte '\n') + 1)

        let found = rest.Slice position

        if found.StartsWith "NaN"B then
            DataProblem.notFinite source place "NaN"
        elif found.StartsWith "Infinity"B then
            DataProblem.notFinite source place "Infinity"
        else
            let reason = complaint.Message.Split(". ")[0]
            DataProblem.at source place $"the text is not JSON ({reason})" "correct it there"

    let private parse source (bytes: byte[]) =
        let start = if bytes.AsSpan().StartsWith Encoding.UTF8.Preamble then 3 else 0
        let text = ReadOnlyMemory(bytes, start, bytes.Length - start)

        if not (Utf8.IsValid text.Span) then
            DataProblem.ofFile source "the text is not UTF-8" "save the file as UTF-8"
        elif text.Span.Trim(" \t\r\n"B).IsEmpty then
            DataProblem.ofFile source "the file is empty" "write an array of rows"
        else
            try
                use parsed = JsonDocument.Parse text
                ofElement { Source = source; Text = text } parsed.RootElement
            with
            | :? JsonException as complaint -> syntaxProblem source text.Span complaint
            | :? InvalidOperationException ->
                // Raised for text alone, when an escape such as \ud800 stands for no character.
                DataProblem.ofFile source "a column name holds half of a surrogate pair" "write the name anew"

    /// <summary>Reads a table from JSON (UTF-8).</summary>
    /// <param name="source">The name of the file, for messages.</param>
    /// <param name="stream">The text, from a stream that can tell its length; read to its end and left open.</param>
    /// <returns>
    /// The table, or one line that names the file, the line, the column, the JSON path and the mend. Refused are
    /// text that is not JSON, any shape but the four above, rows of different lengths, objects whose properties differ
    /// from the first one's, values that are not numbers, numbers beyond the range of double, column names that are
    /// empty or repeated, and files of more than 256 MiB.
    /// </returns>
    let read (source: string) (stream: Stream) : Result<Table, string> =
        if stream.Length > largestFile then
            DataProblem.ofFile source "a JSON table may have 256 MiB at most" "save it as .npy, .npz or .csv"
        else
            let bytes = Array.zeroCreate<byte>(int stream.Length)
            stream.ReadExactly bytes
            parse source bytes
