/// Padding, repetition, triangles, running sums and numbers in a row.
module internal Interact.Core.Onnx.ArrangementOperators

open System
open Interact.Core

let private apply f (operands: Node list) = Node.elementwise f operands

/// The numbers from 0 along one axis of a tensor of the given rank.
let private counting rank axis size =
    Node.constant (Array.init rank (fun i -> if i = axis then size else 1)) (Array.init size float)

/// How elements beyond the ends come about.
[<RequireQualifiedAccess>]
type private Padding =
    | Constant
    | Edge
    | Reflect
    | Wrap

let private padding context =
    match NodeContext.string "mode" "constant" context with
    | "constant" -> Padding.Constant
    | "edge" -> Padding.Edge
    | "reflect" -> Padding.Reflect
    | "wrap" -> Padding.Wrap
    | other -> NodeContext.fail $"mode {Quote.name other} is unknown; use constant, edge, reflect or wrap"

/// Which element each one of the padded axis is, -1 for none.
let private sources context mode size (before: int64) (after: int64) =
    let length = float size + float before + float after

    if length < 0.0 then
        NodeContext.fail $"an axis of {size} elements cannot lose {float size - length}; export the model again"

    if size = 0 && length > 0.0 && mode <> Padding.Constant then
        NodeContext.fail "an axis without elements has none to repeat; export the model again"

    let modulo divisor number = ((number % divisor) + divisor) % divisor

    Array.init (context |> NodeContext.counted length) (fun i ->
        let at = int64 i - before
        let last = int64 size - 1L

        match mode with
        | Padding.Constant -> if at >= 0L && at <= last then int at else -1
        | Padding.Edge -> int (Math.Clamp(at, 0L, last))
        | Padding.Reflect when last = 0L -> 0
        | Padding.Reflect ->
            let within = modulo (2L * last) at
            int (if within <= last then within else 2L * last - within)
        | Padding.Wrap -> int (modulo (int64 size) at))

/// pads: for each of the axes the elements in front, then for each the elements behind; negative ones are cut off.
let private padded context mode (axes: int[]) (pads: int64[]) (filling: Node) (x: Node) =
    if pads.Length <> 2 * axes.Length then
        NodeContext.fail $"{pads.Length} pads were given for {axes.Length} axes; each needs two"

    let pad (node: Node) =
        (node, Array.indexed axes)
        ||> Array.fold (fun node (i, axis) ->
            node |> Node.gather axis (sources context mode node.Shape[axis] pads[i] pads[i + axes.Length]))

    if mode <> Padding.Constant || Node.isZero filling then
        pad x
    else
        apply Select [ pad (Node.fill x.Shape 1.0); pad x; filling |> Node.reshape [||] ]

let private pads =
    let all (x: Value) = [| 0 .. x.Node.Rank - 1 |]

    let byAttributes =
        Operator.one 2 "Pad" (fun context ->
            let x = NodeContext.input 0 context

            match NodeContext.tryInts "pads" context with
            | None -> NodeContext.fail "attribute 'pads' is missing; export the model again"
            | Some pads ->
                let filling = Node.scalar (NodeContext.float "value" 0.0 context)

                { x with Node = padded context (padding context) (all x) pads filling x.Node })

    let byOperands =
        Operator.one 11 "Pad" (fun context ->
            let x = NodeContext.input 0 context

            let filling =
                NodeContext.tryInput 2 context |> Option.fold (fun _ value -> value.Node) (Node.scalar 0.0)

            let axes =
                match NodeContext.tryIntegers 3 "axes" context with
                | Some axes -> axes |> Array.map (NodeContext.longAxis x.Node.Rank)
                | None -> all x

            {
                x with
                    Node = padded context (padding context) axes (NodeContext.integers 1 "pads" context) filling x.Node
            })

    [ byAttributes; byOperands ]

let private tile =
    Operator.one 6 "Tile" (fun context ->
        let x = NodeContext.input 0 context
        let repeats = NodeContext.integers 1 "repeats" context

        if repeats.Length <> x.Node.Rank || Array.exists (fun count -> count < 0L) repeats then
            NodeContext.fail "its repeats are not one number from 0 for each axis; export the model again"

        let along (node: Node) axis =
            let size = node.Shape[axis]
            let count = context |> NodeContext.counted (float repeats[axis])
            let wide = Array.insertAt axis count node.Shape
            let target = Array.copy node.Shape
            target[axis] <- Checked.(*) size count
            context |> NodeContext.checkSize target

            node
            |> Node.reshape (Array.insertAt axis 1 node.Shape)
            |> Node.broadcast wide
            |> Node.reshape target

        { x with Node = Array.fold along x.Node [| 0 .. x.Node.Rank - 1 |] })

