namespace Interact.Core.Onnx

open System
open System.Collections.Generic
open Interact.Core

/// One reason why a model cannot be imported.
type ImportProblem = {
    /// The node with its operator, the input, or the file.
    Place: string
    /// What is wrong there and what would mend it.
    Problem: string
} with

    override this.ToString() = $"{this.Place}: {this.Problem}"

/// What a file's graph becomes: the explained input, and the outputs with their names, where they could be made.
type internal Imported = {
    Input: Node option
    Outputs: (string * Value option) list
    /// What each node of the graph is called where it came from.
    Origins: Dictionary<Node, string>
    Problems: ImportProblem list
    Warnings: string list
}

/// Turns a model file's graph into ours, node by node, and gathers all that stands in the way.
module internal OnnxImport =

    let describeNode (node: NodeProto) =
        let operator = Quote.bare (if node.Domain = "" then node.OpType else node.Domain + "." + node.OpType)

        let called =
            match node.Name, node.Outputs with
            | "", [||] -> "node"
            | "", outputs -> "node of " + Quote.name outputs[0]
            | name, _ -> "node " + Quote.name name

        called + " (" + operator + ")"

    /// A problem with a place that is fit for a message. The text may quote the file.
    let problem place text = { Place = place; Problem = Quote.line text }

    /// Everything that is built up while a graph is read.
    type private Import = {
        /// Values by name; None for what could not be made because of a problem reported already.
        Values: Dictionary<string, Value option>
        /// Names that were used before their values were made.
        Missing: HashSet<string>
        /// What each node of the graph is called.
        Origins: Dictionary<Node, string>
        Problems: List<ImportProblem>
        Meter: ImportMeter
    }

    /// Gives new nodes between results and operands the name of the model's node, and counts them.
    let private nameNodes (import: Import) name (operands: Node seq) (results: Node seq) =
        let ends = HashSet<Node>(operands, HashIdentity.Reference)
        let pending = Stack<Node> results
        let added = List<Node>()

        while pending.Count > 0 do
            let node = pending.Pop()

            if not (ends.Contains node) && import.Origins.TryAdd(node, name) then
                added.Add node
                node.Operands |> Array.iter pending.Push

        import.Meter.AddNodes(added |> Seq.sortBy _.Id)

    /// The operator, where the node has no more operands than it takes.
    let private withFewOperands (proto: NodeProto) (operator: Operator) : Result<Operator, string> =
        let given = 1 + Array.FindLastIndex(proto.Inputs, (fun name -> name <> ""))

        match (if proto.Domain = "" then OperandCounts.most proto.OpType else None) with
        | Some most when given > most ->
            Error $"it has {given} operands and takes {most} at most; export the model again"
        | _ -> Ok operator

    let private importNode (import: Import) (opsets: OpsetImport[]) (proto: NodeProto) =
        let place = describeNode proto
        import.Meter.Enter()

        let version =
            match opsets |> Array.tryFindBack (fun opset -> opset.Domain = proto.Domain) with
            | Some opset -> opset.Version
            | None -> OperatorTable.newest

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
                | false, _ when import.Missing.Add name ->
                    report $"{Quote.name name} is used before anything computes it; export the model again"
                | false, _ -> None

        let build (operator: Operator) (inputs: Value option[]) =
            let context = { Proto = proto; Opset = int version; Inputs = inputs }

            try
                let results = operator.Build context
                let nodes values = values |> Seq.map (fun (value: Value) -> value.Node)

                for result in nodes results do
                    import.Meter.WhyTooLarge result.Shape
                    |> Option.iter (fun reason -> raise (NodeProblemException $"its result is too large: {reason}"))

                nameNodes import place (inputs |> Seq.choose id |> nodes) (nodes results)
                Some results
            with
            | :? NodeProblemException as refused -> report refused.Message
            | :? ArgumentException as refused ->
                let problem = refused.Message.Split(" (Parameter")[0]
                report $"{problem.TrimEnd '.'}; export the model again"
            | :? OverflowException
            | :? OutOfMemoryException -> report "its result is too large to fit in memory; export a smaller model"

        let results =
            match OperatorTable.find proto.Domain proto.OpType version |> Result.bind (withFewOperands proto) with
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
                    report $"its result {Quote.name proto.Outputs[i]} (number {i}) is not supported"
                    |> ignore<Value list option>

                if not (import.Values.TryAdd(proto.Outputs[i], value)) then
                    report $"{Quote.name proto.Outputs[i]} is computed twice; export the model again"
                    |> ignore<Value list option>

    /// Imports nodes until all are done or a limit is reached; whether all are done.
    let private importNodes (import: Import) opsets (nodes: NodeProto[]) : bool =
        let mutable next = 0
        let mutable isWithin = true

        while isWithin && next < nodes.Length do
            try
                importNode import opsets nodes[next]
                next <- next + 1
            with :? ImportLimitException as reached ->
                import.Problems.Add(problem (describeNode nodes[next]) reached.Message)
                isWithin <- false

        isWithin

    let describeAxis axis =
        match axis with
        | Dim.Fixed size -> string size
        | Dim.Symbol name -> name
        | Dim.Unknown -> "?"

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
                Error $"the size of axis {i} ({Quote.name name}) is open; export the model with a fixed size there"
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

    let inputPorts (graph: GraphProto) =
        let initializers = graph.Initializers |> Seq.map _.Name |> HashSet
        graph.Inputs |> Array.filter (fun info -> not (initializers.Contains info.Name))

    /// The newest version of the file format whose additions are known.
    let private newestFormat = 13L

    /// Problems and warnings of the versions of the file format and the operator sets.
    let private checkVersions (model: ModelProto) = [
        if model.IrVersion > newestFormat then
            Ok
                $"the file's format version (ir_version) {model.IrVersion} is newer than {newestFormat}, the newest known: what it adds is not read"

        let isStandard domain = domain = ""

        if
            model.Graph.Nodes |> Array.exists (fun node -> isStandard node.Domain)
            && not (model.OpsetImports |> Array.exists (fun opset -> isStandard opset.Domain))
        then
            Error "it names no version of the standard operators (opset_import); export the model again"

        for opset in model.OpsetImports do
            if isStandard opset.Domain then
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

    /// More problems than this are not listed.
    let private mostProblems = 100

    /// The problems, or as many of them as a person reads.
    let private listed (problems: List<ImportProblem>) =
        if problems.Count <= mostProblems then
            List.ofSeq problems
        else
            List.ofSeq (Seq.truncate mostProblems problems)
            @ [ problem "the file" $"{problems.Count - mostProblems} more problems; mend these first" ]

    /// The graph of a model. fileBytes: length of its files. given: values of inputs that are held fixed, by name; of the others, the
    /// first floating one is explained.
    let runWithin (limits: ImportLimits) (fileBytes: int64) (given: Map<string, Value>) (model: ModelProto) : Imported =
        let graph = model.Graph

        let import = {
            Values = Dictionary()
            Missing = HashSet()
            Origins = Dictionary(HashIdentity.Reference)
            Problems = List()
            Meter = ImportMeter(limits, fileBytes)
        }

        let warnings = List<string>()

        for check in checkVersions model do
            match check with
            | Ok warning -> warnings.Add warning
            | Error text -> import.Problems.Add(problem "the file" text)

        let define kind name value =
            if not (import.Values.TryAdd(name, value)) then
                import.Problems.Add(
                    problem $"{kind} {Quote.name name}" "the name is given twice; export the model again"
                )

        let report place result =
            match result with
            | Ok value -> Some value
            | Error text ->
                import.Problems.Add(problem place text)
                None

        for tensor in graph.Initializers do
            if TensorData.hasNonFinite tensor then
                warnings.Add
                    $"constant {Quote.name tensor.Name} has elements that are infinite or not a number: what depends on them may not be finite"

            StructureOperators.ofTensor tensor
            |> report $"constant {Quote.name tensor.Name}"
            |> define "constant" tensor.Name

        if graph.SparseInitializers > 0 then
            import.Problems.Add(
                problem "the file" "sparse constants are not supported; export the model with dense ones"
            )

        let ports = inputPorts graph
        let free = ports |> Array.filter (fun info -> not (given.ContainsKey info.Name))
        // Where none is floating, the first one tells why it cannot be explained.
        let explained = free |> Array.tryFind isFloating |> Option.orElse (Array.tryHead free)

        let input =
            match explained with
            | None ->
                if given.IsEmpty then import.Problems.Add(problem "the file" "the model has no input to explain")

                None
            | Some info ->
                let place = $"input {Quote.name info.Name}"

                let shape =
                    exampleShape info
                    |> Result.bind (fun shape ->
                        match import.Meter.WhyTooLarge shape with
                        | Some reason -> Error reason
                        | None -> Ok shape)

                let node = shape |> report place |> Option.map (Node.input info.Name)

                node
                |> Option.iter (fun node ->
                    import.Origins[node] <- place
                    import.Meter.AddInput node)

                define "input" info.Name (node |> Option.map Value.real)
                node

        for other in ports do
            match given |> Map.tryFind other.Name with
            | Some value -> define "input" other.Name (Some value)
            | None when Some other = explained -> ()
            | None ->
                import.Problems.Add(
                    problem
                        $"input {Quote.name other.Name}"
                        "models with several inputs are not supported; export the model with one"
                )

                define "input" other.Name None

        let isWhole = importNodes import model.OpsetImports graph.Nodes

        let outputs = [
            for info in graph.Outputs do
                match import.Values.TryGetValue info.Name with
                | true, value -> info.Name, value
                | false, _ ->
                    if isWhole then
                        import.Problems.Add(
                            problem $"output {Quote.name info.Name}" "nothing computes it; export the model again"
                        )

                    info.Name, None
        ]

        match input with
        | Some input when import.Problems.Count = 0 ->
            for name, output in outputs do
                output
                |> Option.bind (fun output -> import.Meter.WhyTooWide(input, output.Node))
                |> Option.iter (fun reason -> import.Problems.Add(problem $"output {Quote.name name}" reason))
        | _ -> ()

        if outputs.IsEmpty then
            import.Problems.Add(problem "the file" "the model has no output; export it again")

        {
            Input = input
            Outputs = outputs
            Origins = import.Origins
            Problems = listed import.Problems
            Warnings = List.ofSeq warnings
        }

    /// The graph of a model as runWithin makes it, within the default limits.
    let run (given: Map<string, Value>) (model: ModelProto) : Imported = runWithin ImportLimits.defaults 0L given model
