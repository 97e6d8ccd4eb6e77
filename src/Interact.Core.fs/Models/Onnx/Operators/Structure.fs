/// Shapes, indexing, types and constants. Whatever depends on shapes alone is constant, and folded as it is built.
module internal Interact.Core.Onnx.StructureOperators

open System
open Interact.Core

/// The value of a constant tensor in a file.
let ofTensor (tensor: TensorProto) : Result<Value, string> =
    let shaped make elements = TensorData.shape tensor |> Result.map (fun shape -> make shape elements)

    match DataType.kind tensor.DataType with
    | ElementKind.Integer ->
        let kind = if tensor.DataType = DataType.Bool then ElementType.Boolean else ElementType.Integer

        TensorData.toIntegers tensor
        |> Result.bind (shaped (fun shape values -> { Value.ofIntegers shape values with Type = kind }))
    | ElementKind.Floating
    | ElementKind.Unsupported ->
        TensorData.toStored tensor
        |> Result.bind (
            shaped (fun shape elements ->
                match TensorData.tryUniform tensor with
                | Some number -> Value.real (Node.fill shape number)
                | None -> Value.real (Node.stored shape elements))
        )

/// An operator of one operand that keeps its type.
let private keeping since name (build: NodeContext -> Node -> Node) =
    Operator.one since name (fun context ->
        let x = NodeContext.input 0 context

        { x with Node = build context x.Node })

let private sizes (values: int64[]) =
    values
    |> Array.map (fun size ->
        if size < 0L || size > int64 Int32.MaxValue then
            NodeContext.fail $"size {size} is not possible; export the model again"

        int size)

/// The target of a reshape: 0 keeps the operand's size (unless zeros are allowed), one -1 takes what is left.
let private resolve allowZero (operand: Shape) (wanted: int64[]) : Shape =
    let known =
        wanted
        |> Array.mapi (fun axis size ->
            if size = 0L && not allowZero then
                if axis >= operand.Length then
                    NodeContext.fail $"size 0 on axis {axis} has no counterpart in shape {Shape.describe operand}"

                int64 operand[axis]
            else
                size)

    match known |> Array.filter (fun size -> size = -1L) |> Array.length with
    | 0 -> sizes known
    | 1 ->
        let rest = known |> Array.filter (fun size -> size <> -1L) |> sizes |> Shape.size

        if rest = 0 || Shape.size operand % rest <> 0 then
            let target = wanted |> Array.map string |> String.concat " x "
            NodeContext.fail $"shape {Shape.describe operand} cannot become {target}"

        known
        |> Array.map (fun size -> if size = -1L then int64 (Shape.size operand / rest) else size)
        |> sizes
    | _ -> NodeContext.fail "more than one size is -1; export the model again"

let private reshape =
    keeping 5 "Reshape" (fun context x ->
        let target = NodeContext.integers 1 "sizes" context
        x |> Node.reshape (resolve (NodeContext.flag "allowzero" false context) x.Shape target))

let private flatten =
    keeping 1 "Flatten" (fun context x ->
        let given = NodeContext.int "axis" 1 context
        let axis = if given = x.Rank then given else NodeContext.axis (max x.Rank 1) given
        let rows = Shape.size x.Shape[.. axis - 1]
        x |> Node.reshape [| rows; x.Size / max rows 1 |])

let private transpose =
    keeping 1 "Transpose" (fun context x ->
        match NodeContext.tryInts "perm" context with
        | Some permutation when Array.sort permutation = [| 0L .. int64 x.Rank - 1L |] ->
            x |> Node.transpose (permutation |> Array.map int)
        | Some _ ->
            NodeContext.fail $"attribute 'perm' does not list each of {x.Rank} axes once; export the model again"
        | None -> x |> Node.transpose (Array.rev [| 0 .. x.Rank - 1 |]))

let private squeezed (axes: int64[] option) (x: Node) =
    match axes with
    | None -> x |> Node.reshape (x.Shape |> Array.filter ((<>) 1))
    | Some axes ->
        let axes = NodeContext.axes x.Rank axes

        match axes |> Array.tryFind (fun axis -> x.Shape[axis] <> 1) with
        | Some axis -> NodeContext.fail $"axis {axis} has size {x.Shape[axis]} and cannot be squeezed"
        | None -> x |> Node.reshape (Shape.removeAxes axes x.Shape)

let private unsqueezed (axes: int64[]) (x: Node) =
    let rank = x.Rank + axes.Length
    let added = NodeContext.axes rank axes

    if added.Length <> axes.Length then
        NodeContext.fail "an axis is added twice; export the model again"

    let sizes = System.Collections.Generic.Queue<int> x.Shape

    x
    |> Node.reshape (Array.init rank (fun axis -> if Array.contains axis added then 1 else sizes.Dequeue()))

let private required name (values: int64[] option) =
    match values with
    | Some values -> values
    | None -> NodeContext.fail $"attribute '{name}' is missing; export the model again"

let private concat =
    Operator.one 4 "Concat" (fun context ->
        let operands = NodeContext.inputs context
        let axis = NodeContext.axis operands.Head.Node.Rank (NodeContext.int "axis" 0 context)

        { Node = operands |> List.map _.Node |> Node.concat axis; Type = operands.Head.Type })

