namespace Interact.Core.Transform

open Interact.Core

/// Replaces kinks by smooth functions.
[<RequireQualifiedAccess>]
module Smoothing =

    /// Every ReLU(z) becomes SoftPlus: ln(1+exp(βz))/β. Functions composed of ReLU (leaky, parametric) are smoothed with it.
    /// Source: Janizek, Sturmfels, Lee 2021. Error: ArgumentException unless β is positive and finite.
    let softplus (beta: float) (outputs: Node list) : Node list =
        Checks.positive (nameof beta) beta
        let scale = Node.scalar beta

        outputs
        |> Graph.rewrite (fun node operands ->
            match node.Primitive with
            | Elementwise Relu ->
                Some(Node.elementwise Divide [ Node.elementwise Softplus [ Node.multiply scale operands[0] ]; scale ])
            | _ -> None)
