/// What the rivals are given, and what they give back: files in a folder of a work.
module Interact.Benchmarks.Exchange

open System.IO
open System.Text.Json
open Interact.Core
open Interact.Core.Data

let private table (rows: float[][]) : NpyArray = {
    Shape = [| rows.Length; rows[0].Length |]
    Values = NpyValues.Float64(Array.concat rows)
}

let private vector (values: float[]) : NpyArray = { Shape = [| values.Length |]; Values = NpyValues.Float64 values }

let private archive path arrays =
    use stream = File.Create path
    Npz.write stream arrays

/// Writes the network, the rows, the question and the rules.
let write (folder: string) (work: Work) =
    let file name = Path.Combine(folder, name)
    Directory.CreateDirectory folder |> ignore
    File.WriteAllText(file "work.json", JsonSerializer.Serialize {| kind = work.Network.Kind |})

    work.Network.Arrays
    |> List.map (fun (name, weights) -> name, Networks.toNpy weights)
    |> archive (file "network.npz")

    let outputs =
        work.Targets
        |> Array.map (fun target -> Array.init work.Model.OutputSize (fun i -> if i = target then 1.0 else 0.0))

    let groups =
        match work.Groups with
        | None -> []
        | Some groups -> [
            "groups",
            groups.Members
            |> Array.map (fun members ->
                Array.init work.Model.InputSize (fun i -> if Array.contains i members then 1.0 else 0.0))
            |> table
          ]

    archive
        (file "data.npz")
        ([ "rows", table work.Rows; "baseline", vector work.Baseline; "outputs", table outputs ] @ groups)

    archive (file "rules.npz") [
        for name, rule in Rules.all do
            $"nodes_{name}", vector rule.Nodes
            $"weights_{name}", vector rule.Weights
    ]

/// The matrices in a .npy file, each flattened.
let read (path: string) : float[][] = (DataFile.read path |> Files.ok).Rows
