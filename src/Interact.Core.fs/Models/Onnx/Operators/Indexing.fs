/// Elements picked and placed by indices. Indices are known when the model is read; only one-hot rows may follow computed ones.
module internal Interact.Core.Onnx.IndexingOperators

open Interact.Core

let private apply f (operands: Node list) = Node.elementwise f operands

let private flat (node: Node) = node |> Node.reshape [| node.Size |]

/// An index counted from the front.
let private wrap size (index: int64) =
    if index < -(int64 size) || index >= int64 size then
        NodeContext.fail $"index {index} lies outside an axis of {size} elements; export the model again"

    int (if index < 0L then index + int64 size else index)

/// Operand 1 as indices, with its shape.
let private indices context = (NodeContext.input 1 context).Node.Shape, NodeContext.integers 1 "indices" context

/// For each index its place in a flattened tensor: the index stands for the place along the axis, and has its own place elsewhere.
let private placesAlong (axis: int) (shape: Shape) (indexShape: Shape, indices: int64[]) : int[] =
    let fits i size = i = axis || size <= shape[i]

    if indexShape.Length <> shape.Length || not (indexShape |> Seq.mapi fits |> Seq.forall id) then
        NodeContext.fail
            $"indices of shape {Shape.describe indexShape} do not fit shape {Shape.describe shape}; export the model again"

    let strides = Shape.strides shape
    let places = Array.zeroCreate indices.Length
    let mutable position = 0

    Shape.iterate indexShape (fun index ->
        let own = Shape.offset strides index - strides[axis] * index[axis]
        places[position] <- own + strides[axis] * wrap shape[axis] indices[position]
        position <- position + 1)

    places

/// For each tuple of indices, in the last axis of theirs, the places of what it stands for in a flattened tensor; tuples leave out
/// the first axes, which both have.
let private placesOfTuples context batch (shape: Shape) (indexShape: Shape, indices: int64[]) : int[] =
    let depth = if indexShape.Length = 0 then 0 else Array.last indexShape

    let fits =
        indexShape.Length > batch
        && shape.Length > batch
        && depth >= 1
        && batch + depth <= shape.Length
        && indexShape[.. batch - 1] = shape[.. batch - 1]

    if not fits then
        NodeContext.fail
            $"index tuples of shape {Shape.describe indexShape} do not fit shape {Shape.describe shape}; export the model again"

    let strides = Shape.strides shape
    let slice = Shape.size shape[batch + depth ..]
    let batches = Shape.size shape[.. batch - 1]
    let tuples = indices.Length / depth
    let perBatch = if batches = 0 then 0 else tuples / batches
    let batchSize = Shape.size shape[batch..]

    let places = Array.zeroCreate (context |> NodeContext.counted (float tuples * float slice))

    for tuple in 0 .. tuples - 1 do
        let mutable start = tuple / perBatch * batchSize

        for i in 0 .. depth - 1 do
            start <- start + strides[batch + i] * wrap shape[batch + i] indices[tuple * depth + i]

        for i in 0 .. slice - 1 do
            places[tuple * slice + i] <- start + i

    places

let private gatherElements =
    Operator.one 11 "GatherElements" (fun context ->
        let x = NodeContext.input 0 context
        let axis = NodeContext.axis x.Node.Rank (NodeContext.int "axis" 0 context)
        let shape, _ as indices = indices context
        let places = placesAlong axis x.Node.Shape indices

        { x with Node = flat x.Node |> Node.gather 0 places |> Node.reshape shape })

let private gatherND =
    Operator.one 11 "GatherND" (fun context ->
        let x = NodeContext.input 0 context
        let batch = NodeContext.int "batch_dims" 0 context
        let indexShape, _ as indices = indices context
        let places = placesOfTuples context batch x.Node.Shape indices
        let depth = Array.last indexShape

        let shape = Array.append indexShape[.. indexShape.Length - 2] x.Node.Shape[batch + depth ..]

        { x with Node = flat x.Node |> Node.gather 0 places |> Node.reshape shape })

