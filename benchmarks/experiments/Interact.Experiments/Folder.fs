/// Reading what the experiments keep in folders.
module Interact.Experiments.Folder

open System.IO
open System.Text.Json
open Interact.Core
open Interact.Core.Data
open Interact.Core.Onnx

/// The end of the program with a line that says what is wrong.
let private stop path problem : 'T = invalidOp $"{path}: {problem}"

/// A network.
let model (path: string) : Model =
    match OnnxModel.load OnnxModel.defaults path with
    | Ok model -> model
    | Error problems -> problems |> Seq.map string |> String.concat "; " |> stop path

/// The rows of a table.
let rows (path: string) : float[][] =
    match DataFile.read path with
    | Ok table -> table.Rows
    | Error problem -> stop path problem

/// A JSON file. The reader makes what is wanted of its root.
let json (path: string) (read: JsonElement -> 'T) : 'T =
    if not (File.Exists path) then stop path "no such file."
    use document = File.ReadAllText path |> JsonDocument.Parse
    read document.RootElement

/// The integers of a JSON array.
let integers (element: JsonElement) : int[] = [| for item in element.EnumerateArray() -> item.GetInt32() |]

/// Writes lines, each ended by a line feed.
let write (path: string) (lines: string seq) =
    File.WriteAllText(path, (lines |> Seq.map (fun line -> line + "\n") |> String.concat ""))
