namespace Interact.Core.Onnx

open System.Text
open Interact.Core

/// Names out of a model file, made fit for a message: a file may call a value anything, escape sequences included.
[<RequireQualifiedAccess>]
module internal Quote =

    let private longest = 60
    let private longestLine = 1000

    let private append (text: string) length (builder: StringBuilder) =
        for i in 0 .. length - 1 do
            let character = text[i]

            if Printable.isPlain character then
                builder.Append character |> ignore
            else
                builder.Append($"\\u%04X{int character}") |> ignore

        builder

    /// The name without what a terminal would obey or not show, cut where it is long, between marks.
    let private between (mark: string) (text: string) =
        let quoted = StringBuilder().Append(mark) |> append text (min longest text.Length)

        if text.Length > longest then
            quoted.Append('…').Append(mark).Append($" ({text.Length} characters)").ToString()
        else
            quoted.Append(mark).ToString()

    /// The name in quotation marks.
    let name (text: string) = between "'" text

    /// The name alone, for one that is known not to be empty.
    let bare (text: string) = between "" text

    /// A message, cut where nobody reads on.
    let line (text: string) =
        let shown = StringBuilder() |> append text (min longestLine text.Length)
        if text.Length > longestLine then shown.Append('…').ToString() else shown.ToString()
