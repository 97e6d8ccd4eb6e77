namespace Interact.Core.Execution

open System.Collections.Generic
open Interact.Core

/// A factor of a product: a node, and for each of its axes the label along which it varies; -1 for axes of size 1.
[<NoEquality; NoComparison>]
type internal Factor = { Node: Node; Labels: int[] }

/// A contraction read as a matrix product: batch x rows x columns, summed over depth. Each side is the element-wise product of
/// factors, which is never formed in memory.
[<NoEquality; NoComparison>]
type internal FactoredProduct = {
    /// Size of each label.
    Sizes: Dictionary<int, int>
    /// Labels of both sides and the result.
    Batch: int[]
    /// Labels of the left side and the result.
    Rows: int[]
    /// Labels of the right side and the result.
    Columns: int[]
    /// Labels of both sides that are summed.
    Depth: int[]
    Left: Factor[]
    Right: Factor[]
    /// Whether rows and columns of the result can be exchanged, one side being the other times something: half the work will do.
    IsSymmetric: bool
} with

    /// Number of elements along labels.
    member this.Size(labels: int[]) = labels |> Array.fold (fun size label -> size * this.Sizes[label]) 1

/// Reading contractions as products of factors.
module internal Factors =

    /// Whether a node only shows its operand's elements in another arrangement that labels can express.
    let isRelabelling (node: Node) =
        match node.Primitive with
        | Structural(Transpose _ | Broadcast _) -> true
        | Structural(Reshape _) -> Option.isSome (Shape.matchAxes node.Shape node.Operands[0].Shape)
        | _ -> false

    let private withoutOnes (factor: Factor) = {
        factor with
            Labels = factor.Labels |> Array.mapi (fun axis label -> if factor.Node.Shape[axis] = 1 then -1 else label)
    }

    /// The factor with transpositions, repetitions and axes of size 1 undone: the labels say it all.
    let rec unview (factor: Factor) : Factor =
        let node = factor.Node

        match node.Primitive with
        | Structural(Transpose permutation) ->
            let labels = Array.zeroCreate node.Rank
            permutation |> Array.iteri (fun target source -> labels[source] <- factor.Labels[target])
            unview { Node = node.Operands[0]; Labels = labels }
        | Structural(Broadcast _) -> unview (withoutOnes { factor with Node = node.Operands[0] })
        | Structural(Reshape _) ->
            match Shape.matchAxes node.Shape node.Operands[0].Shape with
            | Some places ->
                let labels = Array.create node.Operands[0].Rank -1

                places |> Array.iteri (fun place axis -> if axis >= 0 then labels[axis] <- factor.Labels[place])

                unview { Node = node.Operands[0]; Labels = labels }
            | None -> withoutOnes factor
        | _ -> withoutOnes factor

    let private isProduct (isDissolved: Node -> bool) (node: Node) =
        match node.Primitive with
        | Elementwise Multiply -> isDissolved node
        | _ -> false

    /// Which operand of a product is dissolved with it, given both without their views: of (a·b)·(c·d) only one is, so that the factors,
    /// multiplied from left to right, round as the products they come from.
    let private inner (isDissolved: Node -> bool) (first: Node) (second: Node) : Node option =
        let isProduct = isProduct isDissolved

        if isProduct second && not (isProduct first && first.Size >= second.Size) then Some second
        elif isProduct first then Some first
        else None

    /// The factors of a node, with products dissolved that are to be multiplied out where they are used.
    let private dissolve (isDissolved: Node -> bool) (factor: Factor) : Factor list =
        let rec from (bare: Factor) (after: Factor list) =
            if isProduct isDissolved bare.Node then
                let first = unview { bare with Node = bare.Node.Operands[0] }
                let second = unview { bare with Node = bare.Node.Operands[1] }

                match inner isDissolved first.Node second.Node with
                | Some node when obj.ReferenceEquals(node, first.Node) -> from first (second :: after)
                | Some _ -> from second (first :: after)
                | None -> first :: second :: after
            else
                bare :: after

        from (unview factor) []

    /// Most factors of a side. Packing multiplies all of them for every contraction anew: of long chains of products, such as the
    /// tangents of hundreds of elementwise functions, some have to be formed in memory.
    let private mostFactors = 8

    /// The node that a node shows in another arrangement.
    let rec private unviewed (node: Node) = if isRelabelling node then unviewed node.Operands[0] else node

    /// Of products that may be dissolved those that are, so that no side has more than so many factors.
    ///
    /// nodes: in order of evaluation.
    let bounded (mayDissolve: Node -> bool) (nodes: Node[]) : HashSet<Node> =
        let dissolved = HashSet<Node>(HashIdentity.Reference)
        let counts = Dictionary<Node, int>(HashIdentity.Reference)

        for node in nodes do
            if isProduct mayDissolve node then
                dissolved.Add node |> ignore

                counts[node] <-
                    match inner dissolved.Contains (unviewed node.Operands[0]) (unviewed node.Operands[1]) with
                    | None -> 2
                    | Some product when counts[product] < mostFactors -> counts[product] + 1
                    | Some product ->
                        // The operand is formed, not its product with one more: then a product with itself is seen as symmetric.
                        dissolved.Remove product |> ignore
                        2

        dissolved

    let private same (a: Factor) (b: Factor) = obj.ReferenceEquals(a.Node, b.Node) && a.Labels = b.Labels

    /// Where the left side is the right one, with its columns as rows, times factors that are the same for all rows: the left side's
    /// factors, those of the right one first, which lets it be made from the right one. Two factors may be exchanged without a
    /// change in any bit; of more, the order must be that already.
    let private asMultiple (row: int) (column: int) (left: Factor list) (right: Factor list) : Factor list option =
        let asRow (factor: Factor) = {
            factor with
                Labels = factor.Labels |> Array.map (fun label -> if label = column then row else label)
        }

        let isFree (factor: Factor) = not (Array.contains row factor.Labels)

        let begins (left: Factor list) =
            left.Length >= right.Length
            && List.forall2 (fun own other -> same own (asRow other)) (List.truncate right.Length left) right
            && List.forall isFree (List.skip right.Length left)

        match left with
        | _ when begins left -> Some left
        | [ first; second ] when begins [ second; first ] -> Some [ second; first ]
        | _ -> None

    /// A contraction as a matrix product.
    let ofContract (isDissolved: Node -> bool) (contraction: Contraction) (left: Node) (right: Node) : FactoredProduct =
        let sizes = Contraction.sizes contraction left.Shape right.Shape
        let isIn (labels: int[]) label = Array.contains label labels
        let { Left = a; Right = b; Output = output } = contraction
        let ofLeft = dissolve isDissolved { Node = left; Labels = a }
        let ofRight = dissolve isDissolved { Node = right; Labels = b }
        let rows = output |> Array.filter (fun label -> isIn a label && not (isIn b label))
        let columns = output |> Array.filter (fun label -> isIn b label && not (isIn a label))

        let product left right rows columns isSymmetric = {
            Sizes = sizes
            Batch = output |> Array.filter (fun label -> isIn a label && isIn b label)
            Rows = rows
            Columns = columns
            Depth = a |> Array.filter (fun label -> isIn b label && not (isIn output label))
            Left = List.toArray left
            Right = List.toArray right
            IsSymmetric = isSymmetric
        }

        match rows, columns with
        | [| row |], [| column |] when sizes[row] = sizes[column] ->
            match asMultiple row column ofLeft ofRight, lazy (asMultiple column row ofRight ofLeft) with
            | Some multiple, _ -> product multiple ofRight rows columns true
            | None, Lazy(Some multiple) -> product multiple ofLeft columns rows true
            | None, _ -> product ofLeft ofRight rows columns false
        | _ -> product ofLeft ofRight rows columns false

    /// Whether a product is larger than one of its factors, so that multiplying it out where it is used saves memory.
    let isOuterProduct (node: Node) =
        match node.Primitive with
        | Elementwise Multiply -> node.Operands |> Array.exists (fun operand -> operand.Size < node.Size)
        | _ -> false