/// The indices that a slice of an axis picks, as NumPy does: bounds beyond the ends are cut off.
let private sliceIndices (size: int) (first: int64) (last: int64) (step: int64) =
    if step = 0L then NodeContext.fail "a slice has step 0; export the model again"

    let wrap (bound: int64) = if bound < 0L then Math.Max(bound, -int64 size - 1L) + int64 size else bound

    let low, high = if step > 0L then 0L, int64 size else -1L, int64 size - 1L
    let first, last = Math.Clamp(wrap first, low, high), Math.Clamp(wrap last, low, high)

    if step > int64 size then (if first < last then [| int first |] else [||])
    elif step < -int64 size then (if first > last then [| int first |] else [||])
    elif step > 0L then [| int first .. int step .. int last - 1 |]
    else [| int first .. int step .. int last + 1 |]

let private sliced (starts: int64[]) (ends: int64[]) (axes: int64[] option) (steps: int64[] option) (x: Node) =
    let axes = axes |> Option.defaultWith (fun () -> Array.init starts.Length int64)
    let steps = steps |> Option.defaultWith (fun () -> Array.create starts.Length 1L)

    if ends.Length <> starts.Length || axes.Length <> starts.Length || steps.Length <> starts.Length then
        NodeContext.fail "starts, ends, axes and steps differ in number; export the model again"

    (x, [| 0 .. starts.Length - 1 |])
    ||> Array.fold (fun x i ->
        let axis = NodeContext.longAxis x.Rank axes[i]
        x |> Node.gather axis (sliceIndices x.Shape[axis] starts[i] ends[i] steps[i]))

let private slices = [
    keeping 1 "Slice" (fun context x ->
        let ints name = NodeContext.tryInts name context
        x |> sliced (ints "starts" |> required "starts") (ints "ends" |> required "ends") (ints "axes") None)
    keeping 10 "Slice" (fun context x ->
        x
        |> sliced
            (NodeContext.integers 1 "starts" context)
            (NodeContext.integers 2 "ends" context)
            (NodeContext.tryIntegers 3 "axes" context)
            (NodeContext.tryIntegers 4 "steps" context))
]

/// Elements of an axis picked by indices that are known only with the input, such as embeddings of tokens: each index becomes a row of
/// zeros with a one, which multiplies the axis. An index outside the axis gives NaN.
let private lookup axis (indices: Node) (x: Node) : Node =
    let size = x.Shape[axis]
    let apply f operands = Node.elementwise f operands
    let each = indices |> Node.reshape [| indices.Size; 1 |]
    let zero, length = Node.scalar 0.0, Node.scalar (float size)
    let isNegative = apply Less [ each; zero ]
    let place = Node.add each (Node.multiply isNegative length)
    let isInside = Node.multiply (apply LessOrEqual [ zero; place ]) (apply Less [ place; length ])
    let places = Node.constant [| 1; size |] (Array.init size float)
    let oneHot = apply Equal [ place; places ]
    let chosen = apply Select [ isInside; oneHot; Node.scalar nan ]
    Lookup.note chosen indices size
    let labels = [| 0 .. x.Rank - 1 |]
    let left = labels |> Array.map (fun label -> if label = axis then x.Rank + 1 else label)
    let output = labels |> Array.map (fun label -> if label = axis then x.Rank else label)
    Product.contract { Left = left; Right = [| x.Rank; x.Rank + 1 |]; Output = output } x chosen

let private gather =
    keeping 1 "Gather" (fun context x ->
        let axis = NodeContext.axis x.Rank (NodeContext.int "axis" 0 context)
        let size = x.Shape[axis]
        let indices = NodeContext.input 1 context
        let among = indices.Node.Shape

        let picked =
            match Value.tryConstant indices with
            | None when indices.Type = Integer -> x |> lookup axis indices.Node
            | None ->
                NodeContext.fail
                    "its indices (operand 1) depend on the model's input and are not integers; export the model again"
            | Some constant ->
                let places =
                    constant
                    |> Array.map (fun index ->
                        let index = Value.toInteger index

                        if index < -int64 size || index >= int64 size then
                            NodeContext.fail
                                $"index {index} lies outside axis {axis} of shape {Shape.describe x.Shape}"

                        int (if index < 0L then index + int64 size else index))

                x |> Node.gather axis places

        picked |> Node.reshape (Array.concat [ x.Shape[.. axis - 1]; among; x.Shape[axis + 1 ..] ]))

/// The parts of an axis one after the other, as many results as sizes.
let private parts (context: NodeContext) (given: int64[] option) =
    let x = NodeContext.input 0 context
    let axis = NodeContext.axis x.Node.Rank (NodeContext.int "axis" 0 context)
    let count = context.Proto.Outputs.Length
    let size = x.Node.Shape[axis]

    let lengths =
        match given with
        | Some lengths -> sizes lengths
        | None ->
            let each = (size + count - 1) / count
            Array.init count (fun i -> if i < count - 1 then each else size - each * (count - 1))

    if
        Array.sum lengths <> size
        || lengths.Length < count
        || Array.exists (fun length -> length < 0) lengths
    then
        NodeContext.fail $"axis {axis} of size {size} cannot be split as asked"

    let starts = Array.scan (+) 0 lengths

    [
        for i in 0 .. count - 1 -> { x with Node = x.Node |> Node.gather axis [| starts[i] .. starts[i + 1] - 1 |] }
    ]

