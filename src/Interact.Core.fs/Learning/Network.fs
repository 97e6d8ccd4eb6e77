namespace Interact.Core.Learning

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open Interact.Core
open Interact.Core.Data
open Interact.Core.Execution
open Interact.Core.Onnx

/// A network that can be trained: operators of ONNX, and named parameters.
[<Sealed>]
type Network
    internal
    (
        input: string,
        inputShape: Shape,
        output: string,
        outputShape: Shape,
        nodes: NodeProto[],
        constants: TensorProto[],
        parameters: Parameter[],
        rules: IReadOnlyDictionary<string, TrainingRule>
    ) =

    let constantValues =
        lazy
            (let import, scope = Operators.createImport (), Operators.createScope ()

             GraphImport.defineConstants import scope {
                 Name = ""
                 Nodes = [||]
                 Initializers = constants
                 SparseInitializers = 0
                 Inputs = [||]
                 Outputs = [||]
                 Values = [||]
             }

             scope.Values)

    /// The name of the input.
    member _.Input = input
    /// The shape of one example.
    member _.InputShape: int[] = Array.copy inputShape
    /// The name of the output.
    member _.Output = output
    /// The shape of the output for one example.
    member _.OutputShape: int[] = Array.copy outputShape
    /// The parameters in the order of the layers.
    member _.Parameters: IReadOnlyList<Parameter> = parameters
    member internal _.Nodes = nodes
    member internal _.Constants = constants

    /// Number of elements of all trained parameters.
    member _.ParameterCount =
        parameters |> Seq.filter _.IsTrained |> Seq.sumBy (fun parameter -> parameter.Values.LongLength)

    /// The same network with other values of its parameters, in their order.
    member internal _.With(values: float[][]) : Network =
        let changed =
            Array.map2
                (fun (parameter: Parameter) (values: float[]) ->
                    Checks.length parameter.Name parameter.Values.Length values
                    { parameter with Values = values })
                parameters
                values

        Network(input, inputShape, output, outputShape, nodes, constants, changed, rules)

    /// The graph of the outputs for a batch, n x (output shape) for an input of n x (example shape).
    ///
    /// parameters: the node that stands for each. training: gathers what differs in training; None for the network in use.
    member internal _.Graph
        (parameters: IReadOnlyDictionary<string, Node>, batch: Node, training: TrainingContext option)
        : Node =
        let import, scope = Operators.createImport (), Operators.createScope ()

        for KeyValue(name, value) in constantValues.Value do
            scope.Values[name] <- value

        for KeyValue(name, node) in parameters do
            scope.Values[name] <- Some(Value.real node)

        scope.Values[input] <- Some(Value.real batch)

        for node in nodes do
            match training, rules.TryGetValue node.Name with
            | Some context, (true, rule) ->
                let operands = node.Inputs |> Array.map (Operators.find scope)
                scope.Values[node.Name] <- Some(Value.real (rule context operands))
            | _ -> Operators.apply import scope node

        Operators.find scope output

/// Making networks, and what can be done with them.
[<RequireQualifiedAccess>]
module Network =

    /// A network of layers one after the other.
    ///
    /// seed: of the first values of the parameters: the same seed, the same values. inputShape: the shape of one example.
    /// Error: ArgumentException where a layer does not fit what comes before it.
    let create (seed: int) (inputShape: int[]) (layers: Layer list) : Network =
        for size in inputShape do
            Checks.within (nameof inputShape) 1 Array.MaxLength size

        let input = "input"
        let draft = NetworkDraft(seed, input, inputShape)
        let output = (input, layers) ||> List.fold (fun value layer -> layer.AddTo(draft, value))
        Checks.require (output <> input) (nameof layers) (fun () -> "a network needs at least one layer.")

        Network(
            input,
            Array.copy inputShape,
            output,
            draft.ShapeOf output,
            draft.Nodes.ToArray(),
            draft.Constants.ToArray(),
            draft.Parameters.ToArray(),
            draft.Rules
        )

    let private isSingle (value: float) = float (float32 value) = value

    /// Single precision where it holds every parameter exactly, and double where it does not.
    let private enough (network: Network) =
        if network.Parameters |> Seq.forall (fun parameter -> Array.forall isSingle parameter.Values) then
            Precision.Single
        else
            Precision.Double

    let private initializer precision (parameter: Parameter) : TensorProto =
        let content: TensorContent =
            match precision with
            | Precision.Single ->
                let values = parameter.Values |> Array.map float32
                TensorContent.Raw(ReadOnlyMemory(MemoryMarshal.AsBytes(ReadOnlySpan values).ToArray()))
            | Precision.Double ->
                TensorContent.Raw(ReadOnlyMemory(MemoryMarshal.AsBytes(ReadOnlySpan parameter.Values).ToArray()))

        {
            Name = parameter.Name
            DataType =
                match precision with
                | Precision.Single -> DataType.Float
                | Precision.Double -> DataType.Double
            Dims = parameter.Shape |> Array.map int64
            Content = content
        }

    let private declared precision name (shape: int[]) : ValueInfo =
        let element =
            match precision with
            | Precision.Single -> DataType.Float
            | Precision.Double -> DataType.Double

        {
            Name = name
            Type = TypeProto.Tensor(element, Some [| yield Symbol "batch"; for size in shape -> Fixed(int64 size) |])
        }

    /// The network as an ONNX file in the given precision: as many examples at once as one likes. The same network gives the same bytes.
    let toOnnxIn (precision: Precision) (network: Network) : byte[] =
        ModelWriter.bytes {
            IrVersion = 8L
            OpsetImports = [| { Domain = ""; Version = Operators.version } |]
            ProducerName = "Interact"
            ProducerVersion = ""
            Functions = [||]
            Metadata = [||]
            Graph = {
                Name = "network"
                Nodes = network.Nodes
                Initializers = [|
                    for parameter in network.Parameters do
                        initializer precision parameter
                    yield! network.Constants
                |]
                SparseInitializers = 0
                Inputs = [| declared precision network.Input network.InputShape |]
                Outputs = [| declared precision network.Output network.OutputShape |]
                Values = [||]
            }
        }

    /// The network as an ONNX file, in single precision where that holds its parameters exactly and in double where it does not.
    let toOnnx (network: Network) : byte[] = toOnnxIn (enough network) network

    /// Writes the network to an ONNX file, see toOnnx. The file is there whole or not at all.
    /// Error: one line that names the file and the mend.
    let save (path: string) (network: Network) : Result<unit, string> =
        AtomicFile.write path (fun stream -> stream.Write(ReadOnlySpan(toOnnx network)))

    /// The network as a model that can be explained: the function of its parameters as they are, in use rather than in training.
    let toModel (network: Network) : Model =
        match OnnxModel.ofBytes OnnxModel.defaults "network" (ReadOnlyMemory(toOnnx network)) with
        | Ok model -> model
        | Error problems -> Checks.invalid (nameof network) (problems |> Seq.map string |> String.concat " ")
