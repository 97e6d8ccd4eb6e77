namespace Interact.Core.Execution

open Interact.Core

/// The work that graphs take.
[<RequireQualifiedAccess>]
module Cost =

    /// Multiply-adds of one contraction, those that symmetry saves not counted.
    let internal ofProduct (product: FactoredProduct) =
        let all =
            [ product.Batch; product.Rows; product.Columns; product.Depth ]
            |> Seq.collect id
            |> Seq.fold (fun work label -> work * float product.Sizes[label]) 1.0

        if product.IsSymmetric then all / 2.0 * (1.0 + 1.0 / float (product.Size product.Rows)) else all

    /// Multiply-adds of all contractions in the outputs' graph that depend on its inputs.
    let multiplyAdds (outputs: Node list) : float =
        let inputs =
            Graph.nodes outputs
            |> Seq.filter (fun node ->
                match node.Primitive with
                | Input _ -> true
                | _ -> false)

        let dissolved = Graph.nodes outputs |> Factors.bounded Factors.isOuterProduct

        Graph.dependents inputs outputs
        |> Array.sumBy (fun node ->
            match node.Primitive with
            | Contract contraction ->
                Factors.ofContract dissolved.Contains contraction node.Operands[0] node.Operands[1] |> ofProduct
            | _ -> 0.0)
