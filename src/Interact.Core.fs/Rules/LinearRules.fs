/// Differentiation of the primitives that are linear in their operands, alone (structural maps, concatenation) or each by itself
/// (contractions).
module internal Interact.Core.Rules.LinearRules

open Interact.Core

/// The rule of a structural map: tangents go through the map, cotangents through its transpose.
let structural (map: Structural) : Rule = {
    Jvp = fun _ tangents -> tangents[0] |> Option.map (fun tangent -> Graph.applyMap tangent map)
    Vjp =
        fun node cotangent _ ->
            Structural.transpose map node.Operands[0].Shape |> List.fold Graph.applyMap cotangent |> Some
    Batch = fun size _ operands -> Structural.batched size map |> Graph.applyMap operands[0].Node
    Curvature = fun _ _ _ -> []
}

/// The rule of a concatenation: each operand keeps its stretch of the axis.
let concat (axis: int) : Rule = {
    Jvp =
        fun node tangents ->
            Array.map2
                (fun tangent (operand: Node) -> tangent |> Option.defaultWith (fun () -> Node.fill operand.Shape 0.0))
                tangents
                node.Operands
            |> List.ofArray
            |> Node.concat axis
            |> Some
    Vjp =
        fun node cotangent i ->
            let start = node.Operands |> Seq.take i |> Seq.sumBy (fun operand -> operand.Shape[axis])
            cotangent |> Node.gather axis [| start .. start + node.Operands[i].Shape[axis] - 1 |] |> Some
    Batch =
        fun size _ operands ->
            operands
            |> Seq.map (fun operand ->
                let node = Steps.withAxis operand
                node |> Node.broadcast (Array.append [| size |] node.Shape[1..]))
            |> List.ofSeq
            |> Node.concat (axis + 1)
    Curvature = fun _ _ _ -> []
}

/// ⟨cotangent, contraction(Tₐ, T_b)⟩ for all pairs of directions: the cotangent meets the tangents of the larger operand first.
let private contractionCurvature (contraction: Contraction) (cotangent: Node) (a: Node) (b: Node) =
    let direction = Contraction.fresh contraction
    let lead labels = Array.append [| direction |] labels

    let pull (tangent: Node) own other =
        Product.contract { Left = contraction.Output; Right = lead own; Output = lead other } cotangent tangent

    if a.Size >= b.Size then
        Steps.pairUp (pull a contraction.Left contraction.Right) b
    else
        Steps.pairUp a (pull b contraction.Right contraction.Left)
    |> Steps.symmetric

/// The rule of a contraction: the product rule.
let contract (contraction: Contraction) : Rule = {
    Jvp =
        fun node tangents ->
            Steps.addAll [
                tangents[0] |> Option.map (fun tangent -> Product.contract contraction tangent node.Operands[1])
                tangents[1] |> Option.map (fun tangent -> Product.contract contraction node.Operands[0] tangent)
            ]
    Vjp =
        fun node cotangent i ->
            if i = 0 then
                Product.contract (Contraction.toLeft contraction) cotangent node.Operands[1]
            else
                Product.contract (Contraction.toRight contraction) cotangent node.Operands[0]
            |> Some
    Batch =
        fun _ _ operands ->
            let batched = contraction |> Contraction.batched operands[0].HasAxis operands[1].HasAxis
            Product.contract batched operands[0].Node operands[1].Node
    Curvature =
        fun _ cotangent tangents ->
            match tangents[0], tangents[1] with
            | Some a, Some b -> [ contractionCurvature contraction cotangent a b ]
            | _ -> []
}
