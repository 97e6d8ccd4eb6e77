namespace Interact.Core.Learning

open System.Collections.Generic
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Onnx

/// The distribution of the weights of a network's last layer, where that layer is variational: what RATE takes.
[<RequireQualifiedAccess>]
module VariationalLayer =

    /// The node of the last layer, and the names of what it uses.
    let private find (network: Network) =
        let named = network.Parameters |> Seq.map (fun parameter -> parameter.Name, parameter) |> dict

        let layer (node: NodeProto) =
            if node.OpType = "Gemm" && node.Inputs.Length = 3 then
                VariationalRule.spreadOf node.Inputs[1]
                |> Option.filter named.ContainsKey
                |> Option.map (fun spread ->
                    node.Inputs[0], named[node.Inputs[1]], named[spread], named[node.Inputs[2]])
            else
                None

        network.Nodes
        |> Array.tryFind (fun node -> Array.contains network.Output node.Outputs)
        |> Option.bind layer
        |> Option.defaultWith (fun () ->
            Checks.invalid
                (nameof network)
                "the network's last layer is not variational; train it with Layer.variational at its end.")

    /// The name of the value that the last layer is applied to: its features.
    /// Error: ArgumentException where the last layer is not variational.
    let features (network: Network) : string =
        let name, _, _, _ = find network
        name

    /// Means and variances of the weights, and the bias: the posterior as it was learned.
    /// Error: ArgumentException where the last layer is not variational.
    let posterior (network: Network) : LastLayer =
        let _, mean, spread, bias = find network
        let outputs = mean.Shape[1]

        let variance (spread: float) =
            // ln(1+exp(s)), which must not overflow.
            let deviation = max spread 0.0 + log (1.0 + exp (-(abs spread)))
            deviation * deviation

        {
            Mean = mean.Values |> Array.chunkBySize outputs
            Variance = spread.Values |> Array.map variance |> Array.chunkBySize outputs
            Bias = bias.Values
        }

    /// The features of rows: what the last layer is applied to at each.
    /// Error: ArgumentException where the last layer is not variational, and for rows of the wrong length or that are not finite.
    let featuresOf (network: Network) (rows: float[][]) : float[][] =
        let name = features network
        let elements = Shape.size network.InputShape

        rows
        |> Array.iteri (fun row values ->
            Checks.length $"rows[{row}]" elements values
            Checks.finite $"rows[{row}]" values)

        let parameters = Dictionary<string, Node>()

        for parameter in network.Parameters do
            parameters[parameter.Name] <- Node.constant parameter.Shape parameter.Values

        let batch = max 1 (min 256 rows.Length)
        let input = Node.input network.Input (Array.append [| batch |] network.InputShape)
        let value = network.Value(parameters, input, None, name)
        let plan = Plan.Compile([ input ], [ value ])
        let width = value.Size / batch

        rows
        |> Array.chunkBySize batch
        |> Array.collect (fun chunk ->
            // The last batch is filled up with its first row.
            let filled = Array.init batch (fun i -> if i < chunk.Length then chunk[i] else chunk[0])
            let found = plan.Run([| Array.concat filled |]).[0]
            Array.init chunk.Length (fun row -> Array.sub found (row * width) width))

    /// The distribution of the effect sizes of one output on the network's inputs, see EffectSizes.ofLastLayer.
    /// Error: ArgumentException as there, and where the last layer is not variational.
    let effectSizes (analogue: EffectSizeAnalogue) (threads: int) (network: Network) (rows: float[][]) (output: int) =
        EffectSizes.ofLastLayer
            analogue
            threads
            System.Threading.CancellationToken.None
            rows
            (featuresOf network rows)
            (posterior network)
            output
