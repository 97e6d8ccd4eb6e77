namespace Interact.Core.Onnx

open System.Text
open Interact.Core

/// Names out of a model file, made fit for a message: a file may call a value anything, escape sequences included.
[<RequireQualifiedAccess>]
module internal Quote =

    let private longest = 60

    /// The name in quotation marks, without what a terminal would obey or not show, cut where it is long.
    let name (text: string) =
        let quoted = StringBuilder().Append '\''

        for i in 0 .. min longest text.Length - 1 do
            let character = text[i]

            if Printable.isPlain character then
                quoted.Append character |> ignore
            else
                quoted.Append($"\\u%04X{int character}") |> ignore

        if text.Length > longest then
            quoted.Append($"…' ({text.Length} characters)").ToString()
        else
            quoted.Append('\'').ToString()
