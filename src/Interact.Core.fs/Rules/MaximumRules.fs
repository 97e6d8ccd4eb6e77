/// Differentiation of the maximum over axes: the derivative belongs to the largest element; where several tie, each takes an equal part.
module internal Interact.Core.Rules.MaximumRules

open Interact.Core

/// For each element its share of the derivative: 1 for a single largest element, 1/n for each of n.
let shares axes (node: Node) =
    let operand = node.Operands[0]
    let kept = Shape.keepAxes axes operand.Shape
    let largest = Node.elementwise Equal [ operand; node |> Node.reshape kept ]
    Node.elementwise Divide [ largest; largest |> Product.sum axes |> Node.reshape kept ]

/// The rule of the maximum over the given axes.
let rule (axes: int[]) : Rule = {
    Jvp =
        fun node tangents ->
            tangents[0]
            |> Option.map (fun tangent -> Node.multiply (shares axes node) tangent |> Product.sum axes)
    Vjp =
        fun node cotangent _ ->
            let kept = Shape.keepAxes axes node.Operands[0].Shape
            Node.multiply (shares axes node) (cotangent |> Node.reshape kept) |> Some
    Batch = fun _ _ operands -> operands[0].Node |> Node.maximum (axes |> Array.map ((+) 1))
    Curvature = fun _ _ _ -> []
}