/// Elements at or above a diagonal, or at or below it; the others become 0.
let private trilu =
    Operator.one 14 "Trilu" (fun context ->
        let x = NodeContext.input 0 context
        let rank = x.Node.Rank

        if rank < 2 then
            NodeContext.fail $"it takes the triangle of shape {Shape.describe x.Node.Shape}; a matrix is needed"

        let diagonal =
            NodeContext.tryIntegers 1 "diagonal" context
            |> Option.map Array.tryHead
            |> Option.flatten
            |> Option.defaultValue 0L

        let row = counting rank (rank - 2) x.Node.Shape[rank - 2] |> Node.add (Node.scalar (float diagonal))
        let column = counting rank (rank - 1) x.Node.Shape[rank - 1]

        let kept =
            apply LessOrEqual (if NodeContext.flag "upper" true context then [ row; column ] else [ column; row ])

        { x with Node = apply Select [ kept; x.Node; Node.scalar 0.0 ] })

let private eyeLike =
    Operator.one 9 "EyeLike" (fun context ->
        let like = NodeContext.input 0 context

        if like.Node.Rank <> 2 then
            NodeContext.fail $"it is to be like shape {Shape.describe like.Node.Shape}; a matrix is needed"

        let rows, columns = like.Node.Shape[0], like.Node.Shape[1]
        let diagonal = Node.scalar (float (NodeContext.int "k" 0 context))

        let ones =
            apply Equal [ Node.add (counting 2 0 rows) diagonal; counting 2 1 columns ]
            |> Node.broadcast like.Node.Shape

        match NodeContext.tryInt "dtype" context with
        | None -> { like with Node = ones }
        | Some number -> StructureOperators.toType (DataType.ofNumber number) (Value.real ones))

let private size =
    Operator.one 1 "Size" (fun context -> Value.ofIntegers [||] [| int64 (NodeContext.input 0 context).Node.Size |])

let private range =
    Operator.one 11 "Range" (fun context ->
        let number i what =
            match NodeContext.tryNumber i what context with
            | Some number -> number
            | None -> NodeContext.fail $"its {what} (operand {i}) is missing; export the model again"

        let first, limit, step = number 0 "start", number 1 "limit", number 2 "step"

        if step = 0.0 then NodeContext.fail "its step is 0; export the model again"

        let count = max 0.0 (ceil ((limit - first) / step))

        if System.Double.IsNaN count then
            NodeContext.fail "its operands are not all numbers; export the model again"

        let count = context |> NodeContext.counted count

        {
            Node = Node.constant [| count |] (Array.init count (fun i -> first + float i * step))
            Type = (NodeContext.input 0 context).Type
        })

/// Running sums or products along an axis: every element is combined with the one 1, 2, 4, … places before it.
let private running since name combine neutral =
    Operator.one since name (fun context ->
        let x = NodeContext.input 0 context
        let given = NodeContext.integers 1 "axis" context

        if given.Length <> 1 then
            NodeContext.fail $"its axis (operand 1) has {given.Length} elements where one is needed"

        let axis = NodeContext.longAxis x.Node.Rank given[0]
        let length = x.Node.Shape[axis]
        let direction = if NodeContext.flag "reverse" false context then 1 else -1

        let shifted places (node: Node) =
            let from = Array.init length (fun i -> i + direction * places)
            let inside i = i >= 0 && i < length
            let moved = node |> Node.gather axis (from |> Array.map (fun i -> if inside i then i else -1))

            if neutral = 0.0 then
                moved
            else
                let isInside =
                    Node.constant
                        (Array.init node.Rank (fun i -> if i = axis then length else 1))
                        (from |> Array.map (fun i -> if inside i then 1.0 else 0.0))

                apply Select [ isInside; moved; Node.scalar neutral ]

        let rec combined places (node: Node) =
            if places >= length then
                node
            else
                apply combine [ node; shifted places node ] |> combined (2 * places)

        let total = combined 1 x.Node

        { x with Node = if NodeContext.flag "exclusive" false context then shifted 1 total else total })

let table: Operator list =
    [
        tile
        trilu
        eyeLike
        size
        range
        running 11 "CumSum" Add 0.0
        running 26 "CumProd" Multiply 1.0
    ]
    @ pads
