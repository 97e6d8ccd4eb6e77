namespace Interact.Core.Transform

open System.Collections.Generic
open Interact.Core
open Interact.Core.Rules

/// Reverse differentiation: cotangent times Jacobian.
[<RequireQualifiedAccess>]
module Vjp =

    /// Cotangents of all nodes between inputs and output, given one of the output. None where zero.
    let cotangents (inputs: Node list) (output: Node) (cotangent: Node) : Node -> Node option =
        let known = Dictionary<Node, Node>(HashIdentity.Reference)
        let order = Graph.dependents inputs [ output ]
        let active = HashSet<Node>(order, HashIdentity.Reference)

        let find node =
            match known.TryGetValue node with
            | true, sum -> Some sum
            | false, _ -> None

        if active.Contains output then known[output] <- cotangent

        for node in Array.rev order do
            match find node with
            | Some own when not (List.exists (fun input -> obj.ReferenceEquals(input, node)) inputs) ->
                let rule = Rules.find node.Primitive

                for i in 0 .. node.Operands.Length - 1 do
                    let operand = node.Operands[i]

                    if active.Contains operand then
                        rule.Vjp node own i
                        |> Option.iter (fun share ->
                            known[operand] <-
                                match find operand with
                                | Some sum -> Node.add sum share
                                | None -> share)
            | _ -> ()

        find

    /// The cotangent of the input for a cotangent of the output: shapes of input and output.
    let apply (input: Node) (output: Node) (cotangent: Node) : Node =
        cotangents [ input ] output cotangent input
        |> Option.defaultWith (fun () -> Node.fill input.Shape 0.0)

    /// The gradient of a scalar output by the input.
    let grad (input: Node) (output: Node) : Node =
        Checks.require (output.Size = 1) (nameof output) (fun () ->
            $"grad needs a scalar; the output has shape {Shape.describe output.Shape}.")

        apply input output (Node.fill output.Shape 1.0)
