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

/// What keeps a node from being imported has been reported already, for a node inside it.
type internal ReportedException() =
    inherit Exception()

/// What is known of a file while its graphs are read.
type internal Import = {
    /// What each node of the graph is called.
    Origins: Dictionary<Node, string>
    Problems: List<ImportProblem>
    /// Operators that the file defines, by domain and name.
    Functions: Dictionary<struct (string * string), FunctionProto>
    /// Constants by their tensors: those in a loop's body are read once.
    Constants: Dictionary<TensorProto, Result<Value, string>>
    /// Problems inside nodes: a loop's body meets the same one at every turn.
    Inside: HashSet<ImportProblem>
    Warnings: List<string>
    Meter: ImportMeter
}

/// Names and what they stand for, in a graph or in a function's body.
type internal Scope = {
    /// Values by name; None for what could not be made because of a problem reported already.
    Values: Dictionary<string, Value option>
    /// Names of a function's operands that its caller leaves out.
    Absent: HashSet<string>
    /// Names that were used before their values were made.
    Missing: HashSet<string>
    /// The graph around a node's graph, whose values it sees.
    Outer: Scope option
    Opsets: OpsetImport[]
    /// What attributes of a function's nodes refer to: its caller's attributes.
    Attributes: Map<string, AttributeValue>
    /// The functions whose bodies lie around it.
    Calls: string list
    /// The node of the main graph that all of this belongs to.
    Within: string option
}

