namespace Interact.Core.Execution

open Interact.Core

/// Matrix products of two sides that are products of factors, one product in each lane.
///
/// lane: the label of the lanes. target: has the lanes contiguous, or none where they are summed.
[<Sealed>]
type internal LaneStep
    (
        engine: Engine,
        product: FactoredProduct,
        lane: int,
        left: FactorView[],
        right: FactorView[],
        target: View,
        targetLabels: int[]
    ) =
    inherit
        Step(
            Array.append left right |> Array.map (fun factor -> factor.View.Buffer) |> Array.distinct,
            [| target.Buffer |]
        )

    let bytes = Precision.size engine.Precision
    let withoutLane = Array.filter ((<>) lane)
    let batch, rows = withoutLane product.Batch, withoutLane product.Rows
    let columns, depth = withoutLane product.Columns, withoutLane product.Depth
    let size = product.Size

    /// Offset of each index tuple along labels, in row-major order.
    let table (own: int[]) (strides: int[]) (labels: int[]) : int[] =
        let stride label = Array.fold2 (fun sum each stride -> if each = label then sum + stride else sum) 0 own strides
        Offsets.along [ for label in labels -> product.Sizes[label], stride label ]

    let factor (lines: int[]) (factor: FactorView) : LaneFactor =
        let table = table factor.Labels factor.View.Strides

        {
            Batch = table batch
            Lines = table lines
            Depth = table depth
            Varies = Array.contains lane factor.Labels
        }

    let shape: LaneProductShape =
        let table = table targetLabels target.Strides

        {
            Batches = size batch
            Rows = size rows
            Columns = size columns
            Depth = size depth
            Lanes = product.Sizes[lane]
            Left = left |> Array.map (factor rows)
            Right = right |> Array.map (factor columns)
            Result = {
                Batch = table batch
                Lines = table rows
                Depth = table columns
                Varies = Array.contains lane targetLabels
            }
            Symmetric = product.IsSymmetric
        }

    let kernel = engine.CreateLaneProduct shape

    let resolve (side: FactorView[]) (addresses: nativeint[]) (into: nativeint[]) =
        for i in 0 .. side.Length - 1 do
            into[i] <- addresses[side[i].View.Buffer] + nativeint (side[i].View.Offset) * nativeint bytes

    /// Whether a product can be taken lane by lane: the lanes fill vectors, stand side by side wherever there are any, and are not what
    /// a symmetric product is symmetric in.
    static member Suits(engine: Engine, product: FactoredProduct, lane: int, factors: FactorView seq) : bool =
        let isSideBySide (factor: FactorView) =
            (factor.Labels |> Array.filter ((=) lane)).Length <= 1
            && Seq.forall2 (fun label stride -> label <> lane || stride = 1) factor.Labels factor.View.Strides

        product.Sizes[lane] % engine.VectorLanes = 0
        && not (product.IsSymmetric && Array.contains lane (Array.append product.Rows product.Columns))
        && factors |> Seq.forall isSideBySide

    /// Multiply-adds.
    member _.MultiplyAdds = Cost.ofProduct product

    override _.Work = Cost.ofProduct product / 16.0
    override _.IsDivisible = true
    override _.ScratchSize parts = kernel.WorkspaceSize parts

    override _.Describe =
        let symmetric = if product.IsSymmetric then " symmetric" else ""
        let summed = if shape.SumsLanes then "summed " else ""

        let size = $"{shape.Batches} of {shape.Rows} x {shape.Columns} x {shape.Depth}"
        $"lanes {size} in {shape.Lanes} {summed}lanes{symmetric}, {left.Length} and {right.Length} factors"

    override _.Bind() =
        let ofLeft = Array.zeroCreate<nativeint> left.Length
        let ofRight = Array.zeroCreate<nativeint> right.Length

        {
            new BoundStep() with
                override _.Prepare addresses =
                    resolve left addresses ofLeft
                    resolve right addresses ofRight

                override _.Run(addresses, scratch, part, parts) =
                    let result = addresses[target.Buffer] + nativeint target.Offset * nativeint bytes
                    kernel.Run(ofLeft, ofRight, result, scratch, part, parts)
        }
