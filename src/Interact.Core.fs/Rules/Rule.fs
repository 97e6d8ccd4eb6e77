namespace Interact.Core.Rules

open Interact.Core

/// A node, and whether it carries the batch axis in front.
[<Struct; NoEquality; NoComparison>]
type Batched = { Node: Node; HasAxis: bool }

/// What differentiation and batching must know of a primitive.
[<NoEquality; NoComparison>]
type Rule = {
    /// The tangent of the node, given the tangents of its operands (None where zero).
    Jvp: Node -> Node option[] -> Node option
    /// The share of a cotangent of the node that falls to the operand of the given index.
    Vjp: Node -> Node -> int -> Node option
    /// The node for a batch of the given size, at least one operand of which has the batch axis; the result has it too.
    Batch: int -> Node -> Batched[] -> Node
    /// The node's own part of DᵀHD: for a cotangent of the node and tangents of its operands with an axis of k directions in
    /// front, terms of shape k x k whose sum is Σ cotangent · φ″ T Tᵀ. Linear primitives have none.
    Curvature: Node -> Node -> Node option[] -> Node list
}

/// Small steps shared by the rules.
module internal Steps =

    /// The sum of those that are there.
    let addAll (nodes: Node option seq) : Node option =
        nodes
        |> Seq.choose id
        |> Seq.fold
            (fun sum node ->
                match sum with
                | Some total -> Some(Node.add total node)
                | None -> Some node)
            None

    /// The node with an axis of size 1 in front where it has no batch axis.
    let withAxis (operand: Batched) =
        if operand.HasAxis then
            operand.Node
        else
            operand.Node |> Node.reshape (Array.append [| 1 |] operand.Node.Shape)

    /// Sum over the axes along which a value of the shape was repeated to become the node.
    let sumTo (shape: Shape) (node: Node) =
        let axes = [|
            for axis in 0 .. shape.Length - 1 do
                if shape[axis] <> node.Shape[axis] then axis
        |]

        node |> Product.sum axes |> Node.reshape shape

    /// Σ over all other axes of left and right, both with k directions in front: k x k.
    let pairUp (left: Node) (right: Node) =
        let elements = [| 2 .. left.Rank |]

        Product.contract
            { Left = Array.append [| 0 |] elements; Right = Array.append [| 1 |] elements; Output = [| 0; 1 |] }
            left
            right

    /// M + Mᵀ.
    let symmetric (matrix: Node) = Node.add matrix (matrix |> Node.transpose [| 1; 0 |])
