/// Poolings: one number for each window, or for the whole space of a channel.
module internal Interact.Core.Onnx.PoolingOperators

open Interact.Core
open Interact.Core.Onnx.Window

let private kernelOf (x: Node) context =
    let rank = spatialRank x

    match NodeContext.tryInts "kernel_shape" context with
    | None -> NodeContext.fail "attribute 'kernel_shape' is missing; export the model again"
    | Some _ -> positive "kernel_shape" rank context

let private axesOf (x: Node) context =
    slidingAxes x.Shape (kernelOf x context) (NodeContext.flag "ceil_mode" false context) context

/// One number for each window, from the numbers for each spatial axis.
let private outer (vectors: float[][]) =
    vectors
    |> Array.mapi (fun i vector ->
        Node.constant (Array.init vectors.Length (fun axis -> if axis = i then vector.Length else 1)) vector)
    |> Array.reduce Node.multiply

/// How many places of each window count along an axis: those inside, and in the padding where it counts too. What reaches over the
/// end of the padding never counts.
let private counted includesPadding (sliding: SlidingAxis) =
    let first, last =
        if includesPadding then -sliding.Before, sliding.Size + sliding.After else 0, sliding.Size

    Array.init sliding.Count (fun window ->
        let start = sliding.Element window 0

        /// Places that lie before an element.
        let before element =
            let steps = (element - start + sliding.Dilation - 1) / sliding.Dilation
            if element <= start then 0 else min steps sliding.Kernel

        float (before last - before first))

let private averagePool =
    Operator.unary 1 "AveragePool" (fun context x ->
        let axes = axesOf x context
        let includesPadding = NodeContext.flag "count_include_pad" false context
        let counts = axes |> Array.map (counted includesPadding)

        if counts |> Array.exists (Array.contains 0.0) then
            NodeContext.fail "one of its windows lies wholly in the padding; export the model with less padding"

        let sums = x |> slide axes |> Product.sum (placeAxes axes)
        Node.multiply sums (counts |> Array.map (Array.map (fun count -> 1.0 / count)) |> outer))

/// The flattened index of every element; where columns come first, the first spatial axis runs fastest.
let private flattened columnsFirst (shape: Shape) =
    let space = shape[2..]

    let inSpace = if columnsFirst then Shape.strides (Array.rev space) |> Array.rev else Shape.strides space

    let outer = Shape.strides shape
    let strides = Array.append outer[..1] inSpace
    let numbers = Array.zeroCreate<float>(Shape.size shape)
    let mutable position = 0

    Shape.iterate shape (fun index ->
        numbers[position] <- float (Shape.offset strides index)
        position <- position + 1)

    Node.constant shape numbers

let private maxPool =
    Operator.since 1 "MaxPool" (fun context ->
        let x = NodeContext.input 0 context
        let axes = axesOf x.Node context
        let windows = x.Node |> slideRepeating axes
        let places = placeAxes axes
        let largest = { x with Node = windows |> Node.maximum places }

        if context.Proto.Outputs.Length < 2 || context.Proto.Outputs[1] = "" then
            [ largest ]
        else
            let columnsFirst = NodeContext.flag "storage_order" false context
            let numbers = flattened columnsFirst x.Node.Shape |> slideRepeating axes
            let indices = windows |> SelectionOperators.placeOfLargest false places numbers
            [ largest; { Node = indices; Type = Integer } ])

/// The p of an Lᵖ norm.
let private power context =
    match NodeContext.tryValue "p" context with
    | Some(AttributeValue.Float p) -> float p
    | _ -> float (NodeContext.int "p" 2 context)

let private lpPool =
    Operator.unary 1 "LpPool" (fun context x ->
        let axes = axesOf x context
        x |> slide axes |> ReductionOperators.norm (power context) (placeAxes axes))

/// A pooling over all spatial axes, which are kept at size 1.
let private globalPool name (f: NodeContext -> int[] -> Node -> Node) =
    Operator.unary 1 name (fun context x ->
        let rank = spatialRank x
        let axes = [| 2 .. rank + 1 |]
        f context axes x |> Node.reshape (Shape.keepAxes axes x.Shape))

let table: Operator list = [
    averagePool
    maxPool
    lpPool
    globalPool "GlobalAveragePool" (fun _ -> ReductionOperators.mean)
    globalPool "GlobalMaxPool" (fun _ axes x ->
        if x.Size = 0 then
            NodeContext.fail $"a tensor of shape {Shape.describe x.Shape} has no largest element"

        Node.maximum axes x)
    globalPool "GlobalLpPool" (fun context -> ReductionOperators.norm (power context))
]
