namespace Interact.Core.Transform

open System.Collections.Generic
open Interact.Core
open Interact.Core.Rules

/// Batching: one graph that does the work of many, with the batch as a leading axis. Only what depends on a batched value gets it.
[<RequireQualifiedAccess>]
module Vmap =

    /// Batched counterparts of all nodes of the outputs' graph, given those of some nodes; these have the batch axis in front.
    let batched (seeds: (Node * Node) list) (outputs: Node list) : Node -> Batched =
        Checks.require (not seeds.IsEmpty) (nameof seeds) (fun () -> "vmap needs at least one batched value.")
        let size = (snd seeds.Head).Shape[0]

        for node, batch in seeds do
            Checks.require (batch.Shape = Array.append [| size |] node.Shape) (nameof seeds) (fun () ->
                $"a batch of {size} values of shape {Shape.describe node.Shape} cannot have shape {Shape.describe batch.Shape}.")

        let known = Dictionary<Node, Node>(HashIdentity.Reference)

        let find node =
            match known.TryGetValue node with
            | true, batch -> { Node = batch; HasAxis = true }
            | false, _ -> { Node = node; HasAxis = false }

        for node, batch in seeds do
            known[node] <- batch

        for node in Graph.dependents (List.map fst seeds) outputs do
            if not (known.ContainsKey node) then
                known[node] <- (Rules.find node.Primitive).Batch size node (node.Operands |> Array.map find)

        find

    /// Outputs for every value of the batch, along a leading axis, also where they do not depend on the batch.
    let applyAll (seeds: (Node * Node) list) (outputs: Node list) : Node list =
        let batch = batched seeds outputs

        outputs
        |> List.map (fun output ->
            let result = batch output

            if result.HasAxis then
                result.Node
            else
                output |> Node.broadcast (Array.append [| (snd seeds.Head).Shape[0] |] output.Shape))

    /// The output for every value of the batch, see applyAll.
    let apply (seeds: (Node * Node) list) (output: Node) : Node = applyAll seeds [ output ] |> List.head
