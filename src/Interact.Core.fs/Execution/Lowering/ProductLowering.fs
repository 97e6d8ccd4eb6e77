namespace Interact.Core.Execution

open Interact.Core

/// Contractions as products of matrices, or of many matrices lane by lane.
[<RequireQualifiedAccess>]
module internal ProductLowering =

    let private asMatrices (draft: Draft) (node: Node) (contraction: Contraction) (product: FactoredProduct) factor =
        // The result's columns are the side that fills whole vectors better.
        let waste labels = (let size = product.Size labels in float ((size + 7) / 8 * 8) / float (max 1 size))

        let product =
            if waste product.Rows < 0.9 * waste product.Columns then
                {
                    product with
                        Left = product.Right
                        Right = product.Left
                        Rows = product.Columns
                        Columns = product.Rows
                }
            else
                product

        let labels = Array.concat [ product.Batch; product.Rows; product.Columns ]
        let order = labels |> Array.map (fun label -> Array.findIndex ((=) label) contraction.Output)
        let target = View.denseInOrder (draft.NewBuffer node.Size) node.Shape order
        let address buffer = draft.Constants[buffer].Value.Address
        draft.Views[node] <- target

        draft.Steps.Add(
            ContractStep(
                draft.Engine,
                product,
                Array.map factor product.Left,
                Array.map factor product.Right,
                target,
                address
            )
        )

    /// The step of a contraction.
    ///
    /// varies: whether a node depends on an input.
    let emit (draft: Draft) (varies: Node -> bool) (node: Node) (contraction: Contraction) (product: FactoredProduct) =
        let factor (factor: Factor) : FactorView = {
            Labels = factor.Labels
            View = draft.Views[factor.Node]
            Constant = if varies factor.Node then None else Some factor.Node
        }

        let left, right = Array.map factor product.Left, Array.map factor product.Right

        // The result has the same lanes innermost, or none of them.
        let isLaidOutFor lane =
            match Array.tryFindIndex ((=) lane) contraction.Output with
            | Some axis -> draft.Lanes node = Some axis
            | None -> true

        // Offsets are counted in bytes, in 32 bits.
        let isAddressable =
            Array.append left right
            |> Seq.map (fun factor -> draft.Sizes[factor.View.Buffer])
            |> Seq.append [ node.Size ]
            |> Seq.forall (fun size -> int64 size * 8L < int64 System.Int32.MaxValue)

        let lane =
            Array.append product.Left product.Right
            |> Array.tryPick (fun factor -> draft.Lanes factor.Node |> Option.map (fun axis -> factor.Labels[axis]))
            |> Option.filter (fun lane ->
                LaneStep.Suits(draft.Engine, product, lane, Array.append left right)
                && isLaidOutFor lane
                && isAddressable)

        match lane with
        | Some lane ->
            let target = draft.NewView node
            draft.Steps.Add(LaneStep(draft.Engine, product, lane, left, right, target, contraction.Output))
        | None -> asMatrices draft node contraction product factor
