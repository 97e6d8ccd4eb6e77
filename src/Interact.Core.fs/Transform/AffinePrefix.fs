namespace Interact.Core.Transform

open System.Collections.Generic
open Interact.Core

/// The affine beginning of a function: most networks first map their input by a matrix. Derivatives of what comes after it are taken by
/// its result, and what is linear is done once for a whole path.
[<RequireQualifiedAccess>]
module AffinePrefix =

    /// Whether the node is affine in those operands that depend on the input, given which operands do.
    let private isAffine (node: Node) (depends: bool[]) =
        match node.Primitive with
        | Input _
        | Constant _
        | Maximum _ -> false
        | Structural _
        | Concat _ -> true
        | Contract _ -> Array.filter id depends |> Array.length = 1
        | Elementwise f ->
            match f with
            | Add
            | Subtract
            | Negate -> true
            | Multiply -> Array.filter id depends |> Array.length = 1
            | Divide -> not depends[1]
            | _ -> false

    /// The last node that is affine in the input and through which alone the output depends on it; the input itself where there is none.
    let find (input: Node) (output: Node) : Node =
        let nodes = Graph.dependents [ input ] [ output ]
        let position = Dictionary<Node, int>(HashIdentity.Reference)
        nodes |> Array.iteri (fun i node -> position[node] <- i)
        let affine = HashSet<Node>([ input ], HashIdentity.Reference)
        let lastUse = Array.zeroCreate<int> nodes.Length

        for i in 0 .. nodes.Length - 1 do
            for operand in nodes[i].Operands do
                match position.TryGetValue operand with
                | true, place -> lastUse[place] <- i
                | false, _ -> ()

        let mutable found = input
        let mutable reach = 0

        for i in 0 .. nodes.Length - 1 do
            let node = nodes[i]
            let depends = node.Operands |> Array.map position.ContainsKey

            if
                isAffine node depends
                && Array.forall2
                    (fun isDependent operand -> not isDependent || affine.Contains operand)
                    depends
                    node.Operands
            then
                affine.Add node |> ignore

            // Everything before is used no later than here: whatever comes after depends on the input through this node.
            if reach <= i && affine.Contains node then found <- node
            reach <- max reach lastUse[i]

        found