/// What an update does to the element at its place.
[<RequireQualifiedAccess>]
type private Update =
    | Replace
    | Add
    | Combine of Elementwise * neutral: float

let private update context =
    match NodeContext.string "reduction" "none" context with
    | "none" -> Update.Replace
    | "add" -> Update.Add
    | "mul" -> Update.Combine(Multiply, 1.0)
    | "max" -> Update.Combine(Max, -infinity)
    | "min" -> Update.Combine(Min, infinity)
    | other -> NodeContext.fail $"reduction {Quote.name other} is unknown; use none, add, mul, max or min"

/// Flattened elements with updates at places; where a place has several, the last one replaces.
let private updated context how (places: int[]) (updates: Node) (x: Node) =
    match how with
    | Update.Replace ->
        let source = [| 0 .. x.Size - 1 |]
        places |> Array.iteri (fun i place -> source[place] <- x.Size + i)
        Node.concat 0 [ x; updates ] |> Node.gather 0 source
    | Update.Add -> Node.add x (updates |> Node.scatter 0 places x.Size)
    | Update.Combine(combine, neutral) ->
        // A row for the first update of each place, one for the second, and so on; where a place has fewer, neutral ones.
        let seen = Array.zeroCreate<int> x.Size

        let turns =
            places
            |> Array.map (fun place ->
                seen[place] <- seen[place] + 1
                seen[place])

        let most = Array.fold max 0 seen
        context |> NodeContext.counted (float most * float x.Size) |> ignore<int>
        let source = Array.create (most * x.Size) places.Length
        Array.iteri2 (fun i place turn -> source[(turn - 1) * x.Size + place] <- i) places turns

        let together =
            Node.concat 0 [ updates; Node.fill [| 1 |] neutral ]
            |> Node.gather 0 source
            |> Node.reshape [| most; x.Size |]
            |> ReductionOperators.byHalves (fun a b -> apply combine [ a; b ]) neutral 0

        apply combine [ x; together |> Node.reshape x.Shape ]

let private scattered since name (places: NodeContext -> Shape -> Shape * int64[] -> int[] * Shape) =
    Operator.one since name (fun context ->
        let x = NodeContext.input 0 context
        let updates = (NodeContext.input 2 context).Node
        let places, wanted = places context x.Node.Shape (indices context)

        if updates.Shape <> wanted then
            NodeContext.fail
                $"its updates have shape {Shape.describe updates.Shape} where {Shape.describe wanted} is needed; export the model again"

        {
            x with
                Node =
                    flat x.Node |> updated context (update context) places (flat updates) |> Node.reshape x.Node.Shape
        })

let private scatters =
    let alongAxis context (shape: Shape) (indexShape, _ as indices) =
        let axis = NodeContext.axis shape.Length (NodeContext.int "axis" 0 context)
        placesAlong axis shape indices, indexShape

    let byTuples context (shape: Shape) (indexShape: Shape, _ as indices) =
        let places = placesOfTuples context 0 shape indices

        places, Array.append indexShape[.. indexShape.Length - 2] shape[Array.last indexShape ..]

    [
        scattered 9 "Scatter" alongAxis
        scattered 11 "ScatterElements" alongAxis
        scattered 11 "ScatterND" byTuples
    ]

let private compress =
    Operator.one 9 "Compress" (fun context ->
        let x = NodeContext.input 0 context
        let condition = NodeContext.integers 1 "condition" context

        let axis, operand =
            match NodeContext.tryInt "axis" context with
            | Some axis -> NodeContext.axis x.Node.Rank axis, x.Node
            | None -> 0, flat x.Node

        let chosen = [|
            for i in 0 .. condition.Length - 1 do
                if condition[i] <> 0L then i
        |]

        if Array.exists (fun i -> i >= operand.Shape[axis]) chosen then
            NodeContext.fail $"its condition is longer than axis {axis} of shape {Shape.describe operand.Shape}"

        { x with Node = operand |> Node.gather axis chosen })

