namespace Interact.Core.Onnx

open System
open Interact.Core
open Interact.Core.Execution

/// What the elements of a value are; all are held as doubles.
type ElementType =
    | Real
    | Integer
    | Boolean

/// A tensor of a model while it is imported.
type internal Value = { Node: Node; Type: ElementType }

/// What keeps a node from being imported, as a sentence. Only the importer catches it.
type internal NodeProblemException(message: string) =
    inherit Exception(message)

/// A node of a model with its operands: what an operator is built from.
type internal NodeContext = {
    Proto: NodeProto
    /// The version of the operator set.
    Opset: int
    /// The operands; None where one is left out.
    Inputs: Value option[]
    /// What the import has used of its limits.
    Meter: ImportMeter
    /// The results of a graph in an attribute for values of its inputs; it sees the values around the node. What stands in the way
    /// inside it is reported there, and ends the import of the node.
    Subgraph: GraphProto -> Value list -> Value list
}

/// An operator from one version of its operator set on.
type internal Operator = {
    Domain: string
    Name: string
    /// The first version this holds for; it holds until the next entry of the same name.
    Since: int
    Build: NodeContext -> Value list
}

/// Values of a model, by what they are.
module internal Value =

    let real node = { Node = node; Type = Real }

    /// Largest double below 2⁶³, what the limits of 64-bit integers read as.
    let private largest = 9223372036854774784.0

    /// An integer constant. The limits of 64 bits, which mean "to the end", become the nearest doubles.
    let ofIntegers (shape: Shape) (values: int64[]) = {
        Node = Node.constant shape (values |> Array.map float)
        Type = Integer
    }

    /// The elements, where they depend on no input.
    let tryConstant (value: Value) : float[] option =
        match Node.tryValue value.Node with
        | Some values -> Some values
        | None ->
            let dependsOnInput =
                Graph.nodes [ value.Node ]
                |> Array.exists (fun node ->
                    match node.Primitive with
                    | Input _ -> true
                    | _ -> false)

            if dependsOnInput then None else Some(Run.constant value.Node)

    /// The integer nearest to an element; beyond 64 bits the nearest limit.
    let toInteger (value: float) =
        if value >= largest then Int64.MaxValue
        elif value <= -largest then Int64.MinValue
        else int64 (Math.Round value)

/// Access to a node's operands and attributes. What is missing or of another kind is a NodeProblemException.
module internal NodeContext =

    let fail (message: string) : 'T = raise (NodeProblemException message)

    /// Refuses a result for the reason why it is too large, if there is one.
    let refuseLarge (reason: string option) =
        reason |> Option.iter (fun reason -> fail $"its result is too large: {reason}")

    /// Refuses a result of this shape where it is larger than a value may be.
    let checkSize (shape: Shape) (context: NodeContext) = context.Meter.WhyTooLarge shape |> refuseLarge

    /// A number of elements or indices that are about to be made one by one.
    /// Error: NodeProblemException where a value may not have so many.
    let counted (elements: float) (context: NodeContext) : int =
        context.Meter.WhyTooMany(elements, (fun () -> $"{elements}")) |> refuseLarge
        // Limits may be raised above what an array can hold.
        if elements > Operators.float Array.MaxLength then raise (OverflowException())

        Operators.int elements

    let private attribute name (context: NodeContext) =
        context.Proto.Attributes
        |> Array.tryFind (fun attribute -> attribute.Name = name)
        |> Option.map _.Value

    let private wrongKind name wanted : 'T = fail $"attribute '{name}' is not {wanted}; export the model again"

    let float name fallback context =
        match attribute name context with
        | None -> fallback
        | Some(AttributeValue.Float value) -> float value
        | Some _ -> wrongKind name "a number"

    let tryInt name context =
        match attribute name context with
        | None -> None
        | Some(AttributeValue.Int value) when value >= int64 Int32.MinValue && value <= int64 Int32.MaxValue ->
            Some(int value)
        | Some _ -> wrongKind name "an integer"

    let int name fallback context = tryInt name context |> Option.defaultValue fallback

    let flag name fallback context = int name (if fallback then 1 else 0) context <> 0

    let tryInts name context =
        match attribute name context with
        | None -> None
        | Some(AttributeValue.Ints values) -> Some values
        | Some _ -> wrongKind name "a list of integers"

    let string name fallback context =
        match attribute name context with
        | None -> fallback
        | Some(AttributeValue.String value) -> value
        | Some _ -> wrongKind name "a string"

    let tryValue name context = attribute name context

    let tryFloats name context =
        match attribute name context with
        | None -> None
        | Some(AttributeValue.Floats values) -> Some(values |> Array.map Operators.float)
        | Some _ -> wrongKind name "a list of numbers"

    let tryStrings name context =
        match attribute name context with
        | None -> None
        | Some(AttributeValue.Strings values) -> Some values
        | Some _ -> wrongKind name "a list of strings"

    let graph name context =
        match attribute name context with
        | Some(AttributeValue.Graph graph) -> graph
        | Some _ -> wrongKind name "a graph"
        | None -> fail $"attribute '{name}' is missing; export the model again"

    /// The operand of that number, None where it is left out.
    let tryInput i (context: NodeContext) = if i < context.Inputs.Length then context.Inputs[i] else None

    let input i (context: NodeContext) =
        match tryInput i context with
        | Some value -> value
        | None -> fail $"operand {i} is missing; export the model again"

    /// All operands, one at least, none of which may be left out.
    let inputs (context: NodeContext) =
        if context.Inputs.Length = 0 then fail "its operands are missing; export the model again"

        context.Inputs |> Array.mapi (fun i _ -> input i context) |> List.ofArray

    /// An operand that must be known when the model is read, as integers.
    let tryIntegers i what context =
        tryInput i context
        |> Option.map (fun value ->
            match Value.tryConstant value with
            | Some values -> values |> Array.map Value.toInteger
            | None -> fail $"its {what} (operand {i}) depend on the model's input; only constants can be imported")

    let integers i what context =
        match tryIntegers i what context with
        | Some values -> values
        | None -> fail $"its {what} (operand {i}) are missing; export the model again"

    /// An operand that must be a constant number.
    let tryNumber i what context =
        tryInput i context
        |> Option.map (fun value ->
            match Value.tryConstant value with
            | Some [| number |] -> number
            | Some values -> fail $"its {what} (operand {i}) has {values.Length} elements where one is needed"
            | None -> fail $"its {what} (operand {i}) depends on the model's input; only a constant can be imported")

    /// The axis counted from the front; -1 is the last.
    let longAxis rank (index: int64) =
        if index < -(int64 rank) || index >= int64 rank then
            fail $"axis {index} does not exist in a tensor of {rank} axes"

        Operators.int (if index < 0L then index + int64 rank else index)

    /// The same of an axis in an attribute.
    let axis rank (index: int) = longAxis rank (int64 index)

    /// Axes counted from the front, ascending, each once.
    let axes rank (indices: int64[]) = indices |> Array.map (longAxis rank) |> Array.distinct |> Array.sort

/// Entries of the operator table.
module internal Operator =

    let since version name build = { Domain = ""; Name = name; Since = version; Build = build }

    /// An operator with one result.
    let one version name (build: NodeContext -> Value) = since version name (fun context -> [ build context ])

    /// An operator of one real operand with one real result.
    let unary version name (build: NodeContext -> Node -> Node) =
        one version name (fun context -> Value.real (build context (NodeContext.input 0 context).Node))
