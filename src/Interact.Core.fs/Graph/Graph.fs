namespace Interact.Core

open System
open System.Collections.Generic

/// Walks over graphs: order of evaluation, dependence, and rebuilding with other operands.
[<RequireQualifiedAccess>]
module Graph =

    /// All nodes that the outputs are computed from, the outputs included, operands before users.
    let nodes (outputs: Node seq) : Node[] =
        let seen = HashSet<Node>(HashIdentity.Reference)
        let pending = Stack<Node> outputs

        while pending.Count > 0 do
            let node = pending.Pop()

            if seen.Add node then node.Operands |> Array.iter pending.Push

        let nodes = Seq.toArray seen
        Array.Sort(nodes |> Array.map _.Id, nodes)
        nodes

    /// Those nodes of the outputs' graph that depend on one of the inputs, the inputs included, operands before users.
    let dependents (inputs: Node seq) (outputs: Node seq) : Node[] =
        let active = HashSet<Node>(inputs, HashIdentity.Reference)

        nodes outputs
        |> Array.filter (fun node ->
            if active.Contains node then true
            elif node.Operands |> Array.exists active.Contains then active.Add node
            else false)

    /// The primitive applied anew, through the smart constructors. Inputs and constants cannot be applied.
    let apply (primitive: Primitive) (operands: Node[]) : Node =
        match primitive with
        | Input _
        | Constant _ -> Checks.invalid (nameof primitive) $"{Primitive.name primitive} takes no operands."
        | Elementwise f -> Node.elementwise f (List.ofArray operands)
        | Structural map ->
            match map with
            | Reshape shape -> operands[0] |> Node.reshape shape
            | Transpose permutation -> operands[0] |> Node.transpose permutation
            | Broadcast shape -> operands[0] |> Node.broadcast shape
            | Sum axes -> operands[0] |> Product.sum axes
            | Gather(axis, indices) -> operands[0] |> Node.gather axis indices
            | Scatter(axis, indices, size) -> operands[0] |> Node.scatter axis indices size
        | Contract contraction -> Product.contract contraction operands[0] operands[1]
        | Maximum axes -> operands[0] |> Node.maximum axes
        | Concat axis -> List.ofArray operands |> Node.concat axis

    /// A structural map applied to a node.
    let applyMap (node: Node) (map: Structural) = apply (Structural map) [| node |]

    /// The outputs with every node rewritten, operands first. The rule sees a node and its rewritten operands; None keeps the primitive.
    let rewrite (rule: Node -> Node[] -> Node option) (outputs: Node list) : Node list =
        let rewritten = Dictionary<Node, Node>(HashIdentity.Reference)

        for node in nodes outputs do
            let operands = node.Operands |> Array.map (fun operand -> rewritten[operand])

            rewritten[node] <-
                match rule node operands with
                | Some replacement -> replacement
                | None when Array.forall2 (fun a b -> obj.ReferenceEquals(a, b)) operands node.Operands -> node
                | None -> apply node.Primitive operands

        outputs |> List.map (fun output -> rewritten[output])

    /// The outputs with nodes replaced by others of the same shapes.
    let substitute (replacements: (Node * Node) list) (outputs: Node list) : Node list =
        let table = Dictionary<Node, Node>(HashIdentity.Reference)

        for node, replacement in replacements do
            Checks.require (node.Shape = replacement.Shape) (nameof replacements) (fun () ->
                $"a node of shape {Shape.describe node.Shape} cannot be replaced by one of shape {Shape.describe replacement.Shape}.")

            table[node] <- replacement

        rewrite
            (fun node _ ->
                match table.TryGetValue node with
                | true, replacement -> Some replacement
                | false, _ -> None)
            outputs
