/// Windows that slide along the spatial axes (those after batch and channels), as convolutions and poolings see them.
module internal Interact.Core.Onnx.Window

open System
open Interact.Core

/// How a window moves along one axis.
type SlidingAxis = {
    /// Elements along the axis, without padding.
    Size: int
    /// Places in the window.
    Kernel: int
    /// Steps between one window and the next.
    Stride: int
    /// Steps between one place in the window and the next.
    Dilation: int
    /// Elements of padding before the first.
    Before: int
    /// Elements of padding after the last.
    After: int
    /// Number of windows.
    Count: int
} with

    /// The element at a place of a window, counted from the first that is no padding.
    member this.Element (window: int) (place: int) = window * this.Stride + place * this.Dilation - this.Before

    member this.IsInside element = element >= 0 && element < this.Size

let private listed name count (context: NodeContext) =
    NodeContext.tryInts name context
    |> Option.map (fun values ->
        if values.Length <> count then
            NodeContext.fail $"attribute '{name}' has {values.Length} numbers where {count} are needed"

        values)

/// An attribute with one positive number for each spatial axis, 1 where it is missing.
let positive name count context =
    match listed name count context with
    | None -> Array.create count 1
    | Some values ->
        values
        |> Array.map (fun value ->
            if value < 1L || value > int64 Int32.MaxValue then
                NodeContext.fail $"attribute '{name}' holds {value}; it must be positive"

            int value)

/// An attribute with one number, not below 0, for each of so many ends or axes; 0 where it is missing.
let padding name count context =
    match listed name count context with
    | None -> Array.zeroCreate count
    | Some values ->
        values
        |> Array.map (fun value ->
            if value < 0L || value > int64 Int32.MaxValue then
                NodeContext.fail $"attribute '{name}' holds {value}; it must not be negative"

            int value)

/// What attribute 'auto_pad' asks for.
type AutoPad =
    /// Padding as attribute 'pads' gives it.
    | Explicit
    /// As many results as strides fit into the axis; what is odd goes to the end, or to the start.
    | Same of oddAtEnd: bool
    /// No padding.
    | Valid

let autoPad context =
    match NodeContext.string "auto_pad" "NOTSET" context with
    | "NOTSET" -> Explicit
    | "SAME_UPPER" -> Same true
    | "SAME_LOWER" -> Same false
    | "VALID" -> Valid
    | other ->
        NodeContext.fail
            $"attribute 'auto_pad' is {Quote.name other}; NOTSET, SAME_UPPER, SAME_LOWER and VALID are known: export the model again"

/// Padding in all, divided between start and end.
let divided oddAtEnd (total: int) =
    let smaller = total / 2
    if oddAtEnd then smaller, total - smaller else total - smaller, smaller

/// Number of spatial axes of an operand of batch x channels x space.
let spatialRank (node: Node) =
    if node.Rank < 3 then
        NodeContext.fail
            $"its operand has shape {Shape.describe node.Shape}; batch, channels and at least one further axis are needed"

    node.Rank - 2

/// Distance from a window's first element to its last, and 1.
let span (kernel: int) (dilation: int) = int64 (kernel - 1) * int64 dilation + 1L

/// The windows of a node of batch x channels x space, by the node's attributes. ceiling: whether a last window may reach over the end.
let slidingAxes (shape: Shape) (kernel: int[]) (ceiling: bool) (context: NodeContext) : SlidingAxis[] =
    let rank = kernel.Length

    if rank <> shape.Length - 2 then
        NodeContext.fail
            $"its window has {rank} axes, its operand of shape {Shape.describe shape} has {shape.Length - 2} beside batch and channels"

    let strides = positive "strides" rank context
    let dilations = positive "dilations" rank context
    let automatic = autoPad context
    let pads = padding "pads" (2 * rank) context

    let axes =
        Array.init rank (fun i ->
            let size, stride = shape[i + 2], strides[i]
            let span = span kernel[i] dilations[i]

            /// The number of windows with so much padding.
            let count before after =
                let room = int64 size + int64 before + int64 after - span

                if room < 0L then
                    NodeContext.fail
                        $"a window of {span} elements does not fit axis {i + 2} of shape {Shape.describe shape}"

                let floor = room / int64 stride + 1L
                // A window that would begin behind the elements and the padding before them is none.
                if ceiling && room % int64 stride <> 0L && floor * int64 stride < int64 size + int64 before then
                    floor + 1L
                else
                    floor

            let before, after, count =
                match automatic with
                | Explicit -> pads[i], pads[i + rank], count pads[i] pads[i + rank]
                | Valid -> 0, 0, count 0 0
                | Same oddAtEnd ->
                    let count = (int64 size + int64 stride - 1L) / int64 stride
                    let total = max 0L ((count - 1L) * int64 stride + span - int64 size)
                    let before, after = divided oddAtEnd (context |> NodeContext.counted (float total))
                    before, after, count

            // Indices of all places of all windows, and of all elements with the padding.
            context |> NodeContext.counted (float count * float kernel[i]) |> ignore<int>

            context |> NodeContext.counted (float size + float before + float after + float span) |> ignore<int>

            {
                Size = size
                Kernel = kernel[i]
                Stride = stride
                Dilation = dilations[i]
                Before = before
                After = after
                Count = int count
            })

    // One element of the result for each window.
    context
    |> NodeContext.counted (axes |> Array.fold (fun product sliding -> product * float sliding.Count) 1.0)
    |> ignore<int>

    axes

