namespace Interact.Core.Execution

open System.Collections.Generic
open Interact.Core

/// Orders of nodes by what they need, which may be other nodes than their operands.
[<RequireQualifiedAccess>]
module internal GraphOrder =

    /// Nodes in an order in which each comes after what it needs.
    let sorted (needs: Node -> Node seq) (roots: Node seq) : Node[] =
        let order = ResizeArray<Node>()
        let seen = HashSet<Node>(HashIdentity.Reference)
        let pending = Stack<struct (Node * bool)>()

        for root in roots do
            pending.Push(struct (root, false))

            while pending.Count > 0 do
                let struct (node, isReady) = pending.Pop()

                if isReady then
                    order.Add node
                elif seen.Add node then
                    pending.Push(struct (node, true))

                    for needed in needs node do
                        if not (seen.Contains needed) then pending.Push(struct (needed, false))

        order.ToArray()

    /// The users of each node.
    let users (nodes: Node[]) (needs: Node -> Node seq) : Node -> Node seq =
        let table = Dictionary<Node, List<Node>>(HashIdentity.Reference)

        for node in nodes do
            for needed in needs node do
                match table.TryGetValue needed with
                | true, known -> known.Add node
                | false, _ -> table[needed] <- List [ node ]

        fun node ->
            match table.TryGetValue node with
            | true, known -> known
            | false, _ -> Seq.empty
