/// The networks that are explained, as functions of a vector, and their weights under the names that the rivals read.
module Interact.Benchmarks.Networks

open Interact.Core
open Interact.Core.Data
open Interact.Core.Onnx

/// An array with its shape.
type Weights = { Shape: int[]; Values: float[] }

/// A network's kind, as the rivals know it, and its weights by name.
type Network = {
    Kind: string
    Arrays: (string * Weights) list
} with

    member this.Item
        with get name = this.Arrays |> List.find (fun (other, _) -> other = name) |> snd

let private tensor (weights: Weights) = Tensor.create weights.Shape weights.Values

/// Weights and biases of a dense network, uniform on ±gain/√(inputs of the layer).
let dense (seed: uint64) (gain: float) (sizes: int list) : Network =
    let generator = Generator seed

    {
        Kind = "dense"
        Arrays =
            List.pairwise sizes
            |> List.mapi (fun layer (inputs, outputs) ->
                let size = gain / sqrt (float inputs)

                [
                    $"w{layer}", { Shape = [| outputs; inputs |]; Values = generator.Array(outputs * inputs, size) }
                    $"b{layer}", { Shape = [| outputs |]; Values = generator.Array(outputs, size) }
                ])
            |> List.concat
    }

/// The function of a dense network: linear layers with tanh between them.
let denseFunction (network: Network) : Tensor -> Tensor =
    let layers =
        [ 0 .. network.Arrays.Length / 2 - 1 ]
        |> List.map (fun layer -> tensor network[$"w{layer}"], tensor network[$"b{layer}"])

    fun x ->
        layers
        |> List.indexed
        |> List.fold
            (fun a (layer, (w, b)) ->
                let a = if layer = 0 then a else tanh a
                Tensor.matmul w a + b)
            x

let private proto path = (path |> OnnxFile.read |> Files.ok).Graph

let private initializers (graph: GraphProto) = [
    for initializer in graph.Initializers ->
        initializer.Name,
        { Shape = initializer.Dims |> Array.map int; Values = TensorData.toFloats initializer |> Files.ok }
]

let private number (value: float32) = { Shape = [||]; Values = [| float value |] }

/// The fixture `digits_cnn`, with its constants of single precision in double precision.
let cnn () : Network = {
    Kind = "cnn"
    Arrays = ("epsilon", number 1e-5f) :: (Files.ofFixture "digits_cnn" "model.onnx" |> proto |> initializers)
}

/// Patches of 3 x 3 with zeros beyond the edges: channels x height x width becomes (height · width) x (channels · 9).
let private patches channels size (x: Tensor) =
    let place = [|
        for row in 0 .. size - 1 do
            for column in 0 .. size - 1 do
                for channel in 0 .. channels - 1 do
                    for down in -1 .. 1 do
                        for right in -1 .. 1 do
                            let r, c = row + down, column + right
                            let inside = r >= 0 && r < size && c >= 0 && c < size
                            if inside then (channel * size + r) * size + c else -1
    |]

    x.Node
    |> Node.reshape [| channels * size * size |]
    |> Node.gather 0 place
    |> Node.reshape [| size * size; channels * 9 |]
    |> Tensor

/// The function of the fixture `digits_cnn`, from graph primitives: a convolution is a product with patches.
let cnnFunction (network: Network) : Tensor -> Tensor =
    let vector name = tensor network[name]

    let block i channels filters size (x: Tensor) =
        let kernel = vector $"c{i}.weight" |> Tensor.reshape [| filters; channels * 9 |] |> Tensor.transpose
        let convolved = Tensor.matmul (patches channels size x) kernel + vector $"c{i}.bias"
        let deviation = sqrt (vector $"b{i}.running_var" + vector "epsilon")
        let scale = vector $"b{i}.weight" / deviation
        let normal = (Tensor.softplus 1.0 convolved - vector $"b{i}.running_mean") * scale + vector $"b{i}.bias"
        let half = size / 2

        let pooled =
            normal |> Tensor.reshape [| half; 2; half; 2; filters |] |> Tensor.sumAlong 3 |> Tensor.sumAlong 1

        pooled / 4.0 |> Tensor.reshape [| half * half; filters |] |> Tensor.transpose

    fun x ->
        let features = x |> block 1 1 6 8 |> block 2 6 10 4 |> Tensor.reshape [| 40 |]
        Tensor.matmul (vector "fc.weight") features + vector "fc.bias"

/// The fixture `tiny_transformer`; its matrices, which the file numbers, under the names of the layers they are used in.
let transformer () : Network =
    let graph = Files.ofFixture "tiny_transformer" "model.onnx" |> proto

    let layer matrix =
        graph.Nodes
        |> Array.tryFind (fun node -> node.OpType = "MatMul" && Array.contains matrix node.Inputs)
        |> Option.map (fun node -> node.Name.Trim('/').Replace("/MatMul", ".weight"))

    {
        Kind = "transformer"
        Arrays =
            [ "epsilon", number 1e-5f; "root_two", number (sqrt 2.0f) ]
            @ (initializers graph |> List.map (fun (name, weights) -> defaultArg (layer name) name, weights))
    }

/// An array as it is written to a file.
let toNpy (weights: Weights) : NpyArray = { Shape = weights.Shape; Values = NpyValues.Float64 weights.Values }
