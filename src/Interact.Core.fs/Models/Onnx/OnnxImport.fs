namespace Interact.Core.Onnx

open System
open System.Collections.Generic
open Interact.Core

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

    let problem place text = GraphImport.problem place text

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

    /// Imports nodes of the main graph until all are done or a limit is reached; whether all are done.
    let private importNodes (import: Import) scope (nodes: NodeProto[]) : bool =
        let mutable next = 0
        let mutable isWithin = true

        while isWithin && next < nodes.Length do
            try
                GraphImport.importNode import scope nodes[next]
                next <- next + 1
            with :? ImportLimitException as reached ->
                import.Problems.Add(problem (GraphImport.describeNode nodes[next]) reached.Message)
                isWithin <- false

        isWithin

    /// More problems than this are not listed.
    let private mostProblems = 100

    /// The problems, or as many of them as a person reads.
    let private listed (problems: ImportProblem list) =
        if problems.Length <= mostProblems then
            problems
        else
            List.truncate mostProblems problems
            @ [ problem "the file" $"{problems.Length - mostProblems} more problems; mend these first" ]

    /// The graph of a model, whatever versions of operators it names. fileBytes: length of its files. given: values of inputs that are
    /// held fixed, by name; of the others, the first floating one is explained.
    let runAnyVersion
        (limits: ImportLimits)
        (fileBytes: int64)
        (given: Map<string, Value>)
        (model: ModelProto)
        : Imported =
        let graph = model.Graph

        let import = GraphImport.create (ImportMeter(limits, fileBytes)) model.Functions
        let scope = GraphImport.scope model.OpsetImports
        let define kind name value = GraphImport.define import scope kind name value

        let report place result =
            match result with
            | Ok value -> Some value
            | Error text ->
                import.Problems.Add(problem place text)
                None

        GraphImport.defineConstants import scope graph
        let ports = inputPorts graph
        let free = ports |> Array.filter (fun info -> not (given.ContainsKey info.Name))
        // Where none is floating, the first one tells why it cannot be explained.
        let explained = free |> Array.tryFind isFloating |> Option.orElse (Array.tryHead free)

        let input =
            match explained with
            | None -> None
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

        let isWhole = importNodes import scope graph.Nodes

        let outputs = [
            for info in graph.Outputs do
                match scope.Values.TryGetValue info.Name with
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
            Problems = List.ofSeq import.Problems
            Warnings = List.ofSeq import.Warnings
        }

    /// The same, with what is wrong about versions, and of very many problems the first.
    let runWithin (limits: ImportLimits) (fileBytes: int64) (given: Map<string, Value>) (model: ModelProto) : Imported =
        let versions = checkVersions model
        let imported = runAnyVersion limits fileBytes given model

        let inputless =
            if given.IsEmpty && Array.isEmpty (inputPorts model.Graph) then
                [ problem "the file" "the model has no input to explain" ]
            else
                []

        let refused =
            versions
            |> List.choose (function
                | Error text -> Some(problem "the file" text)
                | Ok _ -> None)

        {
            imported with
                Problems = listed (refused @ inputless @ imported.Problems)
                Warnings = (versions |> List.choose Result.toOption) @ imported.Warnings
        }

    /// The graph of a model as runWithin makes it, within the default limits.
    let run (given: Map<string, Value>) (model: ModelProto) : Imported = runWithin ImportLimits.defaults 0L given model
