namespace Interact.Core.Transform

open Interact.Core
open Interact.Core.Rules

/// Second derivatives along directions: DᵀHD without forming H.
[<RequireQualifiedAccess>]
module Curvature =

    /// DᵀHD of a scalar output for k directions in the input, given as an array of shape k x (shape of the input): k x k.
    ///
    /// One tangent sweep carries all directions forward, one cotangent sweep comes back, and every nonlinear node adds
    /// cotangent · φ″ · T Tᵀ. Source: the chain rule for second derivatives, H = Σ_nodes Jᵀ (cotangent · φ″) J.
    ///
    /// weight: a scalar that the result is multiplied by.
    let weighted (weight: Node) (directions: Node) (input: Node) (output: Node) : Node =
        Checks.require (output.Size = 1) (nameof output) (fun () ->
            $"second derivatives need a scalar; the output has shape {Shape.describe output.Shape}.")

        Checks.require
            (directions.Rank = input.Rank + 1 && directions.Shape[1..] = input.Shape)
            (nameof directions)
            (fun () ->
                $"directions of shape {Shape.describe directions.Shape} do not fit an input of shape {Shape.describe input.Shape}.")

        let count = directions.Shape[0]
        let direction = Node.input "direction" input.Shape
        let nodes = Graph.dependents [ input ] [ output ]
        let tangent = Jvp.tangents [ input, direction ] [ output ]
        let tangents = nodes |> Seq.choose tangent |> List.ofSeq
        let batch = Vmap.batched [ direction, directions ] tangents
        let cotangent = Vjp.cotangents [ input ] output (Node.fill output.Shape 1.0)

        // A tangent can lose its dependence on the direction only by becoming constant; repeat it then.
        let alongDirections (node: Node) =
            tangent node
            |> Option.map (fun tangent ->
                let result = batch tangent

                if result.HasAxis then
                    result.Node
                else
                    tangent |> Node.broadcast (Array.append [| count |] tangent.Shape))

        nodes
        |> Seq.filter (fun node -> not (obj.ReferenceEquals(node, input)))
        |> Seq.collect (fun node ->
            match cotangent node with
            | None -> []
            | Some cotangent ->
                let operands = node.Operands |> Array.map alongDirections
                (Rules.find node.Primitive).Curvature node (Node.multiply weight cotangent) operands)
        |> Seq.map Some
        |> Steps.addAll
        |> Option.defaultWith (fun () -> Node.fill [| count; count |] 0.0)

    /// DᵀHD, see weighted.
    let along (directions: Node) (input: Node) (output: Node) : Node =
        weighted (Node.scalar 1.0) directions input output

    /// The Hessian of a scalar output by the input, both flattened: n x n.
    let hessian (input: Node) (output: Node) : Node =
        let n = input.Size
        let directions = Node.identity n |> Node.reshape (Array.append [| n |] input.Shape)
        along directions input output

    /// The Hessian applied to a direction, forward over reverse: shape of the input.
    let hvp (input: Node) (direction: Node) (output: Node) : Node =
        output |> Vjp.grad input |> Jvp.apply input direction
