namespace Interact.Core.Data

open System
open System.Globalization

/// What the text of one CSV field is.
[<RequireQualifiedAccess>]
type internal CsvField =
    | Number
    /// A number beyond the range of double.
    | TooLarge
    /// NaN or an infinity, in the spellings of NumPy, R and .NET.
    | NotFinite
    | Missing
    /// Numbers in one field that some other separator divides, by the name of that separator.
    | DividedBy of separator: string
    | Text

/// Tells numbers from the other things people write where a number should be.
[<RequireQualifiedAccess>]
module internal CsvField =

    /// The nearest double, in the invariant culture, without thousands separators; false when it is not a number. Zero characters,
    /// which the parser of .NET would pass over, are no part of one.
    let tryNumber (text: ReadOnlySpan<byte>) (value: byref<float>) =
        text.IndexOf 0uy < 0
        && Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, &value)

    let private separators = [ ';', "semicolons"; '\t', "tabs"; '|', "bars"; ' ', "spaces" ]

    let private parse (text: string) =
        match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, value when not (text.Contains '\000') -> Some value
        | _ -> None

    let private divider (text: string) =
        separators
        |> List.tryFind (fun (separator, _) ->
            let parts = text.Split(separator, StringSplitOptions.RemoveEmptyEntries)
            parts.Length > 1 && parts |> Array.forall (parse >> Option.isSome))
        |> Option.map snd

    /// Whether a field says that there is no value, as people, R, NumPy and old data sets write it.
    let isMissing (text: string) =
        match text.Trim().TrimStart('+', '-').ToLowerInvariant() with
        | ""
        | "na"
        | "n/a"
        | "nan"
        | "null"
        | "?" -> true
        | _ -> false

    /// What a field is.
    let classify (text: string) =
        match text.Trim().TrimStart('+', '-').ToLowerInvariant(), parse text with
        | ("nan" | "inf" | "infinity" | "∞"), _ -> CsvField.NotFinite
        | ("" | "na" | "n/a" | "null"), _ -> CsvField.Missing
        | _, Some value when Double.IsFinite value -> CsvField.Number
        | _, Some _ -> CsvField.TooLarge
        | _, None ->
            match divider text with
            | Some separator -> CsvField.DividedBy separator
            | None -> CsvField.Text

    /// Whether a field holds numbers, if not one that a table can hold.
    let isNumeric text =
        match classify text with
        | CsvField.Number
        | CsvField.TooLarge
        | CsvField.NotFinite
        | CsvField.DividedBy _ -> true
        | CsvField.Missing
        | CsvField.Text -> false