/// Turns a file's graphs into ours, node by node, and gathers all that stands in the way. Branches that are taken, the turns of
/// loops and the bodies of functions become part of the graph.
module internal GraphImport =

    /// A problem with a place that is fit for a message. The text may quote the file.
    let problem place text = { Place = place; Problem = Quote.line text }

    let describeNode (node: NodeProto) =
        let operator = Quote.bare (if node.Domain = "" then node.OpType else node.Domain + "." + node.OpType)

        let called =
            match node.Name, node.Outputs |> Array.tryFind ((<>) "") with
            | "", None -> "node"
            | "", Some output -> "node of " + Quote.name output
            | name, _ -> "node " + Quote.name name

        called + " (" + operator + ")"

    /// The main graph's names, of which none is defined yet.
    let scope opsets = {
        Values = Dictionary()
        Absent = HashSet()
        Missing = HashSet()
        Outer = None
        Opsets = opsets
        Attributes = Map.empty
        Calls = []
        Within = None
    }

    let create (meter: ImportMeter) (functions: FunctionProto[]) = {
        Origins = Dictionary(HashIdentity.Reference)
        Problems = List()
        Functions =
            (Dictionary(), functions)
            ||> Array.fold (fun table definition ->
                table[struct (definition.Domain, definition.Name)] <- definition
                table)
        Constants = Dictionary(HashIdentity.Reference)
        Inside = HashSet()
        Warnings = List()
        Meter = meter
    }

    /// Adds a problem at a place in a scope.
    let report (import: Import) (scope: Scope) place text =
        let place =
            match scope.Within with
            | Some outer when outer <> place -> $"{place} in {outer}"
            | _ -> place

        let found = problem place text

        if scope.Within.IsNone || import.Inside.Add found then import.Problems.Add found

    let define import scope kind name value =
        if not (scope.Values.TryAdd(name, value)) then
            report import scope $"{kind} {Quote.name name}" "the name is given twice; export the model again"

    /// What a name stands for where a node asks: Some None where it is left out, None where it could not be made.
    let private fetch import (asking: Scope) place (name: string) : Value option option =
        let rec find (scope: Scope) =
            match scope.Values.TryGetValue name, scope.Outer with
            | (true, Some value), _ -> Some(Some value)
            | (true, None), _ -> None
            | (false, _), _ when scope.Absent.Contains name -> Some None
            | (false, _), Some outer -> find outer
            | (false, _), None ->
                if scope.Missing.Add name then
                    report
                        import
                        asking
                        place
                        $"{Quote.name name} is used before anything computes it; export the model again"

                None

        if name = "" then Some None else find asking

    /// Gives new nodes between results and operands the name of the model's node, and counts what they hold.
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

    /// The constants of a graph, defined by their names.
    let defineConstants (import: Import) scope (graph: GraphProto) =
        for tensor in graph.Initializers do
            let read =
                match import.Constants.TryGetValue tensor with
                | true, known -> known
                | false, _ ->
                    if TensorData.hasNonFinite tensor then
                        import.Warnings.Add
                            $"constant {Quote.name tensor.Name} has elements that are infinite or not a number: what depends on them may not be finite"

                    let read = StructureOperators.ofTensor tensor

                    match read with
                    | Ok value when TensorData.hasNonFinite tensor ->
                        import.Origins.TryAdd(value.Node, $"constant {Quote.name tensor.Name}") |> ignore
                    | _ -> ()

                    import.Constants[tensor] <- read
                    read

            match read with
            | Ok value -> define import scope "constant" tensor.Name (Some value)
            | Error text ->
                report import scope $"constant {Quote.name tensor.Name}" text
                define import scope "constant" tensor.Name None

        if graph.SparseInitializers > 0 then
            report import scope "the file" "sparse constants are not supported; export the model with dense ones"

    /// The values of names that a graph or function gives as its results.
    let private resultsOf import scope place (names: string seq) : Value list =
        let values = names |> Seq.map (fetch import scope place) |> List.ofSeq

        if values |> List.forall (fun value -> Option.isSome (Option.flatten value)) then
            values |> List.map (Option.flatten >> Option.get)
        else
            if values |> List.contains (Some None) then
                report import scope place "a result inside it has no name; export the model again"

            raise (ReportedException())

    /// Attributes with references to a caller's attributes resolved; those that the caller does not give are left out.
    let private resolve (scope: Scope) (proto: NodeProto) =
        let isReference (attribute: AttributeProto) =
            match attribute.Value with
            | AttributeValue.Reference _ -> true
            | _ -> false

        if proto.Attributes |> Array.exists isReference then
            let resolved (attribute: AttributeProto) =
                match attribute.Value with
                | AttributeValue.Reference name ->
                    scope.Attributes |> Map.tryFind name |> Option.map (fun value -> { attribute with Value = value })
                | _ -> Some attribute

            { proto with Attributes = proto.Attributes |> Array.choose resolved }
        else
            proto

    let private versionOf (scope: Scope) domain =
        match scope.Opsets |> Array.tryFindBack (fun opset -> opset.Domain = domain) with
        | Some opset -> opset.Version
        | None -> OperatorTable.newest

    /// The operator, where the node has no more operands than it takes.
    let private withFewOperands (proto: NodeProto) (operator: Operator) : Result<Operator, string> =
        let given = 1 + Array.FindLastIndex(proto.Inputs, (fun name -> name <> ""))

        match (if proto.Domain = "" then OperandCounts.most proto.OpType else None) with
        | Some most when given > most ->
            Error $"it has {given} operands and takes {most} at most; export the model again"
        | _ -> Ok operator

    let private inner place (scope: Scope) = {
        scope with
            Values = Dictionary()
            Absent = HashSet()
            Missing = HashSet()
            Outer = Some scope
            Within = Some(scope.Within |> Option.defaultValue place)
    }

    let rec importNode (import: Import) (scope: Scope) (original: NodeProto) : unit =
        let place = describeNode original
        import.Meter.Enter 1
        let proto = resolve scope original
        let inputs = proto.Inputs |> Array.map (fetch import scope place)

        let results =
            if inputs |> Array.forall Option.isSome then
                build import scope place proto (inputs |> Array.map Option.get)
            else
                // What is missing is reported, and what the operator is, too.
                operatorOf import scope place proto |> ignore
                None

        for i in 0 .. proto.Outputs.Length - 1 do
            if proto.Outputs[i] <> "" then
                let value = results |> Option.bind (List.tryItem i)

                if results.IsSome && value.IsNone then
                    report import scope place $"its result {Quote.name proto.Outputs[i]} (number {i}) is not supported"

                if not (scope.Values.TryAdd(proto.Outputs[i], value)) then
                    report import scope place $"{Quote.name proto.Outputs[i]} is computed twice; export the model again"

    /// How the file's function, or else the operator of that name, is built.
    and private operatorOf import scope place (proto: NodeProto) : (Value option[] -> Value list) option =
        match import.Functions.TryGetValue(struct (proto.Domain, proto.OpType)) with
        | true, definition -> Some(call import scope place proto definition)
        | false, _ ->
            let version = versionOf scope proto.Domain

            match OperatorTable.find proto.Domain proto.OpType version |> Result.bind (withFewOperands proto) with
            | Error refusal ->
                report import scope place refusal
                None
            | Ok operator ->
                Some(fun inputs ->
                    operator.Build {
                        Proto = proto
                        Opset = int version
                        Inputs = inputs
                        Meter = import.Meter
                        Subgraph = subgraph import scope place
                    })

    and private build import scope place proto inputs : Value list option =
        let refuse text =
            report import scope place text
            None

        try
            match operatorOf import scope place proto with
            | None -> None
            | Some operator ->
                let results = operator inputs
                let nodes values = values |> Seq.map (fun (value: Value) -> value.Node)

                for result in nodes results do
                    import.Meter.WhyTooLarge result.Shape |> NodeContext.refuseLarge

                nameNodes import place (inputs |> Seq.choose id |> nodes) (nodes results)
                Some results
        with
        | :? ReportedException -> None
        | :? NodeProblemException as refused -> refuse refused.Message
        | :? ArgumentException as refused ->
            let problem = refused.Message.Split(" (Parameter")[0]
            refuse $"{problem.TrimEnd '.'}; export the model again"
        | :? OverflowException
        | :? OutOfMemoryException -> refuse "its result is too large to fit in memory; export a smaller model"

    /// The results of a graph in a node's attribute for values of its inputs.
    and private subgraph import scope place (graph: GraphProto) (inputs: Value list) : Value list =
        let scope = inner place scope
        import.Meter.Enter 1
        defineConstants import scope graph
        let ports = graph.Inputs |> Array.filter (fun info -> not (scope.Values.ContainsKey info.Name))

        if ports.Length <> inputs.Length then
            NodeContext.fail
                $"the graph inside it takes {ports.Length} inputs where {inputs.Length} are due; export the model again"

        for port, value in Seq.zip ports inputs do
            define import scope "input" port.Name (Some value)

        import.Meter.Inside(fun () ->
            for node in graph.Nodes do
                importNode import scope node)

        graph.Outputs |> Seq.map _.Name |> resultsOf import scope place

    /// The results of a function of the file.
    and private call import scope place (proto: NodeProto) (definition: FunctionProto) inputs : Value list =
        if inputs.Length > definition.Inputs.Length then
            NodeContext.fail
                $"it gives {inputs.Length} operands to a function of {definition.Inputs.Length}; export the model again"

        let given =
            Seq.append definition.DefaultAttributes proto.Attributes
            |> Seq.fold (fun map attribute -> map |> Map.add attribute.Name attribute.Value) Map.empty

        match definition.RequiredAttributes |> Array.tryFind (given.ContainsKey >> not) with
        | Some name -> NodeContext.fail $"attribute '{name}' is missing; export the model again"
        | None -> ()

        let name = if definition.Domain = "" then definition.Name else $"{definition.Domain}.{definition.Name}"

        if scope.Calls |> List.contains name then
            NodeContext.fail $"function {Quote.name name} calls itself without end; export a model without it"

        let body = {
            inner place scope with
                Outer = None
                Opsets = definition.OpsetImports
                Attributes = given
                Calls = name :: scope.Calls
        }

        for i, name in Seq.indexed definition.Inputs do
            match Array.tryItem i inputs |> Option.flatten with
            | Some value -> define import body "input" name (Some value)
            | None -> body.Absent.Add name |> ignore

        import.Meter.Inside(fun () ->
            for node in definition.Nodes do
                importNode import body node)

        definition.Outputs |> Seq.truncate (max 1 proto.Outputs.Length) |> resultsOf import body place
