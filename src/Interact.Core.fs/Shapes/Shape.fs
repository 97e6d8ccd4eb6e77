namespace Interact.Core

/// Sizes of the axes of a row-major array, outermost first; a scalar has none.
type Shape = int[]

/// Sizes, strides and broadcasting of row-major arrays.
[<RequireQualifiedAccess>]
module Shape =

    /// Number of elements, 1 for a scalar. Error: OverflowException where they are more than an int can count.
    let size (shape: Shape) = Array.fold (fun product size -> Checked.(*) product size) 1 shape

    /// "2 x 3", or "scalar".
    let describe (shape: Shape) =
        if shape.Length = 0 then "scalar" else shape |> Array.map string |> String.concat " x "

    /// Distance in elements between neighbours along each axis.
    let strides (shape: Shape) : int[] =
        let strides = Array.create shape.Length 1

        for axis in shape.Length - 2 .. -1 .. 0 do
            strides[axis] <- strides[axis + 1] * shape[axis + 1]

        strides

    /// Strides for reading an array of this shape as if it had the target shape of the same rank: 0 along axes of size 1.
    let broadcastStrides (shape: Shape) (target: Shape) : int[] =
        Array.map3
            (fun stride size wanted -> if size = 1 && wanted <> 1 then 0 else stride)
            (strides shape)
            shape
            target

    /// The shape with leading axes of size 1 up to the given rank.
    let padLeft (rank: int) (shape: Shape) : Shape =
        if shape.Length >= rank then shape else Array.append (Array.create (rank - shape.Length) 1) shape

    /// The common shape of two operands: aligned at the last axis, sizes equal or 1. None where they do not fit.
    let tryBroadcast (left: Shape) (right: Shape) : Shape option =
        let rank = max left.Length right.Length

        let merged =
            Array.map2
                (fun a b ->
                    if a = b || b = 1 then a
                    elif a = 1 then b
                    else -1)
                (padLeft rank left)
                (padLeft rank right)

        if Array.contains -1 merged then None else Some merged

    /// The shape without the given axes.
    let removeAxes (axes: int[]) (shape: Shape) : Shape =
        shape
        |> Array.indexed
        |> Array.filter (fun (axis, _) -> not (Array.contains axis axes))
        |> Array.map snd

    /// The shape with the given axes kept at size 1.
    let keepAxes (axes: int[]) (shape: Shape) : Shape =
        shape |> Array.mapi (fun axis size -> if Array.contains axis axes then 1 else size)

    /// Where two shapes differ only by axes of size 1: for each axis of the first its place in the second, -1 for those of size 1.
    let matchAxes (first: Shape) (second: Shape) : int[] option =
        let places = Array.create first.Length -1
        let mutable place = 0
        let mutable isMatch = true

        let afterOnes start =
            let mutable next = start

            while next < second.Length && second[next] = 1 do
                next <- next + 1

            next

        for axis in 0 .. first.Length - 1 do
            if isMatch && first[axis] <> 1 then
                place <- afterOnes place

                if place < second.Length && second[place] = first[axis] then
                    places[axis] <- place
                    place <- place + 1
                else
                    isMatch <- false

        place <- afterOnes place
        if isMatch && place = second.Length then Some places else None

    /// Calls the action with every index tuple of the shape, in row-major order. The tuple is reused between calls.
    let iterate (shape: Shape) (action: int[] -> unit) =
        if size shape > 0 then
            let index = Array.zeroCreate<int> shape.Length
            let mutable more = true

            while more do
                action index
                let mutable axis = shape.Length - 1
                let mutable carry = true

                while carry && axis >= 0 do
                    index[axis] <- index[axis] + 1

                    if index[axis] = shape[axis] then
                        index[axis] <- 0
                        axis <- axis - 1
                    else
                        carry <- false

                more <- not carry

    /// Offset of an index tuple under the given strides.
    let offset (strides: int[]) (index: int[]) =
        let mutable sum = 0

        for axis in 0 .. strides.Length - 1 do
            sum <- sum + strides[axis] * index[axis]

        sum