let private nonZero =
    Operator.one 9 "NonZero" (fun context ->
        let x = NodeContext.input 0 context

        match Value.tryConstant x with
        | None ->
            NodeContext.fail
                "which elements are not 0 depends on the model's input, and with it the shape of the result; only constants can be imported"
        | Some values ->
            let rank = x.Node.Rank
            let found = values |> Seq.filter ((<>) 0.0) |> Seq.length
            let places = Array.zeroCreate (context |> NodeContext.counted (float rank * float found))
            let mutable position = 0
            let mutable next = 0

            Shape.iterate x.Node.Shape (fun index ->
                if values[position] <> 0.0 then
                    for axis in 0 .. rank - 1 do
                        places[axis * found + next] <- int64 index[axis]

                    next <- next + 1

                position <- position + 1)

            Value.ofIntegers [| rank; found |] places)

/// Rows of one value with another at the index; computed indices make steps, with derivative 0.
let private oneHot =
    Operator.one 9 "OneHot" (fun context ->
        let given = NodeContext.input 0 context
        let values = NodeContext.input 2 context

        let depth =
            match NodeContext.integers 1 "depth" context with
            | [| depth |] when depth >= 1L -> context |> NodeContext.counted (float depth)
            | _ -> NodeContext.fail "its depth (operand 1) is not one number from 1; export the model again"

        if values.Node.Size <> 2 then
            NodeContext.fail $"its values (operand 2) are {values.Node.Size} where two are needed"

        let rank = given.Node.Rank + 1
        let axis = NodeContext.axis rank (NodeContext.int "axis" -1 context)
        let index = if given.Type = Real then ArithmeticOperators.truncate given.Node else given.Node
        let isNegative = apply Less [ index; Node.scalar 0.0 ]
        let wrapped = Node.add index (Node.multiply isNegative (Node.scalar (float depth)))
        let classes = Array.init rank (fun i -> if i = axis then depth else 1)

        let isHot =
            apply Equal [
                wrapped |> Node.reshape (Array.insertAt axis 1 given.Node.Shape)
                Node.constant classes (Array.init depth float)
            ]

        let value i = flat values.Node |> Node.gather 0 [| i |] |> Node.reshape [||]

        {
            Node =
                apply Select [ isHot; value 1; value 0 ]
                |> Node.broadcast (Array.insertAt axis depth given.Node.Shape)
            Type = values.Type
        })

let private reverseSequence =
    Operator.one 10 "ReverseSequence" (fun context ->
        let x = NodeContext.input 0 context
        let shape = x.Node.Shape
        let lengths = NodeContext.integers 1 "lengths" context
        let batch = NodeContext.axis shape.Length (NodeContext.int "batch_axis" 1 context)
        let time = NodeContext.axis shape.Length (NodeContext.int "time_axis" 0 context)

        if
            lengths.Length <> shape[batch]
            || lengths |> Array.exists (fun length -> length < 0L || length > int64 shape[time])
        then
            NodeContext.fail
                $"its lengths are not one number up to {shape[time]} for each of {shape[batch]} sequences; export the model again"

        let strides = Shape.strides shape
        let places = Array.zeroCreate x.Node.Size
        let mutable position = 0

        Shape.iterate shape (fun index ->
            let length = int lengths[index[batch]]
            let step = index[time]
            let source = if step < length then length - 1 - step else step
            places[position] <- position + strides[time] * (source - step)
            position <- position + 1)

        { x with Node = flat x.Node |> Node.gather 0 places |> Node.reshape shape })

let table: Operator list =
    [ gatherElements; gatherND; compress; nonZero; oneHot; reverseSequence ] @ scatters
