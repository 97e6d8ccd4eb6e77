namespace Interact.Core.Onnx

open System
open System.Collections.Generic
open System.IO
open System.Security.Cryptography
open Interact.Core

/// One reason why a model cannot be imported.
type ImportProblem = {
    /// The node with its operator, the input, or the file.
    Place: string
    /// What is wrong there and what would mend it.
    Problem: string
} with

    override this.ToString() = $"{this.Place}: {this.Problem}"

/// How a model is read.
type OnnxOptions = {
    /// Which of the model's outputs is explained; None for the first.
    Output: string option
}

/// A value that goes into or out of a model.
type Port = {
    Name: string
    /// The type of its elements as ONNX names it.
    ElementType: string
    /// Its axes as declared: sizes, or names of those that may vary.
    Shape: string list
}

/// What is in a model file.
type Inspection = {
    Source: ModelSource
    Producer: string
    /// Versions of the operator sets, by domain ("" is the standard one).
    Opsets: (string * int64) list
    Inputs: Port list
    Outputs: Port list
    /// How many nodes there are of each operator.
    Operators: (string * int) list
    /// Number of floating elements in constants.
    Parameters: int64
    /// Operators whose first derivative jumps somewhere, and how many nodes there are of each.
    Kinks: (string * int) list
    Warnings: string list
    /// Why the model cannot be explained; empty where it can.
    Problems: ImportProblem list
}

