/// Differentiation of elementwise functions, all of it from the table of partial derivatives.
module internal Interact.Core.Rules.ElementwiseRules

open Interact.Core

let private partial f (node: Node) i = (Elementwise.rule f).Partials[i] |> Node.substitute node.Operands node

/// Σ over elements of coefficient · Tᵢ Tⱼᵀ, the tangents repeated to the shape of the node.
let private curvatureOf (node: Node) (cotangent: Node) (tangents: Node option[]) f i j =
    match tangents[i], tangents[j] with
    | Some first, Some second ->
        let coefficient =
            Node.multiply cotangent (Elementwise.second f i j |> Node.substitute node.Operands node)

        if Node.isZero coefficient then
            None
        else
            let whole (tangent: Node) = tangent |> Node.broadcast (Array.append [| tangent.Shape[0] |] node.Shape)

            let lead = coefficient |> Node.reshape (Array.append [| 1 |] coefficient.Shape)
            let matrix = Steps.pairUp (whole (Node.multiply lead first)) (whole second)
            Some(if i = j then matrix else Steps.symmetric matrix)
    | _ -> None

/// The rule of an elementwise function.
let rule (f: Elementwise) : Rule = {
    Jvp =
        fun node tangents ->
            tangents
            |> Seq.mapi (fun i tangent -> tangent |> Option.map (Node.multiply (partial f node i)))
            |> Steps.addAll
            |> Option.map (Node.broadcast node.Shape)
    Vjp =
        fun node cotangent i ->
            match partial f node i with
            | Node.Filled 0.0 -> None
            | slope -> Some(Node.multiply cotangent slope |> Steps.sumTo node.Operands[i].Shape)
    Batch = fun _ _ operands -> operands |> Seq.map Steps.withAxis |> List.ofSeq |> Node.elementwise f
    Curvature =
        fun node cotangent tangents -> [
            for i in 0 .. tangents.Length - 1 do
                for j in i .. tangents.Length - 1 do
                    yield! Option.toList (curvatureOf node cotangent tangents f i j)
        ]
}
