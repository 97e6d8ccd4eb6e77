namespace Interact.Core

/// Linear maps of one operand that move, repeat or sum elements.
type Structural =
    /// The same elements in row-major order under another shape.
    | Reshape of Shape
    /// Axis i of the result is axis permutation[i] of the operand.
    | Transpose of permutation: int[]
    /// Axes of size 1 repeated up to the given shape of the same rank.
    | Broadcast of Shape
    /// The given axes, ascending, summed and removed.
    | Sum of axes: int[]
    /// Element i along the axis is element indices[i] of the operand, or 0 where the index is -1.
    | Gather of axis: int * indices: int[]
    /// Element i along the axis is added to element indices[i] of the result, or dropped where the index is -1.
    | Scatter of axis: int * indices: int[] * size: int

/// For each structural map: shape, transpose, batching and value.
[<RequireQualifiedAccess>]
module Structural =

    let private replace axis value (shape: Shape) =
        let copy = Array.copy shape
        copy[axis] <- value
        copy

    /// Shape of the result for an operand of the given shape.
    let shape (map: Structural) (operand: Shape) : Shape =
        match map with
        | Reshape target
        | Broadcast target -> target
        | Transpose permutation -> permutation |> Array.map (fun axis -> operand[axis])
        | Sum axes -> Shape.removeAxes axes operand
        | Gather(axis, indices) -> operand |> replace axis indices.Length
        | Scatter(axis, _, size) -> operand |> replace axis size

    /// The inverse of a permutation of axes.
    let invert (permutation: int[]) =
        let inverse = Array.zeroCreate permutation.Length
        permutation |> Array.iteri (fun target source -> inverse[source] <- target)
        inverse

    /// The maps that, one after the other, form the transpose of the map on operands of the given shape.
    let transpose (map: Structural) (operand: Shape) : Structural list =
        match map with
        | Reshape _ -> [ Reshape operand ]
        | Transpose permutation -> [ Transpose(invert permutation) ]
        | Broadcast target ->
            let repeated = [|
                for axis in 0 .. target.Length - 1 do
                    if operand[axis] <> target[axis] then axis
            |]

            [ Sum repeated; Reshape operand ]
        | Sum axes -> [ Reshape(Shape.keepAxes axes operand); Broadcast operand ]
        | Gather(axis, indices) -> [ Scatter(axis, indices, operand[axis]) ]
        | Scatter(axis, indices, _) -> [ Gather(axis, indices) ]

    /// The map that acts alike on every element along a new leading axis of the given size.
    let batched (size: int) (map: Structural) : Structural =
        match map with
        | Reshape target -> Reshape(Array.append [| size |] target)
        | Transpose permutation -> Transpose(Array.append [| 0 |] (permutation |> Array.map ((+) 1)))
        | Broadcast target -> Broadcast(Array.append [| size |] target)
        | Sum axes -> Sum(axes |> Array.map ((+) 1))
        | Gather(axis, indices) -> Gather(axis + 1, indices)
        | Scatter(axis, indices, size) -> Scatter(axis + 1, indices, size)

    /// The plain loop: the result of the map on an array of the given shape.
    let value (map: Structural) (operand: Shape) (values: float[]) : float[] =
        let target = shape map operand
        let result = Array.zeroCreate<float>(Shape.size target)
        let targetStrides = Shape.strides target
        let operandStrides = Shape.strides operand

        match map with
        | Reshape _ -> Array.blit values 0 result 0 values.Length
        | Transpose permutation ->
            let read = permutation |> Array.map (fun axis -> operandStrides[axis])

            Shape.iterate target (fun index ->
                result[Shape.offset targetStrides index] <- values[Shape.offset read index])
        | Broadcast _ ->
            let read = Shape.broadcastStrides operand target

            Shape.iterate target (fun index ->
                result[Shape.offset targetStrides index] <- values[Shape.offset read index])
        | Sum axes ->
            let write = Shape.broadcastStrides (Shape.keepAxes axes operand) operand

            Shape.iterate operand (fun index ->
                let position = Shape.offset write index
                result[position] <- result[position] + values[Shape.offset operandStrides index])
        | Gather(axis, indices) ->
            Shape.iterate target (fun index ->
                let source = indices[index[axis]]

                if source >= 0 then
                    let start = Shape.offset operandStrides index - operandStrides[axis] * index[axis]
                    result[Shape.offset targetStrides index] <- values[start + operandStrides[axis] * source])
        | Scatter(axis, indices, _) ->
            Shape.iterate operand (fun index ->
                let destination = indices[index[axis]]

                if destination >= 0 then
                    let start = Shape.offset targetStrides index - targetStrides[axis] * index[axis]
                    let position = start + targetStrides[axis] * destination
                    result[position] <- result[position] + values[Shape.offset operandStrides index])

        result
