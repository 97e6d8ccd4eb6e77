namespace Interact.Core.Transform

open System.Collections.Generic
open Interact.Core
open Interact.Core.Rules

/// Forward differentiation: Jacobian times tangent.
[<RequireQualifiedAccess>]
module Jvp =

    /// Tangents of all nodes of the outputs' graph, given tangents of some of them, which count as independent. None where zero.
    let tangents (seeds: (Node * Node) list) (outputs: Node list) : Node -> Node option =
        let known = Dictionary<Node, Node>(HashIdentity.Reference)

        let find node =
            match known.TryGetValue node with
            | true, tangent -> Some tangent
            | false, _ -> None

        for node, tangent in seeds do
            known[node] <- tangent

        for node in Graph.dependents (List.map fst seeds) outputs do
            if not (known.ContainsKey node) then
                (Rules.find node.Primitive).Jvp node (node.Operands |> Array.map find)
                |> Option.iter (fun tangent -> known[node] <- tangent)

        find

    /// The tangent of the output for a tangent of the input: shapes of output and input.
    let apply (input: Node) (tangent: Node) (output: Node) : Node =
        tangents [ input, tangent ] [ output ] output
        |> Option.defaultWith (fun () -> Node.fill output.Shape 0.0)
