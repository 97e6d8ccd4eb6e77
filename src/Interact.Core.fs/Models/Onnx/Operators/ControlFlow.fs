/// Branches and loops whose course is known when the model is read: the branch that is taken and every turn become part of the graph.
module internal Interact.Core.Onnx.ControlFlowOperators

open System
open Interact.Core

/// Whether a truth value holds.
let private isTrue what (value: Value) =
    match Value.tryConstant value with
    | Some [| truth |] -> truth <> 0.0
    | Some values ->
        NodeContext.fail $"its {what} has {values.Length} elements where one is needed; export the model again"
    | None ->
        NodeContext.fail
            $"its {what} depends on the model's input; export the model so that its course is fixed (by tracing, not by scripting)"

let private branch =
    Operator.since 1 "If" (fun context ->
        let taken = NodeContext.input 0 context |> isTrue "condition"
        context.Subgraph (NodeContext.graph (if taken then "then_branch" else "else_branch") context) [])

/// The element type and sizes that a graph declares of an output.
let private declared (info: ValueInfo) =
    match info.Type with
    | TypeProto.Tensor(elementType, Some axes) ->
        let sizes =
            axes
            |> Array.map (function
                | Dim.Fixed size when size >= 0L && size <= int64 Int32.MaxValue -> int size
                | _ ->
                    NodeContext.fail
                        $"it takes no turn, and the shape of {Quote.name info.Name} is open; export the model with fixed sizes")

        DataType.kind elementType, sizes, elementType
    | _ ->
        NodeContext.fail $"it takes no turn, and the shape of {Quote.name info.Name} is unknown; export the model again"

/// What no turn gives.
let private nothing axis (info: ValueInfo) : Value =
    let kind, sizes, elementType = declared info
    let axis = NodeContext.axis (sizes.Length + 1) axis

    {
        Node = Node.constant (Array.insertAt axis 0 sizes) [||]
        Type =
            match kind with
            | ElementKind.Integer when elementType = DataType.Bool -> ElementType.Boolean
            | ElementKind.Integer -> Integer
            | ElementKind.Floating
            | ElementKind.Unsupported -> Real
    }

/// What each turn gives, side by side along a new axis.
let private stack axis (parts: Value list) : Value =
    let first = parts.Head
    let axis = NodeContext.axis (first.Node.Rank + 1) axis

    {
        first with
            Node =
                parts
                |> List.map (fun part -> part.Node |> Node.reshape (Array.insertAt axis 1 part.Node.Shape))
                |> Node.concat axis
    }

/// The first results of a graph, and the others.
let private divide count (results: Value list) =
    if results.Length < count then
        NodeContext.fail
            $"the graph inside it gives {results.Length} results where {count} are due; export the model again"

    List.splitAt count results

/// Collected results of all turns, newest first, one list for each output.
let private collected (axes: int -> int) (forward: int -> bool) (infos: ValueInfo[]) (turns: Value list list) =
    infos
    |> Array.mapi (fun i info ->
        match turns |> List.map (List.item i) with
        | [] -> nothing (axes i) info
        | parts -> stack (axes i) (if forward i then List.rev parts else parts))
    |> List.ofArray

let private loop =
    Operator.since 1 "Loop" (fun context ->
        let body = NodeContext.graph "body" context

        let limit =
            match NodeContext.tryIntegers 0 "number of turns" context with
            | Some [| limit |] -> limit
            | Some other -> NodeContext.fail $"its number of turns has {other.Length} elements; export the model again"
            | None -> Int64.MaxValue

        let truth holds = { Node = Node.scalar (if holds then 1.0 else 0.0); Type = ElementType.Boolean }

        let carried =
            context.Inputs
            |> Seq.skip (min 2 context.Inputs.Length)
            |> Seq.mapi (fun i _ -> NodeContext.input (i + 2) context)
            |> List.ofSeq

        let rec turn number continues (carried: Value list) turns =
            if number >= limit || not (isTrue "condition" continues) then
                carried, turns
            else
                let results = context.Subgraph body (Value.ofIntegers [||] [| number |] :: continues :: carried)
                let condition, results = divide 1 results
                let carried, scanned = divide carried.Length results
                turn (number + 1L) condition.Head carried (scanned :: turns)

        let first = NodeContext.tryInput 1 context |> Option.defaultValue (truth true)
        let final, turns = turn 0L first carried []

        final
        @ collected
            (fun _ -> 0)
            (fun _ -> true)
            (body.Outputs |> Array.skip (min body.Outputs.Length (1 + carried.Length)))
            turns)

