namespace Interact.Core.Execution

open Interact.Core

/// Where the elements of a value stand: element (i, j, …) is element Offset + i·Strides[0] + j·Strides[1] + … of a buffer.
[<NoEquality; NoComparison>]
type internal View = { Buffer: int; Offset: int; Shape: Shape; Strides: int[] }

/// Offsets of elements, as tables.
[<RequireQualifiedAccess>]
module internal Offsets =

    /// The offset of each index tuple along axes of these sizes and strides, in row-major order.
    let along (axes: (int * int) seq) : int[] =
        ([| 0 |], axes)
        ||> Seq.fold (fun offsets (count, stride) ->
            Array.init (offsets.Length * count) (fun i -> offsets[i / count] + i % count * stride))

/// Other views of the same elements; none of them moves any.
[<RequireQualifiedAccess>]
module internal View =

    /// All elements of a buffer in row-major order.
    let dense (buffer: int) (shape: Shape) : View = {
        Buffer = buffer
        Offset = 0
        Shape = shape
        Strides = Shape.strides shape
    }

    /// All elements of a buffer, laid out with the axes in the given order, outermost first.
    let denseInOrder (buffer: int) (shape: Shape) (order: int[]) : View =
        let strides = Array.zeroCreate shape.Length
        let inOrder = order |> Array.map (fun axis -> shape[axis]) |> Shape.strides
        order |> Array.iteri (fun place axis -> strides[axis] <- inOrder[place])
        { Buffer = buffer; Offset = 0; Shape = shape; Strides = strides }

    /// One number repeated over a shape.
    let repeated (buffer: int) (shape: Shape) : View = {
        Buffer = buffer
        Offset = 0
        Shape = shape
        Strides = Array.zeroCreate shape.Length
    }

    /// Sizes and strides, outermost first, with axes of size 1 left out and axes merged that can be walked as one.
    let merged (shape: Shape) (strides: int[]) : struct (int * int)[] =
        let axes = ResizeArray<struct (int * int)>()

        for axis in 0 .. shape.Length - 1 do
            if shape[axis] <> 1 then
                let size, stride = shape[axis], strides[axis]

                if axes.Count > 0 then
                    let struct (outerSize, outerStride) = axes[axes.Count - 1]

                    if outerStride = stride * size then
                        axes[axes.Count - 1] <- struct (outerSize * size, stride)
                    else
                        axes.Add(struct (size, stride))
                else
                    axes.Add(struct (size, stride))

        if axes.Count = 0 then axes.Add(struct (1, 1))
        axes.ToArray()

    /// Whether the elements stand one after the other in row-major order.
    let isDense (view: View) =
        match merged view.Shape view.Strides with
        | [| struct (_, 1) |] -> true
        | [| struct (1, _) |] -> true
        | _ -> false

    let transpose (permutation: int[]) (view: View) : View = {
        view with
            Shape = permutation |> Array.map (fun axis -> view.Shape[axis])
            Strides = permutation |> Array.map (fun axis -> view.Strides[axis])
    }

    /// Repetition along axes of size 1, up to a shape of the same rank.
    let broadcast (shape: Shape) (view: View) : View = {
        view with
            Shape = shape
            Strides =
                Array.map3 (fun own target stride -> if own = target then stride else 0) view.Shape shape view.Strides
    }

    /// Every step-th element along an axis, from the first on.
    let slice (axis: int) (first: int) (step: int) (count: int) (view: View) : View =
        let replace value (values: int[]) = values |> Array.mapi (fun i own -> if i = axis then value else own)

        {
            view with
                Offset = view.Offset + first * view.Strides[axis]
                Shape = replace count view.Shape
                Strides = replace (step * view.Strides[axis]) view.Strides
        }

    /// The same elements in row-major order under another shape; None where no strides can express it.
    let tryReshape (shape: Shape) (view: View) : View option =
        let axes = [|
            for axis in 0 .. view.Shape.Length - 1 do
                if view.Shape[axis] <> 1 then struct (view.Shape[axis], view.Strides[axis])
        |]

        let strides = Array.zeroCreate shape.Length
        let mutable axis = 0
        let mutable place = 0
        let mutable isPossible = Shape.size shape > 0

        while isPossible && place < shape.Length do
            if shape[place] = 1 then
                place <- place + 1
            else
                // A group of axes on either side with as many elements.
                let firstAxis, firstPlace = axis, place
                let struct (size, _) = axes[axis]
                let mutable own = size
                let mutable wanted = shape[place]
                axis <- axis + 1
                place <- place + 1

                while own <> wanted do
                    if own < wanted then
                        let struct (size, _) = axes[axis]
                        own <- own * size
                        axis <- axis + 1
                    else
                        wanted <- wanted * shape[place]
                        place <- place + 1

                for i in firstAxis .. axis - 2 do
                    let struct (_, outer) = axes[i]
                    let struct (size, inner) = axes[i + 1]
                    if outer <> size * inner then isPossible <- false

                let struct (_, innermost) = axes[axis - 1]
                let mutable stride = innermost

                for i in place - 1 .. -1 .. firstPlace do
                    strides[i] <- stride
                    stride <- stride * shape[i]

        if isPossible then Some { view with Shape = shape; Strides = strides } else None