/// The value with its elements made numbers of another type.
let toType (target: DataType) (x: Value) =
    match DataType.kind target, x.Type with
    | ElementKind.Unsupported, _ -> NodeContext.fail $"{DataType.name target} numbers cannot be imported"
    | ElementKind.Floating, _ -> Value.real x.Node
    | ElementKind.Integer, _ when target = DataType.Bool -> {
        Node = Node.elementwise Subtract [ Node.scalar 1.0; Node.elementwise Equal [ x.Node; Node.scalar 0.0 ] ]
        Type = ElementType.Boolean
      }
    | ElementKind.Integer, Real -> { Node = ArithmeticOperators.truncate x.Node; Type = Integer }
    | ElementKind.Integer, _ -> { x with Type = Integer }

let private cast =
    Operator.one 1 "Cast" (fun context ->
        match NodeContext.tryInt "to" context with
        | Some number -> NodeContext.input 0 context |> toType (DataType.ofNumber number)
        | None -> NodeContext.fail "attribute 'to' is missing; export the model again")

let private castLike =
    Operator.one 15 "CastLike" (fun context ->
        let target =
            match (NodeContext.input 1 context).Type with
            | Real -> DataType.Double
            | Integer -> DataType.Int64
            | ElementType.Boolean -> DataType.Bool

        NodeContext.input 0 context |> toType target)

let private constant =
    Operator.one 1 "Constant" (fun context ->
        match context.Proto.Attributes |> Array.map (fun attribute -> attribute.Name, attribute.Value) with
        | [| "value", AttributeValue.Tensor tensor |] ->
            match ofTensor tensor with
            | Ok value -> value
            | Error problem -> NodeContext.fail problem
        | [| "value_float", AttributeValue.Float value |] -> Value.real (Node.scalar (float value))
        | [| "value_floats", AttributeValue.Floats values |] ->
            Value.real (Node.constant [| values.Length |] (values |> Array.map float))
        | [| "value_int", AttributeValue.Int value |] -> Value.ofIntegers [||] [| value |]
        | [| "value_ints", AttributeValue.Ints values |] -> Value.ofIntegers [| values.Length |] values
        | [| name, _ |] ->
            NodeContext.fail $"a constant in attribute {Quote.name name} cannot be imported; only numbers can"
        | _ -> NodeContext.fail "a constant must have exactly one value; export the model again")

let private constantOfShape =
    Operator.one 9 "ConstantOfShape" (fun context ->
        let shape = NodeContext.integers 0 "sizes" context |> sizes
        context |> NodeContext.checkSize shape

        match NodeContext.tryValue "value" context with
        | Some(AttributeValue.Tensor tensor) ->
            match ofTensor tensor with
            | Ok value -> { value with Node = value.Node |> Node.reshape [||] |> Node.broadcast shape }
            | Error problem -> NodeContext.fail problem
        | _ -> Value.real (Node.fill shape 0.0))

let private shape =
    Operator.one 1 "Shape" (fun context ->
        let sizes = (NodeContext.input 0 context).Node.Shape |> Array.map int64

        let bound name fallback =
            let given = NodeContext.int name fallback context
            Math.Clamp((if given < 0 then given + sizes.Length else given), 0, sizes.Length)

        let chosen = sizes[bound "start" 0 .. bound "end" sizes.Length - 1]
        Value.ofIntegers [| chosen.Length |] chosen)

let private expand =
    keeping 8 "Expand" (fun context x ->
        let target = NodeContext.integers 1 "sizes" context |> sizes

        match Shape.tryBroadcast x.Shape target with
        | Some merged ->
            context |> NodeContext.checkSize merged
            x |> Node.broadcast merged
        | None -> NodeContext.fail $"shape {Shape.describe x.Shape} cannot be expanded to {Shape.describe target}")

let table: Operator list =
    [
        keeping 1 "Identity" (fun _ x -> x)
        reshape
        flatten
        transpose
        keeping 1 "Squeeze" (fun context x -> x |> squeezed (NodeContext.tryInts "axes" context))
        keeping 13 "Squeeze" (fun context x -> x |> squeezed (NodeContext.tryIntegers 1 "axes" context))
        keeping 1 "Unsqueeze" (fun context x -> x |> unsqueezed (NodeContext.tryInts "axes" context |> required "axes"))
        keeping 13 "Unsqueeze" (fun context x -> x |> unsqueezed (NodeContext.integers 1 "axes" context))
        concat
        gather
        Operator.since 2 "Split" (fun context -> parts context (NodeContext.tryInts "split" context))
        Operator.since 13 "Split" (fun context -> parts context (NodeContext.tryIntegers 1 "sizes" context))
        cast
        castLike
        constant
        constantOfShape
        shape
        expand
    ]
    @ slices
