namespace Interact.Core.Onnx

open System
open System.Collections.Generic
open Interact.Core

/// Which inputs of a model are explained; the others are held fixed.
type ExplainedInput =
    /// The first floating one; where none is, and a tensor inside the model is explained, the first of all.
    | FirstFloating
    | Named of string
    /// All floating ones, one after the other in the model's order as one row.
    | AllFloating

/// What of a model is explained.
type internal Explained = {
    Input: ExplainedInput
    /// The tensor inside the model at which the explanation starts.
    At: string option
}

/// What a file's graph becomes: the explained input, and the outputs with their names, where they could be made.
type internal Imported = {
    /// The explained input, or the tensor inside the model that takes its place.
    Input: Node option
    /// The input that rows of data are values of, and the tensor inside the model as it follows from it.
    Inner: (HeldInput * Node) option
    /// The other inputs.
    Held: HeldInput list
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
        | TypeProto.Tensor(elementType, _) when DataType.kind elementType = ElementKind.Unsupported ->
            Error $"its elements are {DataType.name elementType}, which are not supported"
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

    /// A value of an input's type.
    let private valueOf (info: ValueInfo) (node: Node) : Value =
        match info.Type with
        | TypeProto.Tensor(DataType.Bool, _) -> { Node = node; Type = ElementType.Boolean }
        | _ when isFloating info -> Value.real node
        | _ -> { Node = node; Type = ElementType.Integer }

    let private namesOf (infos: ValueInfo seq) =
        infos |> Seq.map (fun info -> Quote.name info.Name) |> String.concat ", "

    /// The inputs that are explained, of those that are free.
    let private explainedInputs (wanted: Explained) (free: ValueInfo[]) : Result<ValueInfo[], ImportProblem> =
        match wanted.Input with
        | Named name ->
            match free |> Array.tryFind (fun info -> info.Name = name) with
            | None ->
                let nearest =
                    free |> Seq.map _.Name |> Closest.names 8 name |> List.map Quote.name |> String.concat ", "

                let more = if free.Length > 8 then $" and {free.Length - 8} more" else ""
                Error(problem "the file" $"the model has no input {Quote.name name}; it has {nearest}{more}")
            | Some info -> Ok [| info |]
        | AllFloating ->
            match free |> Array.filter isFloating with
            | [||] -> Error(problem "the file" $"none of the inputs {namesOf free} is floating; name an inner tensor")
            | floating -> Ok floating
        | FirstFloating ->
            // Where none is floating, the first one tells why it cannot be explained.
            free |> Array.tryFind isFloating |> Option.orElse (Array.tryHead free) |> Option.toArray |> Ok

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

    /// What is wrong about versions.
    let versionProblems (model: ModelProto) : ImportProblem list =
        checkVersions model
        |> List.choose (function
            | Error text -> Some(problem "the file" text)
            | Ok _ -> None)

    /// Imports nodes of the main graph until all are done or a limit is reached; whether all are done. after: what follows each
    /// node.
    let private importNodes (import: Import) scope (nodes: NodeProto[]) (after: NodeProto -> unit) : bool =
        let mutable next = 0
        let mutable isWithin = true

        while isWithin && next < nodes.Length do
            try
                GraphImport.importNode import scope nodes[next]
                after nodes[next]
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

    /// The shape of one example, where it is no more than may be asked for.
    let private allowedShape (import: Import) (info: ValueInfo) : Result<Shape, string> =
        exampleShape info
        |> Result.bind (fun shape ->
            match import.Meter.WhyTooLarge shape with
            | Some reason -> Error reason
            | None -> Ok shape)

    /// Defines the explained inputs, and gives the node they are values of.
    let private defineExplained (import: Import) scope (wanted: Explained) shapeOf (infos: ValueInfo[]) : Node option =
        let shapes =
            infos
            |> Array.map (fun info ->
                let shape =
                    if wanted.At.IsNone && not (isFloating info) then
                        let elements =
                            match info.Type with
                            | TypeProto.Tensor(elementType, _) -> $"its elements are {DataType.name elementType}"
                            | _ -> "it is not a tensor"

                        Error
                            $"{elements}; only floating inputs can be explained, or a tensor inside the model that is computed from it"
                    else
                        shapeOf info

                match shape with
                | Ok shape -> Some shape
                | Error text ->
                    import.Problems.Add(problem $"input {Quote.name info.Name}" text)
                    None)

        let define (info: ValueInfo) value = GraphImport.define import scope "input" info.Name value

        let total = shapes |> Array.choose id |> Array.sumBy (Shape.size >> float)
        let tooMany = import.Meter.WhyTooMany(total, fun () -> string total)

        match tooMany with
        | Some reason when infos.Length > 1 && Array.forall Option.isSome shapes ->
            import.Problems.Add(problem $"inputs {namesOf infos} together" reason)
        | _ -> ()

        if infos.Length = 0 || Array.exists Option.isNone shapes || tooMany.IsSome then
            for info in infos do
                define info None

            None
        else
            match infos, Array.choose id shapes with
            | [| info |], [| shape |] ->
                let node = Node.input info.Name shape
                import.Origins[node] <- $"input {Quote.name info.Name}"
                import.Meter.AddInput node
                define info (Some(valueOf info node))
                Some node
            | _, shapes ->
                let sizes = shapes |> Array.map Shape.size
                let starts = Array.scan (+) 0 sizes
                let node = Node.input (infos |> Seq.map _.Name |> String.concat ", ") [| Array.last starts |]
                import.Origins[node] <- $"inputs {namesOf infos}"
                import.Meter.AddInput node

                for i in 0 .. infos.Length - 1 do
                    let part = node |> Node.gather 0 [| starts[i] .. starts[i + 1] - 1 |] |> Node.reshape shapes[i]
                    import.Meter.Vary part
                    define infos[i] (Some(valueOf infos[i] part))

                Some node

    /// Defines an input that is held fixed.
    let private defineHeld (import: Import) scope shape (info: ValueInfo) : HeldInput option =
        match shape with
        | Ok shape ->
            let node = Node.input info.Name shape
            import.Origins[node] <- $"input {Quote.name info.Name}"
            import.Meter.AddInput node
            GraphImport.define import scope "input" info.Name (Some(valueOf info node))
            Some { HeldInput.Node = node; IsInteger = not (isFloating info); Values = None }
        | Error text ->
            import.Problems.Add(problem $"input {Quote.name info.Name}" text)
            GraphImport.define import scope "input" info.Name None
            None

    /// Puts a fresh input in the place of a tensor, for all nodes that follow: the input and what it stands for.
    let private cut (import: Import) (scope: Scope) (name: string) : (Node * Node) option =
        let place = $"tensor {Quote.name name}"

        let dependsOnInput (node: Node) =
            Graph.nodes [ node ]
            |> Array.exists (fun node ->
                match node.Primitive with
                | Input _ -> true
                | _ -> false)

        match scope.Values[name] with
        | Some value when value.Type = Real && dependsOnInput value.Node && value.Node.Size > 0 ->
            let fresh = Node.input name value.Node.Shape
            import.Origins[fresh] <- place
            import.Meter.Vary fresh
            scope.Values[name] <- Some(Value.real fresh)
            Some(fresh, value.Node)
        | Some value when value.Type <> Real ->
            import.Problems.Add(problem place "its elements are not floating; name a floating tensor")
            None
        | Some _ ->
            import.Problems.Add(problem place "it depends on no input; name a tensor that does")
            None
        | None -> None

    /// Why there is no tensor of that name that an explanation could start at.
    let private missing (model: ModelProto) (scope: Scope) name =
        let isInput = inputPorts model.Graph |> Array.exists (fun info -> info.Name = name)

        let inside =
            model.Graph.Nodes
            |> Seq.collect _.Outputs
            |> Seq.filter (fun output ->
                match scope.Values.TryGetValue output with
                | true, Some value -> value.Type = Real && (Node.tryValue value.Node).IsNone
                | _ -> false)
            |> Array.ofSeq

        let nearest = inside |> Closest.names 8 name |> List.map Quote.name |> String.concat ", "

        let there =
            if inside.Length = 0 then "no tensor can be named there"
            elif inside.Length <= 8 then $"there are {nearest}"
            else $"of {inside.Length} there, the nearest names are {nearest}"

        problem
            $"tensor {Quote.name name}"
            (if isInput then
                 "it is an input of the model; explain it as such"
             else
                 $"no node of the model's main graph computes it; {there}")

    /// The graph of a model, whatever versions of operators it names. fileBytes: length of its files. given: values of inputs that are constant, by name; of the
    /// others, those that are not explained are held fixed.
    let runAnyVersion
        (wanted: Explained)
        (limits: ImportLimits)
        (fileBytes: int64)
        (given: Map<string, Value>)
        (model: ModelProto)
        : Imported =
        let graph = model.Graph

        let import = GraphImport.create (ImportMeter(limits, fileBytes)) model.Functions
        let scope = GraphImport.scope model.OpsetImports
        GraphImport.defineConstants import scope graph
        let ports = inputPorts graph
        let free = ports |> Array.filter (fun info -> not (given.ContainsKey info.Name))

        let explained =
            match explainedInputs wanted free with
            | Ok infos -> infos
            | Error found ->
                import.Problems.Add found
                [||]

        // All before any is defined: an input allows for larger values.
        let shapes =
            free |> Seq.map (fun info -> info.Name, allowedShape import info) |> Seq.distinctBy fst |> dict

        let shapeOf (info: ValueInfo) = shapes[info.Name]
        let input = defineExplained import scope wanted shapeOf explained

        let held = [
            for other in ports do
                match given |> Map.tryFind other.Name with
                | Some value -> GraphImport.define import scope "input" other.Name (Some value)
                | None when explained |> Array.exists (fun info -> Object.ReferenceEquals(info, other)) -> ()
                | None -> yield! defineHeld import scope (shapeOf other) other |> Option.toList
        ]

        let mutable inner: (Node * Node) option = None

        let isWhole =
            importNodes import scope graph.Nodes (fun node ->
                match wanted.At with
                | Some name when inner.IsNone && Array.contains name node.Outputs -> inner <- cut import scope name
                | _ -> ())

        match wanted.At with
        | Some name when graph.Nodes |> Array.forall (fun node -> not (Array.contains name node.Outputs)) ->
            import.Problems.Add(missing model scope name)
        | _ -> ()

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
            let inputs = input :: (inner |> Option.map fst |> Option.toList) @ (held |> List.map _.Node)

            let report place (node: Node) =
                import.Meter.WhyTooWide(inputs, node)
                |> Option.iter (fun reason -> import.Problems.Add(problem place reason))

            inner
            |> Option.iter (fun (fresh, tensor) ->
                report $"tensor {Quote.name (Primitive.name fresh.Primitive)}" tensor)

            for name, output in outputs do
                output |> Option.iter (fun output -> report $"output {Quote.name name}" output.Node)
        | _ -> ()

        if outputs.IsEmpty then
            import.Problems.Add(problem "the file" "the model has no output; export it again")

        {
            Input = if wanted.At.IsSome then Option.map fst inner else input
            Inner =
                Option.map2
                    (fun row (_, tensor) ->
                        let isInteger = explained |> Array.forall (isFloating >> not)
                        { HeldInput.Node = row; IsInteger = isInteger; Values = None }, tensor)
                    input
                    inner
            Held = held
            Outputs = outputs
            Origins = import.Origins
            Problems = List.ofSeq import.Problems
            Warnings = List.ofSeq import.Warnings
        }

    /// The same, with what is wrong about versions, and of very many problems the first.
    let runFor
        (wanted: Explained)
        (limits: ImportLimits)
        (fileBytes: int64)
        (given: Map<string, Value>)
        (model: ModelProto)
        : Imported =
        let versions = checkVersions model
        let imported = runAnyVersion wanted limits fileBytes given model

        let inputless =
            if given.IsEmpty && Array.isEmpty (inputPorts model.Graph) then
                [ problem "the file" "the model has no input to explain" ]
            else
                []

        {
            imported with
                Problems = listed (versionProblems model @ inputless @ imported.Problems)
                Warnings = (versions |> List.choose Result.toOption) @ imported.Warnings
        }

    /// The first floating input is explained.
    let byDefault: Explained = { Input = FirstFloating; At = None }

    /// The same for the first floating input, within the default limits.
    let run (given: Map<string, Value>) (model: ModelProto) : Imported =
        runFor byDefault ImportLimits.defaults 0L given model
