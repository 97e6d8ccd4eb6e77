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
        rules: IReadOnlyDictionary<string, TrainingRule>,
        origin: ImportedNetwork option
    ) =

    let createScope () =
        match origin with
        | Some origin -> GraphImport.scope origin.Model.OpsetImports
        | None -> Operators.createScope ()

    let functions = origin |> Option.map _.Model.Functions |> Option.defaultValue [||]

    let inputType = origin |> Option.map _.InputType |> Option.defaultValue ElementType.Real

    let constantValues =
        lazy
            (let import, scope = Operators.createImport [||], createScope ()

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
    /// What takes the place of nodes in training, by their names.
    member internal _.Rules = rules
    /// The file that the network was read from.
    member internal _.Origin = origin

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

        Network(input, inputShape, output, outputShape, nodes, constants, changed, rules, origin)

    /// The same network of which other parameters are trained.
    member internal _.Training(isTrained: Parameter -> bool) : Network =
        let changed =
            parameters |> Array.map (fun parameter -> { parameter with IsTrained = isTrained parameter })

        Network(input, inputShape, output, outputShape, nodes, constants, changed, rules, origin)

    /// The graph of the outputs for a batch, n x (output shape) for an input of n x (example shape).
    ///
    /// parameters: the node that stands for each. training: gathers what differs in training; None for the network in use.
    member internal network.Graph
        (parameters: IReadOnlyDictionary<string, Node>, batch: Node, training: TrainingContext option)
        : Node =
        network.Value(parameters, batch, training, output)

    /// The graph of any value of the network by its name, see Graph.
    member internal _.Value
        (parameters: IReadOnlyDictionary<string, Node>, batch: Node, training: TrainingContext option, wanted: string)
        : Node =
        let import, scope = Operators.createImport functions, createScope ()

        for KeyValue(name, value) in constantValues.Value do
            scope.Values[name] <- value

        for KeyValue(name, node) in parameters do
            scope.Values[name] <- Some(Value.real node)

        scope.Values[input] <- Some { Node = batch; Type = inputType }

        for node in nodes do
            match training, rules.TryGetValue node.Name with
            | Some context, (true, rule) ->
                let operands = node.Inputs |> Array.map (Operators.find scope)
                scope.Values[node.Outputs[0]] <- Some(Value.real (rule.Apply context operands))
            | _ -> Operators.apply import scope node

        Operators.find scope wanted

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
        let last = (input, layers) ||> List.fold (fun value layer -> layer.AddTo(draft, value))
        Checks.require (last <> input) (nameof layers) (fun () -> "a network needs at least one layer.")

        // The output is called so, unless a layer inside is.
        let output = if draft.HasName "output" then last else "output"
        let renamed name = if name = last then output else name

        Network(
            input,
            Array.copy inputShape,
            output,
            draft.ShapeOf last,
            [|
                for node in draft.Nodes ->
                    { node with Inputs = node.Inputs |> Array.map renamed; Outputs = node.Outputs |> Array.map renamed }
            |],
            draft.Constants.ToArray(),
            draft.Parameters.ToArray(),
            draft.Rules,
            None
        )

    /// A network from an ONNX file, to go on training it. Its parameters are the file's constants that are arrays of floating numbers,
    /// except those that operators need to know beforehand (the bounds of Clip, the scales of Resize); running statistics of batch
    /// normalisations are kept as they are, dropout does nothing, and variational layers that were written here are trained as such.
    /// Constants that no operator uses are not trained. Elements keep the types that they have in the file: toOnnx rounds
    /// to them.
    ///
    /// output: which of the model's outputs; None for the first floating one. limits: how much the file may ask for.
    /// Error: all problems of the file together, each with its place: the model must have one input, and its first axis must be free
    /// and that of the output, too.
    let loadWithin (limits: ImportLimits) (output: string option) (path: string) : Result<Network, ImportProblem list> =
        NetworkImport.load limits output path
        |> Result.map (fun found ->
            Network(
                found.Input,
                found.InputShape,
                found.Output,
                found.OutputShape,
                found.Model.Graph.Nodes,
                found.Constants,
                found.Parameters,
                found.Rules,
                Some found
            ))

    /// A network from an ONNX file with its first floating output, within the default limits: see loadWithin.
    let load (path: string) : Result<Network, ImportProblem list> = loadWithin ImportLimits.defaults None path

    /// The network of which the chosen parameters are not trained, whatever was before; the others are trained as before.
    /// Error: ArgumentException where nothing is left to train.
    let freeze (chosen: string -> bool) (network: Network) : Network =
        let frozen = network.Training(fun parameter -> parameter.IsTrained && not (chosen parameter.Name))

        Checks.require (frozen.ParameterCount > 0L) (nameof chosen) (fun () ->
            "all parameters are chosen; leave one at least to be trained.")

        frozen

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

    /// The file that a network was read from with the parameters as they are now.
    let private renewed (origin: ImportedNetwork) (network: Network) : ModelProto =
        let parameters = network.Parameters |> Seq.map (fun parameter -> parameter.Name, parameter) |> dict

        {
            origin.Model with
                Graph = {
                    origin.Model.Graph with
                        Initializers =
                            origin.Model.Graph.Initializers
                            |> Array.map (fun tensor ->
                                match parameters.TryGetValue tensor.Name with
                                | true, parameter when tensor.DataType = DataType.Double ->
                                    initializer Precision.Double parameter
                                | true, parameter -> initializer Precision.Single parameter
                                | false, _ -> tensor)
                }
        }

    let private ofLayers (precision: Precision) (network: Network) : ModelProto = {
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

    /// The network as an ONNX file in the given precision: as many examples at once as one likes. A network that was read from a file
    /// keeps the types that it has there. The same network gives the same bytes.
    let toOnnxIn (precision: Precision) (network: Network) : byte[] =
        match network.Origin with
        | Some origin -> renewed origin network
        | None -> ofLayers precision network
        |> ModelWriter.bytes

    /// The network as an ONNX file, in single precision where that holds its parameters exactly and in double where it does not.
    let toOnnx (network: Network) : byte[] = toOnnxIn (enough network) network

    /// Writes the network to an ONNX file, see toOnnx. The file is there whole or not at all.
    /// Error: one line that names the file and the mend.
    let save (path: string) (network: Network) : Result<unit, string> =
        AtomicFile.write path (fun stream -> stream.Write(ReadOnlySpan(toOnnx network)))

    /// The network as a model that can be explained: the function of its parameters as they are, in use rather than in training.
    let toModel (network: Network) : Model =
        let options = { OnnxModel.defaults with Output = Some network.Output; Limits = Operators.unlimited }

        match OnnxModel.ofBytes options "network" (ReadOnlyMemory(toOnnx network)) with
        | Ok model -> model
        | Error problems -> Checks.invalid (nameof network) (problems |> Seq.map string |> String.concat " ")
