namespace Interact.Core.Execution

open System.Collections.Generic
open Interact.Core

/// Which axis of each value holds the lanes: an axis, such as the points of a path, along which most of a graph does the same to
/// everything. Values that have it are laid out with it innermost, so that vectors are full however short their other axes are.
[<RequireQualifiedAccess>]
module internal Lanes =

    /// Points of a path that are lanes together: whole vectors of them.
    let count (engine: Engine) : int = max 8 engine.VectorLanes

    /// The axis of a reshaped value that has the elements of one axis of its operand, and nothing else.
    let private reshaped (source: Shape) (target: Shape) (axis: int) =
        let before = Shape.size source[.. axis - 1]

        seq { 0 .. target.Length - 1 }
        |> Seq.tryFind (fun place -> target[place] = source[axis] && Shape.size target[.. place - 1] = before)

    /// Where an axis is after others are removed, if it is not one of them.
    let private afterRemoval (removed: int[]) (axis: int) =
        if Array.contains axis removed then
            None
        else
            Some(axis - (removed |> Array.filter (fun other -> other < axis) |> Array.length))

    /// The axis of the lanes of a node, where its operands have them.
    let private axisOf (axis: Node -> int option) (node: Node) : int option =
        let operand = lazy (axis node.Operands[0])

        match node.Primitive with
        | Input _
        | Constant _ -> None
        | Elementwise _
        | Concat _ -> node.Operands |> Array.tryPick axis
        | Contract contraction ->
            let ofSide i (labels: int[]) = axis node.Operands[i] |> Option.map (fun axis -> labels[axis])

            ofSide 0 contraction.Left
            |> Option.orElse (ofSide 1 contraction.Right)
            |> Option.bind (fun label -> Array.tryFindIndex ((=) label) contraction.Output)
        | Maximum axes -> operand.Value |> Option.bind (afterRemoval axes)
        | Structural map ->
            match map with
            | Reshape shape -> operand.Value |> Option.bind (reshaped node.Operands[0].Shape shape)
            | Transpose permutation -> operand.Value |> Option.map (fun axis -> Array.findIndex ((=) axis) permutation)
            | Broadcast _ -> operand.Value
            | Sum axes -> operand.Value |> Option.bind (afterRemoval axes)
            | Gather(along, _)
            | Scatter(along, _, _) -> operand.Value |> Option.filter (fun axis -> axis <> along)

    /// The axis of the lanes of every node that has them.
    ///
    /// seeds: the inputs that have them, and where. count: their number.
    let find (seeds: (Node * int) list) (count: int) (outputs: Node list) : Node -> int option =
        let axes = Dictionary<Node, int>(HashIdentity.Reference)

        let known node =
            match axes.TryGetValue node with
            | true, axis -> Some axis
            | false, _ -> None

        for node, axis in seeds do
            axes[node] <- axis

        for node in Graph.nodes outputs do
            match axisOf known node with
            | Some axis when node.Shape[axis] = count -> axes.TryAdd(node, axis) |> ignore
            | Some _
            | None -> ()

        known

    /// Bytes of a value along all directions, at all points that are lanes, beyond which matrices are large enough by themselves.
    let private largest = 16.0 * 1024.0 * 1024.0

    /// Along how many directions at most, at so many points of a path at once, the points are better the lanes of vectors than the rows
    /// of matrices. In graphs whose values have several axes, such as positions and channels, matrices are small and many. Vectors of
    /// one axis, as in dense networks, make large ones: 0.
    let mostDirections (points: int) (input: Node) (output: Node) : int =
        let elements (nodes: Node seq) = nodes |> Seq.sumBy (fun node -> float node.Size)
        let hasSeveralAxes (node: Node) = (node.Shape |> Array.filter (fun size -> size > 1)).Length > 1

        let functions =
            Graph.dependents [ input ] [ output ]
            |> Array.filter (fun node ->
                match node.Primitive with
                | Elementwise _ -> true
                | _ -> false)

        if 2.0 * elements (functions |> Array.filter hasSeveralAxes) > elements functions then
            let bytes = float (functions |> Seq.map _.Size |> Seq.max) * float points * float sizeof<float>
            int (largest / bytes)
        else
            0
