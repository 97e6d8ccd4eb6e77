/// The five works.
module Interact.Benchmarks.Works

open System
open System.IO
open System.Text.Json
open Interact.Core
open Interact.Core.Data
open Interact.Core.Onnx

/// A dense network of the given sizes on random rows of unit variance. A gain of √3 keeps the variance of the layers near one; a larger
/// one makes the network sharper, so that it needs more nodes.
let private dense name (gain: float) rows referenceRows (sizes: int list) : Work =
    let inputs = sizes.Head
    let network = Networks.dense 20210104UL gain sizes
    let generator = Generator 7UL
    let shape = sizes |> List.map string |> String.concat "-"

    {
        Name = name
        Title = $"dense {shape}"
        Network = network
        Model = Model.ofFunction inputs (Networks.denseFunction network)
        Rows = Array.init rows (fun _ -> generator.Array(inputs, sqrt 3.0))
        Baseline = Array.zeroCreate inputs
        Target = Index 0
        Groups = None
        Expected = None
        ReferenceRows = referenceRows
    }

/// The small dense network on so many rows.
let small rows = dense "dense-30" 2.5 rows (min rows 100) [ 30; 64; 32; 1 ]

/// The medium dense network on so many rows.
let medium rows = dense "dense-128" (sqrt 3.0) rows (min rows 20) [ 128; 256; 256; 1 ]

/// The large dense network on so many rows.
let large rows = dense "dense-512" (sqrt 3.0) rows 1 [ 512; 512; 512; 1 ]

let private numbers (element: JsonElement) = element.EnumerateArray() |> Seq.map _.GetDouble() |> Array.ofSeq

let private expected folder matrix : Expected =
    use document = JsonDocument.Parse(File.ReadAllText(Files.ofFixture folder "expected.json"))
    let target = document.RootElement.GetProperty("targets").EnumerateArray() |> Seq.head
    let results = target.GetProperty("results").EnumerateArray() |> Array.ofSeq

    {
        Values = results |> Array.map (fun result -> result.GetProperty("f_x").GetDouble())
        Matrices =
            results
            |> Array.map (fun result ->
                result.GetProperty(matrix: string).EnumerateArray() |> Seq.map numbers |> Array.concat)
    }

/// The rows of a fixture, and mixtures of two of them up to the wanted number.
let private rows folder count =
    let own = (Files.ofFixture folder "inputs.csv" |> DataFile.read |> Files.ok).Rows
    let generator = Generator 11UL

    Array.init count (fun i ->
        if i < own.Length then
            own[i]
        else
            let part = 0.5 + 0.25 * generator.Next()

            Array.map2
                (fun a b -> part * a + (1.0 - part) * b)
                own[i % own.Length]
                own[(i + 1 + i / own.Length) % own.Length])

let private baseline folder = (Files.ofFixture folder "baseline.csv" |> DataFile.read |> Files.ok).Rows[0]

let private transformer () : Work = {
    Name = "transformer"
    Title = "transformer, 12 tokens x 16, tokens"
    Network = Networks.transformer ()
    Model = Files.ofFixture "tiny_transformer" "model.onnx" |> OnnxModel.load OnnxModel.defaults |> Files.ok
    Rows = rows "tiny_transformer" 8
    Baseline = baseline "tiny_transformer"
    Target = Index 1
    Groups = Some(Groups.create 192 [ for token in 0..11 -> $"token {token}", [| 16 * token .. 16 * token + 15 |] ])
    Expected = Some(expected "tiny_transformer" "ih_grouped")
    ReferenceRows = 1
}

let private cnn () : Work =
    let network = Networks.cnn ()

    {
        Name = "cnn"
        Title = "convolutional, 8 x 8 pixels"
        Network = network
        Model = Model.ofFunction 64 (Networks.cnnFunction network)
        Rows = rows "digits_cnn" 8
        Baseline = baseline "digits_cnn"
        Target = Predicted
        Groups = None
        Expected = Some(expected "digits_cnn" "ih")
        ReferenceRows = 2
    }

/// Each work's name, and how it is made.
let all: (string * (unit -> Work)) list = [
    "dense-30", (fun () -> small 100)
    "dense-128", (fun () -> medium 20)
    "dense-512", (fun () -> large 2)
    "transformer", transformer
    "cnn", cnn
]

/// The works of that name; all without a name. Error: InvalidOperationException for a name that none has.
let named (name: string option) : Work list =
    match name with
    | None -> all |> List.map (fun (_, make) -> make ())
    | Some name ->
        match all |> List.tryFind (fun (known, _) -> known = name) with
        | Some(_, make) -> [ make () ]
        | None ->
            let known = all |> List.map fst |> String.concat ", "
            invalidOp $"There is no work '{name}'; there are {known}."
