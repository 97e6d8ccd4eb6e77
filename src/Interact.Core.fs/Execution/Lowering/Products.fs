namespace Interact.Core.Execution

open System.Collections.Generic
open Interact.Core

/// The matrix products of a graph with the products of their factors dissolved: what only contractions use is never multiplied out in
/// memory.
[<RequireQualifiedAccess>]
module internal Products =

    /// Products that are multiplied out only where contractions use them: larger than one of their factors, and used by nothing else.
    let private dissolved (nodes: Node[]) (inputs: Node list) (outputs: Node list) : HashSet<Node> =
        let varies = HashSet<Node>(Graph.dependents inputs outputs, HashIdentity.Reference)
        let users = GraphOrder.users nodes (fun node -> node.Operands)
        let isOutput = HashSet<Node>(outputs, HashIdentity.Reference)
        // Nodes of which contractions alone see the elements, be it through others of them.
        let inside = HashSet<Node>(HashIdentity.Reference)
        let products = HashSet<Node>(HashIdentity.Reference)

        for node in Array.rev nodes do
            let isSeenByContractions (user: Node) =
                match user.Primitive with
                | Contract _ -> true
                | _ -> inside.Contains user

            if not (isOutput.Contains node) && users node |> Seq.forall isSeenByContractions then
                if Factors.isOuterProduct node && varies.Contains node then
                    inside.Add node |> ignore
                    products.Add node |> ignore
                elif Factors.isRelabelling node then
                    inside.Add node |> ignore

        Factors.bounded products.Contains nodes

    /// The products behind all contractions of a graph.
    let find (nodes: Node[]) (inputs: Node list) (outputs: Node list) : Dictionary<Node, FactoredProduct> =
        let dissolved = dissolved nodes inputs outputs
        let found = Dictionary<Node, FactoredProduct>(HashIdentity.Reference)

        for node in nodes do
            match node.Primitive with
            | Contract contraction ->
                found[node] <- Factors.ofContract dissolved.Contains contraction node.Operands[0] node.Operands[1]
            | _ -> ()

        found