/// Scan over one or several tensors: states go from turn to turn, each of which takes the next slice of every tensor.
let private scanned
    (context: NodeContext)
    body
    (states: Value list)
    (tensors: Value list)
    axes
    directions
    outAxes
    outDirections
    limit
    =
    let slices =
        tensors
        |> List.mapi (fun i tensor ->
            let axis = NodeContext.axis tensor.Node.Rank (axes i)
            axis, tensor.Node.Shape[axis], directions i)

    let length =
        match slices |> List.map (fun (_, length, _) -> length) |> List.distinct with
        | [ length ] -> length
        | _ -> NodeContext.fail "the tensors that it scans differ in length; export the model again"

    let turnsTaken = min length limit

    let slice number (tensor: Value) (axis, _, backward) =
        let index = if backward then turnsTaken - 1 - number else number

        {
            tensor with
                Node =
                    tensor.Node
                    |> Node.gather axis [| index |]
                    |> Node.reshape (Shape.removeAxes [| axis |] tensor.Node.Shape)
        }

    let rec turn number states turns =
        if number = turnsTaken then
            states, turns
        else
            let results = context.Subgraph body (states @ List.map2 (slice number) tensors slices)
            let states, outputs = divide (List.length states) results
            turn (number + 1) states (outputs :: turns)

    let final, turns = turn 0 states []

    final,
    collected outAxes (outDirections >> not) (body.Outputs |> Array.skip (min body.Outputs.Length states.Length)) turns

/// A number of a list in an attribute, 0 where it is left out.
let private listed name context =
    let values = NodeContext.tryInts name context

    fun i ->
        match values |> Option.bind (Array.tryItem i) with
        | Some value when abs value <= 32L -> int value
        | Some value -> NodeContext.fail $"attribute '{name}' holds {value}; export the model again"
        | None -> 0

let private operands first (context: NodeContext) =
    [ first .. context.Inputs.Length - 1 ] |> List.map (fun i -> NodeContext.input i context)

let private split context (values: Value list) =
    let count = NodeContext.int "num_scan_inputs" 0 context

    if count < 1 || count > values.Length then
        NodeContext.fail $"attribute 'num_scan_inputs' is {count} for {values.Length} operands; export the model again"

    List.splitAt (values.Length - count) values

let private scan =
    Operator.since 9 "Scan" (fun context ->
        let states, tensors = operands 0 context |> split context
        let isSet name = listed name context >> (<>) 0

        let final, outputs =
            scanned
                context
                (NodeContext.graph "body" context)
                states
                tensors
                (listed "scan_input_axes" context)
                (isSet "scan_input_directions")
                (listed "scan_output_axes" context)
                (isSet "scan_output_directions")
                Int32.MaxValue

        final @ outputs)

/// The first version: all operands have a batch axis in front, and sequences may be of different lengths.
let private batchScan =
    Operator.since 8 "Scan" (fun context ->
        let states, tensors = operands 1 context |> split context
        let lengths = NodeContext.tryIntegers 0 "lengths" context
        let batches = (List.head tensors).Node.Shape |> Array.tryHead |> Option.defaultValue 0

        if
            batches = 0
            || states @ tensors |> List.exists (fun value -> Array.tryHead value.Node.Shape <> Some batches)
        then
            NodeContext.fail "its operands differ along their first axis, the batch; export the model again"

        let item i (value: Value) = {
            value with
                Node = value.Node |> Node.gather 0 [| i |] |> Node.reshape value.Node.Shape[1..]
        }

        /// Zeros behind the end of a shorter sequence.
        let filled length (value: Value) = {
            value with
                Node =
                    value.Node
                    |> Node.gather 0 (Array.init length (fun i -> if i < value.Node.Shape[0] then i else -1))
        }

        let length = (List.head tensors).Node.Shape |> Array.tryItem 1 |> Option.defaultValue 0

        let results = [
            for i in 0 .. batches - 1 do
                let limit =
                    match lengths |> Option.map (Array.tryItem i) with
                    | Some(Some limit) -> int (Math.Clamp(limit, 0L, int64 length))
                    | _ -> length

                let final, outputs =
                    scanned
                        context
                        (NodeContext.graph "body" context)
                        (states |> List.map (item i))
                        (tensors |> List.map (item i))
                        (fun _ -> 0)
                        (listed "directions" context >> (<>) 0)
                        (fun _ -> 0)
                        (fun _ -> false)
                        limit

                final @ (outputs |> List.map (filled length))
        ]

        List.transpose results |> List.map (stack 0))

let table: Operator list = [ branch; loop; batchScan; scan ]
