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

/// The convolution of channels x size x size with kernels of filters x channels x 3 x 3, zeros beyond the edges: filters x size x size.
let private convolve filters channels size (kernels: Tensor) (x: Tensor) =
    let padded = [| -1; yield! [ 0 .. size - 1 ]; -1 |]

    // Windows of three along an axis: place o of window k is o + k.
    let windows = [|
        for place in 0 .. size - 1 do
            for k in 0..2 -> place + k
    |]

    let patches =
        x.Node
        |> Node.gather 1 padded
        |> Node.gather 2 padded
        |> Node.gather 1 windows
        |> Node.gather 2 windows
        |> Node.reshape [| channels; size; 3; size; 3 |]

    Product.contract
        { Left = [| 0; 1; 2; 3 |]; Right = [| 1; 4; 2; 5; 3 |]; Output = [| 0; 4; 5 |] }
        (kernels.Node |> Node.reshape [| filters; channels; 3; 3 |])
        patches
    |> Tensor

/// The function of the fixture `digits_cnn`, from graph primitives: a convolution is a contraction with windows.
let cnnFunction (network: Network) : Tensor -> Tensor =
    let vector name = tensor network[name]

    let block i channels filters size (x: Tensor) =
        let perFilter (x: Tensor) = x |> Tensor.reshape [| filters; 1; 1 |]
        let bias = vector $"c{i}.bias"
        let convolved = convolve filters channels size (vector $"c{i}.weight") x + perFilter bias
        let scale = vector $"b{i}.weight" / sqrt (vector $"b{i}.running_var" + vector "epsilon")
        let centred = Tensor.softplus 1.0 convolved - perFilter (vector $"b{i}.running_mean")
        let normal = centred * perFilter scale + perFilter (vector $"b{i}.bias")
        let half = size / 2

        normal
        |> Tensor.reshape [| filters; half; 2; half; 2 |]
        |> Tensor.sumAlong 4
        |> Tensor.sumAlong 2
        |> fun sums -> sums / 4.0

    fun x ->
        let features =
            x |> Tensor.reshape [| 1; 8; 8 |] |> block 1 1 6 8 |> block 2 6 10 4 |> Tensor.reshape [| 40 |]

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
