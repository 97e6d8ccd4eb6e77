namespace Interact.Core.Learning

open System.Collections.Generic
open Interact.Core
open Interact.Core.Onnx

/// What a network is that was read from a file.
[<NoEquality; NoComparison>]
type internal ImportedNetwork = {
    Model: ModelProto
    Input: string
    InputType: ElementType
    InputShape: Shape
    Output: string
    OutputShape: Shape
    Constants: TensorProto[]
    Parameters: Parameter[]
    /// What takes the place of nodes in training, by their names.
    Rules: IReadOnlyDictionary<string, TrainingRule>
}

/// Finds out which constants of a model file are parameters, and whether the file computes many examples at once.
module internal NetworkImport =

    let private problem = OnnxImport.problem

    /// The network's input: its name, type, and the shape of one example.
    let private inputOf (model: ModelProto) : Result<string * ElementType * Shape, ImportProblem> =
        match OnnxImport.inputPorts model.Graph with
        | [| info |] ->
            let refuse text = Error(problem $"input {Quote.name info.Name}" text)

            match info.Type with
            | TypeProto.Tensor(elementType, Some axes) when axes.Length > 0 ->
                let kind =
                    match elementType, DataType.kind elementType with
                    | DataType.Bool, _ -> Boolean
                    | _, ElementKind.Floating -> Real
                    | _ -> Integer

                let sizes =
                    axes[1..]
                    |> Array.choose (function
                        | Dim.Fixed size when size > 0L && size <= int64 System.Int32.MaxValue -> Some(int size)
                        | _ -> None)

                match axes[0] with
                | Dim.Fixed size ->
                    refuse
                        $"its batch axis has the fixed size {size}; export the model with a free first axis (PyTorch: dynamic_axes={{'{Quote.bare info.Name}': {{0: 'batch'}}}})"
                | _ when sizes.Length < axes.Length - 1 ->
                    let open' = axes[1..] |> Array.map OnnxImport.describeAxis |> String.concat " x "
                    refuse $"the shape of an example ({Quote.line open'}) is open; export the model with fixed sizes"
                | _ -> Ok(info.Name, kind, sizes)
            | _ -> refuse "its shape has no batch axis; export the model with one in front"
        | ports ->
            let names = ports |> Seq.map (fun info -> Quote.name info.Name) |> String.concat ", "
            let there = if ports.Length = 0 then "it has none" else $"it has {names}"
            Error(problem "the file" $"a network that is trained has one input; {there}: export the model with one")

    /// Names of the running statistics of batch normalisations.
    let private statistics (model: ModelProto) =
        model.Graph.Nodes
        |> Seq.filter (fun node -> node.OpType = "BatchNormalization" && node.Domain = "")
        |> Seq.collect (fun node -> node.Inputs |> Seq.skip (min 3 node.Inputs.Length))
        |> HashSet

    /// Constants that can be parameters: arrays of floating numbers. Single numbers without axes are part of formulas.
    let private parametersOf (model: ModelProto) : Result<Parameter[], ImportProblem list> =
        let isStatistic = (statistics model).Contains

        let read =
            model.Graph.Initializers
            |> Array.filter (fun tensor ->
                (tensor.DataType = DataType.Float || tensor.DataType = DataType.Double)
                && tensor.Dims.Length > 0
                && tensor.Dims |> Array.forall (fun size -> size > 0L))
            |> Array.map (fun tensor ->
                TensorData.toFloats tensor
                |> Result.mapError (problem $"constant {Quote.name tensor.Name}")
                |> Result.map (fun values -> {
                    Name = tensor.Name
                    Shape = tensor.Dims |> Array.map int
                    IsTrained = not (isStatistic tensor.Name)
                    IsUsed = true
                    Values = values
                }))

        let problems =
            read
            |> Seq.choose (function
                | Error problem -> Some problem
                | Ok _ -> None)
            |> List.ofSeq

        if problems.IsEmpty then Ok(read |> Array.choose Result.toOption) else Error problems

    /// The scope after all nodes for a batch of examples, or the problems on the way.
    let private attempt limits fileBytes (model: ModelProto) (input: string, kind, shape: Shape) isParameter examples =
        let import = GraphImport.create (ImportMeter(limits, fileBytes)) model.Functions
        let scope = GraphImport.scope model.OpsetImports

        GraphImport.defineConstants import scope {
            model.Graph with
                Initializers = model.Graph.Initializers |> Array.filter (fun tensor -> not (isParameter tensor.Name))
        }

        for tensor in model.Graph.Initializers do
            if isParameter tensor.Name then
                let node = Node.input tensor.Name (tensor.Dims |> Array.map int)
                import.Meter.AddInput node
                scope.Values[tensor.Name] <- Some(Value.real node)

        let batch = Node.input input (Array.append [| examples |] shape)
        import.Meter.AddInput batch
        scope.Values[input] <- Some { Node = batch; Type = kind }

        try
            for node in model.Graph.Nodes do
                GraphImport.importNode import scope node
        with :? ImportLimitException as reached ->
            import.Problems.Add(problem "the file" reached.Message)

        scope, List.ofSeq import.Problems

    /// Some operators need the values of operands to know what they compute. Constants that stand in such a place are none to train:
    /// they stay constants.
    let rec private withConstants limits fileBytes (model: ModelProto) input (parameters: Set<string>) =
        let scope, problems = attempt limits fileBytes model input parameters.Contains 2

        let blamed =
            model.Graph.Nodes
            |> Seq.filter (fun node ->
                let place = GraphImport.describeNode node
                problems |> List.exists (fun problem -> problem.Place = place))
            |> Seq.collect _.Inputs
            |> Seq.filter parameters.Contains
            |> Set.ofSeq

        if problems.IsEmpty then Ok(scope, parameters)
        elif blamed.IsEmpty then Error problems
        else withConstants limits fileBytes model input (parameters - blamed)

    let private outputOf (wanted: string option) (model: ModelProto) (scope: Scope) =
        let found =
            model.Graph.Outputs
            |> Seq.choose (fun info ->
                match scope.Values.TryGetValue info.Name with
                | true, Some value when value.Type = Real -> Some(info.Name, value.Node.Shape)
                | _ -> None)
            |> List.ofSeq

        let names = found |> List.map (fst >> Quote.name) |> String.concat ", "

        match wanted, found with
        | None, first :: _ -> Ok first
        | Some name, _ when found |> List.exists (fun (other, _) -> other = name) ->
            Ok(found |> List.find (fun (other, _) -> other = name))
        | Some name, _ ->
            Error(problem "the file" $"the model has no floating output {Quote.name name}; it has {names}")
        | None, [] ->
            Error(problem "the file" "none of its outputs is floating; export the model with one that can be trained")

    /// The names of the values that a graph uses, also in graphs inside its nodes.
    let rec private namesUsed (graph: GraphProto) : string seq =
        seq {
            for node in graph.Nodes do
                yield! node.Inputs

                for attribute in node.Attributes do
                    match attribute.Value with
                    | AttributeValue.Graph graph -> yield! namesUsed graph
                    | AttributeValue.Graphs graphs -> yield! graphs |> Seq.collect namesUsed
                    | AttributeValue.Float _
                    | AttributeValue.Int _
                    | AttributeValue.String _
                    | AttributeValue.Tensor _
                    | AttributeValue.Floats _
                    | AttributeValue.Ints _
                    | AttributeValue.Strings _
                    | AttributeValue.Tensors _
                    | AttributeValue.Reference _
                    | AttributeValue.Unsupported _ -> ()

            yield! graph.Outputs |> Seq.map _.Name
        }

    /// The variational layers that Layer.variational wrote: the name of each with its spread, which no node uses.
    let private variational (model: ModelProto) (isUsed: string -> bool) (parameters: Parameter[]) =
        let named = parameters |> Seq.map (fun parameter -> parameter.Name, parameter) |> dict

        let isAlone =
            model.Graph.Nodes |> Seq.countBy _.Name |> Seq.filter (snd >> (=) 1) |> Seq.map fst |> HashSet

        model.Graph.Nodes
        |> Seq.filter (fun node ->
            node.OpType = "Gemm"
            && node.Domain = ""
            && node.Attributes.Length = 0
            && node.Inputs.Length = 3
            && node.Name <> ""
            && isAlone.Contains node.Name
            && named.ContainsKey node.Inputs[2])
        |> Seq.choose (fun node ->
            let weight = node.Inputs[1]

            VariationalRule.spreadOf weight
            |> Option.filter (fun spread ->
                named.ContainsKey weight
                && named.ContainsKey spread
                && not (isUsed spread)
                && named[spread].Shape = named[weight].Shape)
            |> Option.map (fun spread -> node.Name, spread))
        |> List.ofSeq

    /// The network of a model file that was read; output: its name, None for the first floating one.
    let ofModel
        (limits: ImportLimits)
        (fileBytes: int64)
        (output: string option)
        (model: ModelProto)
        : Result<ImportedNetwork, ImportProblem list> =
        let single result = result |> Result.mapError List.singleton

        match OnnxImport.versionProblems model with
        | [] -> inputOf model |> single
        | problems -> Error problems
        |> Result.bind (fun input -> parametersOf model |> Result.map (fun parameters -> input, parameters))
        |> Result.bind (fun ((name, kind, shape as input), candidates) ->
            withConstants limits fileBytes model input (candidates |> Seq.map _.Name |> Set.ofSeq)
            |> Result.bind (fun (scope, kept) ->
                let parameters = candidates |> Array.filter (fun parameter -> kept.Contains parameter.Name)
                let isUsed = (HashSet(namesUsed model.Graph)).Contains
                let layers = variational model isUsed parameters
                let spreads = layers |> Seq.map snd |> Set.ofSeq

                let network output outputShape = {
                    Model = model
                    Input = name
                    InputType = kind
                    InputShape = shape
                    Output = output
                    OutputShape = outputShape
                    Constants =
                        model.Graph.Initializers |> Array.filter (fun tensor -> not (kept.Contains tensor.Name))
                    // What nothing uses has nothing to be trained by, but for the spreads of variational layers.
                    Parameters = [|
                        for parameter in parameters ->
                            let isUsed = isUsed parameter.Name

                            {
                                parameter with
                                    IsUsed = isUsed
                                    IsTrained = parameter.IsTrained && (isUsed || spreads.Contains parameter.Name)
                            }
                    |]
                    Rules =
                        dict [ for name, spread in layers -> name, VariationalRule.create name spread ] |> Dictionary
                }

                outputOf output model scope
                |> single
                |> Result.bind (fun (output, outputShape) ->
                    let refuse text = Error [ problem $"output {Quote.name output}" text ]
                    let three, problems = attempt limits fileBytes model input kept.Contains 3

                    let follows =
                        problems.IsEmpty
                        && outputShape.Length > 0
                        && outputShape[0] = 2
                        && three.Values[output].Value.Node.Shape = Array.append [| 3 |] outputShape[1..]

                    if not follows then
                        refuse
                            $"it has shape {Shape.describe outputShape} for 2 examples: its first axis is not the batch; export the model with a free batch axis all the way through"
                    elif kept.IsEmpty then
                        refuse "no constant before it could be trained; name another model"
                    else
                        Ok(network output outputShape[1..]))))

    /// The same of a file. Error: all problems of the file together, each with its place.
    let load (limits: ImportLimits) (output: string option) (path: string) =
        let inFile text = [ problem path text ]

        OnnxFile.readBytes path
        |> Result.bind (fun bytes -> OnnxFile.parseWithin limits bytes |> Result.map (fun model -> bytes, model))
        |> Result.mapError inFile
        |> Result.bind (fun (bytes, model) ->
            let model, beside = ExternalData.attach limits path (int64 bytes.Length) model
            ofModel limits (int64 bytes.Length + beside) output model)
