namespace Interact.Core.Rules

open Interact.Core

/// The rule of every primitive.
[<RequireQualifiedAccess>]
module Rules =

    let private leaf: Rule = {
        Jvp = fun _ _ -> None
        Vjp = fun _ _ _ -> None
        Batch = fun _ node _ -> node
        Curvature = fun _ _ _ -> []
    }

    /// The rule that belongs to the primitive.
    let find (primitive: Primitive) : Rule =
        match primitive with
        | Input _
        | Constant _ -> leaf
        | Elementwise f -> ElementwiseRules.rule f
        | Structural map -> LinearRules.structural map
        | Contract contraction -> LinearRules.contract contraction
        | Maximum axes -> MaximumRules.rule axes
        | Concat axis -> LinearRules.concat axis
