namespace Interact.Core

open Interact.Core.Transform

/// Some mixed partial derivatives that are taken together: those of the sets P ∪ {i} for parents P and elements i of the input.
type internal MixedBlock = {
    /// Parents by their order, from 0 (the empty set alone) on; each of ascending members.
    Parents: int[][][]
    /// The elements i.
    Elements: int[]
}

/// The graphs of mixed partial derivatives: ∂^(|P|+1) f / Π_P ∂x · ∂x_i is the coefficient of P of the gradient's element i, forward over
/// reverse. So only the parents are carried through the model, which are an order lower than the sets and much fewer.
[<RequireQualifiedAccess>]
module internal MixedGraph =

    let private flat (node: Node) = node |> Node.reshape [| node.Size |]

    /// The sets that are carried.
    let family (block: MixedBlock) = SetFamily(Seq.concat block.Parents)

    /// For each order of parents its derivatives, items x parents x elements; none for an order without parents.
    ///
    /// items: rows that are worked on together; None for one row and no axis of rows.
    let derivatives (items: int option) (block: MixedBlock) (input: Node) (output: Node) : BatchGraph =
        let point = Node.input "point" [| input.Size |]
        let combination = Node.input "output" [| output.Size |]
        let gradient = Product.dot combination (flat output) |> Vjp.grad input
        let family = family block
        let coefficient = MixedDerivatives.coefficients family input [ gradient ] gradient

        let ofOrder (order: int) (parents: int[][]) =
            let atParents (stack: Node) =
                if order = 0 then stack else stack |> Node.gather 0 (parents |> Array.map family.Place)

            let stack = if order = 0 then Some gradient else coefficient order

            match stack with
            | Some stack ->
                atParents stack |> Node.reshape [| parents.Length; input.Size |] |> Node.gather 1 block.Elements
            | None -> Node.fill [| parents.Length; block.Elements.Length |] 0.0

        let outputs = [
            for order in 0 .. block.Parents.Length - 1 do
                if block.Parents[order].Length > 0 then ofOrder order block.Parents[order]
        ]

        let outputs = outputs |> Graph.substitute [ input, point |> Node.reshape input.Shape ]
        let inputs = [ point; combination ]

        match items with
        | Some items -> PathGraph.overItems items [] inputs outputs
        | None -> { Inputs = inputs; Outputs = outputs; Points = [] }