/// The node with zeros before and after each spatial axis, as far as windows reach.
let private padded (axes: SlidingAxis[]) (node: Node) =
    ((node, 2), axes)
    ||> Array.fold (fun (node, axis) sliding ->
        let last = sliding.Element (sliding.Count - 1) (sliding.Kernel - 1)
        let after = max sliding.After (last + 1 - sliding.Size)

        let indices =
            if sliding.Before = 0 && after = 0 then
                [| 0 .. sliding.Size - 1 |]
            else
                Array.init (sliding.Before + sliding.Size + after) (fun i ->
                    if sliding.IsInside(i - sliding.Before) then i - sliding.Before else -1)

        node |> Node.gather axis indices, axis + 1)
    |> fst

/// The elements of all windows, where `element` finds the one at each place of each window of an axis:
/// batch x channels x (windows x places) of each axis.
let private gathered (element: SlidingAxis -> int -> int -> int) (axes: SlidingAxis[]) (node: Node) =
    let apart =
        axes
        |> Array.collect (fun sliding -> [| sliding.Count; sliding.Kernel |])
        |> Array.append node.Shape[..1]

    ((node, 2), axes)
    ||> Array.fold (fun (node, axis) sliding ->
        let indices = [|
            for window in 0 .. sliding.Count - 1 do
                for place in 0 .. sliding.Kernel - 1 -> element sliding window place
        |]

        node |> Node.gather axis indices, axis + 1)
    |> fst
    |> Node.reshape apart

/// The elements of all windows, zero where they lie in the padding: batch x channels x (windows x places) of each spatial axis.
let slide (axes: SlidingAxis[]) (node: Node) : Node =
    node
    |> padded axes
    |> gathered (fun sliding window place -> window * sliding.Stride + place * sliding.Dilation) axes

/// The same with elements of the window itself in place of the padding, so that the largest stays the largest, and its derivative
/// what it is.
let slideRepeating (axes: SlidingAxis[]) (node: Node) : Node =
    let element (sliding: SlidingAxis) window place =
        let wanted = sliding.Element window place

        if sliding.IsInside wanted then
            wanted
        else
            // The first place that lies behind the padding in front.
            let first = max 0 ((sliding.Dilation - 1 - sliding.Element window 0) / sliding.Dilation)
            let nearest = sliding.Element window first

            if first >= sliding.Kernel || not (sliding.IsInside nearest) then
                NodeContext.fail "one of its windows lies wholly in the padding; export the model with less padding"

            nearest

    node |> gathered element axes

/// The axes of `slide` that count the places in windows.
let placeAxes (axes: SlidingAxis[]) = Array.init axes.Length (fun i -> 2 * i + 3)

/// Transpose of `slide`: adds what all windows hold, batch x channels x (windows x places) of each axis, to the elements they lie on.
let overlay (axes: SlidingAxis[]) (windows: Node) : Node =
    let joined =
        axes |> Array.map (fun sliding -> sliding.Count * sliding.Kernel) |> Array.append windows.Shape[..1]

    ((windows |> Node.reshape joined, 2), axes)
    ||> Array.fold (fun (node, axis) sliding ->
        let indices = [|
            for window in 0 .. sliding.Count - 1 do
                for place in 0 .. sliding.Kernel - 1 do
                    let element = sliding.Element window place
                    if sliding.IsInside element then element else -1
        |]

        node |> Node.scatter axis indices sliding.Size, axis + 1)
    |> fst
