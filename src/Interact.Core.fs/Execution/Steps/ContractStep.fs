namespace Interact.Core.Execution

open System.Collections.Generic
open System.Runtime.CompilerServices
open Interact.Core

/// A factor of a matrix product: the label of each of its axes, and where its elements are.
[<NoEquality; NoComparison>]
type internal FactorView = {
    Labels: int[]
    View: View
    /// The node, where its value is a constant.
    Constant: Node option
}

/// A constant as it is packed: by which engine, the layout, and the strides of the constant's axes along lines and along depth.
type private PackedKey = {
    Precision: Precision
    InstructionSet: InstructionSet
    Layout: PackedLayout
    Lines: (int * int) list
    Depth: (int * int) list
}

/// Constants packed for matrix products, once for all plans that use a node.
module private PackedConstants =

    let private tables = ConditionalWeakTable<Node, Dictionary<PackedKey, PackedConstant>>()

    let find (node: Node) (key: PackedKey) (pack: unit -> PackedConstant) : PackedConstant =
        let table = tables.GetValue(node, (fun _ -> Dictionary()))

        lock table (fun () ->
            match table.TryGetValue key with
            | true, known -> known
            | false, _ ->
                let packed = pack ()
                table[key] <- packed
                packed)

/// A matrix product of two sides that are products of factors.
///
/// target: in row-major order over batch, rows and columns. address: where a constant's first element is.
[<Sealed>]
type internal ContractStep
    (
        engine: Engine,
        product: FactoredProduct,
        left: FactorView[],
        right: FactorView[],
        target: View,
        address: int -> nativeint
    ) =
    inherit
        Step(
            Array.append left right |> Array.map (fun factor -> factor.View.Buffer) |> Array.distinct,
            [| target.Buffer |]
        )

    let bytes = Precision.size engine.Precision
    let size = product.Size
    let batches, rows, columns = size product.Batch, size product.Rows, size product.Columns

    /// Size of each label, and the factor's stride along it.
    let walk (factor: FactorView) (labels: int[]) =
        let stride label =
            Array.fold2
                (fun sum own stride -> if own = label then sum + stride else sum)
                0
                factor.Labels
                factor.View.Strides

        [ for label in labels -> product.Sizes[label], stride label ]

    /// Offset of each index tuple along labels, in row-major order.
    let table (factor: FactorView) (labels: int[]) : int[] = walk factor labels |> Offsets.along

    let matrix (lines: int[]) (factor: FactorView) : MatrixFactor = {
        Batch = table factor product.Batch
        Lines = table factor lines
        Depth = table factor product.Depth
    }

    let constant (side: FactorView[]) =
        match side with
        | [| { Constant = Some node; Labels = labels } as factor |] when
            not (labels |> Array.exists (fun label -> Array.contains label product.Batch))
            ->
            Some(node, factor)
        | _ -> None

    let shape: MatrixProductShape = {
        Batches = batches
        Rows = rows
        Columns = columns
        Depth = size product.Depth
        Left = left |> Array.map (matrix product.Rows)
        Right = right |> Array.map (matrix product.Columns)
        LeftIsPacked = (constant left).IsSome
        RightIsPacked = (constant right).IsSome
        ResultBatch = Array.init batches (fun batch -> batch * rows * columns)
        ResultStride = columns
        Symmetric = product.IsSymmetric
        Accumulate = false
    }

    let kernel = engine.CreateProduct shape
    let addressOf (factor: FactorView) = address factor.View.Buffer + nativeint (factor.View.Offset) * nativeint bytes

    let packed (side: FactorView[]) (lines: int[]) layout (pack: nativeint[] -> PackedConstant) =
        constant side
        |> Option.map (fun (node, factor) ->
            let key = {
                Precision = engine.Precision
                InstructionSet = engine.InstructionSet
                Layout = layout
                Lines = walk factor lines
                Depth = walk factor product.Depth
            }

            PackedConstants.find node key (fun () -> pack [| addressOf factor |]))

    let packedLeft = packed left product.Rows kernel.LeftLayout kernel.PackLeft
    let packedRight = packed right product.Columns kernel.RightLayout kernel.PackRight

    let bases (packed: PackedConstant option) (side: FactorView[]) =
        match packed with
        | Some packed -> [| packed.Address |]
        | None -> Array.zeroCreate side.Length

    let resolve (packed: PackedConstant option) (side: FactorView[]) (addresses: nativeint[]) (into: nativeint[]) =
        if packed.IsNone then
            for i in 0 .. side.Length - 1 do
                into[i] <- addresses[side[i].View.Buffer] + nativeint (side[i].View.Offset) * nativeint bytes

    /// Multiply-adds.
    member _.MultiplyAdds = Cost.ofProduct product

    override _.Work = Cost.ofProduct product / 16.0
    override _.IsDivisible = true
    override _.ScratchSize parts = kernel.WorkspaceSize parts

    override _.Describe =
        let symmetric = if product.IsSymmetric then " symmetric" else ""
        $"product {batches} of {rows} x {columns} x {size product.Depth}{symmetric}, {left.Length} and {right.Length} factors"

    override _.Bind() =
        let ofLeft, ofRight = bases packedLeft left, bases packedRight right

        {
            new BoundStep() with
                override _.Prepare addresses =
                    resolve packedLeft left addresses ofLeft
                    resolve packedRight right addresses ofRight

                override _.Run(addresses, scratch, part, parts) =
                    let result = addresses[target.Buffer] + nativeint target.Offset * nativeint bytes
                    kernel.Run(ofLeft, ofRight, result, scratch, part, parts)
        }