/// Reads ONNX models into graphs.
[<RequireQualifiedAccess>]
module OnnxModel =

    let defaults = { Output = None }

    let private describeNode (node: NodeProto) =
        let operator = if node.Domain = "" then node.OpType else $"{node.Domain}.{node.OpType}"

        match node.Name, node.Outputs with
        | "", [||] -> $"node ({operator})"
        | "", outputs -> $"node of '{outputs[0]}' ({operator})"
        | name, _ -> $"node '{name}' ({operator})"

    let private problem place text = { Place = place; Problem = text }

    /// Everything that is built up while a graph is read.
    type private Import = {
        /// Values by name; None for what could not be made because of a problem reported already.
        Values: Dictionary<string, Value option>
        /// What each node of the graph is called.
        Origins: Dictionary<Node, string>
        Problems: List<ImportProblem>
    }

    /// Gives new nodes between results and operands the name of the model's node.
    let private nameNodes (import: Import) name (operands: Node seq) (results: Node seq) =
        let ends = HashSet<Node>(operands, HashIdentity.Reference)
        let pending = Stack<Node> results

        while pending.Count > 0 do
            let node = pending.Pop()

            if not (ends.Contains node) && import.Origins.TryAdd(node, name) then
                node.Operands |> Array.iter pending.Push

    let private importNode (import: Import) (versions: Map<string, int64>) (proto: NodeProto) =
        let place = describeNode proto

        let report text =
            import.Problems.Add(problem place text)
            None

        let fetch (name: string) =
            if name = "" then
                Some None
            else
                match import.Values.TryGetValue name with
                | true, Some value -> Some(Some value)
                | true, None -> None
                | false, _ ->
                    import.Values[name] <- None
                    report $"'{name}' is used before anything computes it; export the model again"

        let build (operator: Operator) (inputs: Value option[]) =
            let context = {
                Proto = proto
                Opset = versions |> Map.tryFind proto.Domain |> Option.defaultValue 1L |> int
                Inputs = inputs
            }

            try
                let results = operator.Build context
                let nodes values = values |> Seq.map (fun (value: Value) -> value.Node)
                nameNodes import place (inputs |> Seq.choose id |> nodes) (nodes results)
                Some results
            with
            | :? NodeProblemException as refused -> report refused.Message
            | :? ArgumentException as refused -> report (refused.Message.Split(" (Parameter")[0])
            | :? OverflowException
            | :? OutOfMemoryException -> report "its result does not fit in memory; export a smaller model"

        let version = versions |> Map.tryFind proto.Domain |> Option.defaultValue 1L

        let results =
            match OperatorTable.find proto.Domain proto.OpType version with
            | Error refusal -> report refusal
            | Ok operator ->
                let inputs = proto.Inputs |> Array.map fetch

                if inputs |> Array.forall Option.isSome then
                    build operator (inputs |> Array.map Option.get)
                else
                    None

        for i in 0 .. proto.Outputs.Length - 1 do
            if proto.Outputs[i] <> "" then
                let value = results |> Option.bind (List.tryItem i)

                if results.IsSome && value.IsNone then
                    report $"its result '{proto.Outputs[i]}' (number {i}) is not supported" |> ignore<Value list option>

                if not (import.Values.TryAdd(proto.Outputs[i], value)) then
                    report $"'{proto.Outputs[i]}' is computed twice; export the model again"
                    |> ignore<Value list option>

    let private describeAxis axis =
        match axis with
        | Dim.Fixed size -> string size
        | Dim.Symbol name -> name
        | Dim.Unknown -> "?"

    let private port (info: ValueInfo) : Port =
        match info.Type with
        | TypeProto.Tensor(elementType, shape) -> {
            Name = info.Name
            ElementType = DataType.name elementType
            Shape = shape |> Option.map (Array.map describeAxis >> List.ofArray) |> Option.defaultValue [ "?" ]
          }
        | _ -> { Name = info.Name; ElementType = "not a tensor"; Shape = [] }

    /// The shape of one example: the first axis may vary from row to row and counts 1, the others must be known.
    let private exampleShape (info: ValueInfo) : Result<Shape, string> =
        let size i axis =
            match axis with
            | Dim.Fixed size when size > 0L && size <= int64 Int32.MaxValue -> Ok(int size)
            | Dim.Fixed size ->
                Error $"axis {i} has size {size}, which cannot be explained; export the model with real sizes"
            | Dim.Symbol _
            | Dim.Unknown when i = 0 -> Ok 1
            | Dim.Symbol name ->
                Error $"the size of axis {i} ('{name}') is open; export the model with a fixed size there"
            | Dim.Unknown -> Error $"the size of axis {i} is open; export the model with a fixed size there"

        match info.Type with
        | TypeProto.Tensor(elementType, _) when DataType.kind elementType <> ElementKind.Floating ->
            Error $"its elements are {DataType.name elementType}; only floating inputs can be explained"
        | TypeProto.Tensor(_, Some axes) ->
            let sizes = axes |> Array.mapi size

            match
                sizes
                |> Array.tryPick (function
                    | Error text -> Some text
                    | Ok _ -> None)
            with
            | Some text -> Error text
            | None ->
                let sizes = sizes |> Array.choose Result.toOption

                if sizes |> Array.fold (fun product size -> product * float size) 1.0 > float Int32.MaxValue then
                    Error "it has more elements than an array can hold; export a smaller model"
                else
                    Ok sizes
        | TypeProto.Tensor(_, None) -> Error "its shape is unknown; export the model with a shape"
        | _ -> Error "it is not a tensor; only tensors can be explained"

    let private isFloating (info: ValueInfo) =
        match info.Type with
        | TypeProto.Tensor(elementType, _) -> DataType.kind elementType = ElementKind.Floating
        | _ -> false

    let private inputPorts (graph: GraphProto) =
        let initializers = graph.Initializers |> Seq.map _.Name |> HashSet
        graph.Inputs |> Array.filter (fun info -> not (initializers.Contains info.Name))

    /// Problems and warnings of the operator sets' versions.
    let private checkVersions (model: ModelProto) = [
        for opset in model.OpsetImports do
            if opset.Domain = "" then
                if opset.Version > OperatorTable.newest then
                    Error
                        $"operator set {opset.Version} is newer than {OperatorTable.newest}, the newest that can be imported; export the model with an older one"
                elif opset.Version < OperatorTable.oldestTried then
                    Error
                        $"operator set {opset.Version} is older than {OperatorTable.oldestTried}, the oldest that can be imported; export the model with a newer one"
                elif opset.Version < OperatorTable.oldest then
                    Ok
                        $"operator set {opset.Version} is older than {OperatorTable.oldest}: operators are read as in {OperatorTable.oldest}"
    ]

    /// What a file's graph becomes: the explained input, and the outputs with their names, where they could be made.
    type private Imported = {
        Input: Node option
        Outputs: (string * Value option) list
        Origins: Dictionary<Node, string>
        Problems: ImportProblem list
        Warnings: string list
    }

    let private importGraph (model: ModelProto) : Imported =
        let graph = model.Graph

        let import = { Values = Dictionary(); Origins = Dictionary(HashIdentity.Reference); Problems = List() }

        let warnings = List<string>()

        for check in checkVersions model do
            match check with
            | Ok warning -> warnings.Add warning
            | Error text -> import.Problems.Add(problem "the file" text)

        let define kind name value =
            if not (import.Values.TryAdd(name, value)) then
                import.Problems.Add(problem $"{kind} '{name}'" "the name is given twice; export the model again")

        let report place result =
            match result with
            | Ok value -> Some value
            | Error text ->
                import.Problems.Add(problem place text)
                None

        for tensor in graph.Initializers do
            StructureOperators.ofTensor tensor
            |> report $"constant '{tensor.Name}'"
            |> define "constant" tensor.Name

        if graph.SparseInitializers > 0 then
            import.Problems.Add(
                problem "the file" "sparse constants are not supported; export the model with dense ones"
            )

        let ports = inputPorts graph
        let explained = ports |> Array.tryFind isFloating

        let input =
            match explained with
            | None ->
                import.Problems.Add(problem "the file" "the model has no floating input to explain")
                None
            | Some info ->
                let place = $"input '{info.Name}'"
                let node = exampleShape info |> report place |> Option.map (Node.input info.Name)
                node |> Option.iter (fun node -> import.Origins[node] <- place)
                define "input" info.Name (node |> Option.map Value.real)
                node

        for other in ports do
            if Some other <> explained then
                import.Problems.Add(
                    problem
                        $"input '{other.Name}'"
                        "models with several inputs are not supported; export the model with one"
                )

                define "input" other.Name None

        let versions = model.OpsetImports |> Seq.map (fun opset -> opset.Domain, opset.Version) |> Map.ofSeq

        for node in graph.Nodes do
            importNode import versions node

        let outputs = [
            for info in graph.Outputs do
                match import.Values.TryGetValue info.Name with
                | true, value -> info.Name, value
                | false, _ ->
                    import.Problems.Add(problem $"output '{info.Name}'" "nothing computes it; export the model again")
                    info.Name, None
        ]

        if outputs.IsEmpty then
            import.Problems.Add(problem "the file" "the model has no output; export it again")

        {
            Input = input
            Outputs = outputs
            Origins = import.Origins
            Problems = List.ofSeq import.Problems
            Warnings = List.ofSeq warnings
        }

    let private open' (path: string) : Result<ModelSource * ModelProto, ImportProblem list> =
        let inFile text = [ problem path text ]

        OnnxFile.readBytes path
        |> Result.mapError inFile
        |> Result.bind (fun bytes ->
            OnnxFile.parse bytes
            |> Result.mapError inFile
            |> Result.map (fun model ->
                { File = FileInfo(path).Name; Sha256 = Convert.ToHexStringLower(SHA256.HashData bytes.Span) }, model))

    let private choose (options: OnnxOptions) (imported: Imported) =
        match options.Output with
        | None -> List.tryHead imported.Outputs
        | Some name -> imported.Outputs |> List.tryFind (fun (output, _) -> output = name)

    /// Reads a model and makes it a function of its first floating input. Constants in single precision are taken as the doubles
    /// they equal; an axis that may vary in front is the batch, and a row is one example.
    ///
    /// Errors: all problems of the file together, each with its place.
    let load (options: OnnxOptions) (path: string) : Result<Model, ImportProblem list> =
        open' path
        |> Result.bind (fun (source, proto) ->
            let imported = importGraph proto

            match imported.Problems, imported.Input, choose options imported with
            | [], Some input, Some(_, Some output) ->
                let describe node =
                    match imported.Origins.TryGetValue node with
                    | true, name -> Some name
                    | false, _ -> None

                Ok {
                    Model.ofGraph (GraphFunction(input, output.Node, describe)) with
                        Source = Some source
                        Warnings = imported.Warnings
                }
            | [], _, None ->
                let known = imported.Outputs |> List.map (fun (name, _) -> $"'{name}'") |> String.concat ", "
                Error [ problem path $"the model has no output '{options.Output.Value}'; it has {known}" ]
            | problems, _, _ -> Error problems)

    /// Operators whose first derivative jumps somewhere.
    let private kinked =
        set [
            "Relu"
            "LeakyRelu"
            "PRelu"
            "ThresholdedRelu"
            "HardSigmoid"
            "HardSwish"
            "Abs"
            "Max"
            "Min"
            "Clip"
            "Selu"
            "Shrink"
            "ReduceMax"
            "ReduceMin"
            "Where"
            "Sign"
            "Floor"
            "Ceil"
            "Round"
        ]

    /// Looks into a model file: what it contains, and whether and why not it can be explained.
    /// Errors: where the file cannot be read as an ONNX model at all.
    let inspect (path: string) : Result<Inspection, ImportProblem list> =
        open' path
        |> Result.map (fun (source, proto) ->
            let imported = importGraph proto
            let graph = proto.Graph

            let operators =
                graph.Nodes
                |> Array.countBy (fun node -> if node.Domain = "" then node.OpType else $"{node.Domain}.{node.OpType}")
                |> Array.sort
                |> List.ofArray

            {
                Source = source
                Producer = $"{proto.ProducerName} {proto.ProducerVersion}".Trim()
                Opsets = [ for opset in proto.OpsetImports -> opset.Domain, opset.Version ]
                Inputs = inputPorts graph |> Array.map port |> List.ofArray
                Outputs = graph.Outputs |> Array.map port |> List.ofArray
                Operators = operators
                Parameters =
                    graph.Initializers
                    |> Array.filter (fun tensor -> DataType.kind tensor.DataType = ElementKind.Floating)
                    |> Array.sumBy (fun tensor -> tensor.Dims |> Array.fold (*) 1L)
                Kinks = operators |> List.filter (fun (name, _) -> kinked.Contains name)
                Warnings = imported.Warnings
                Problems = imported.Problems
            })
