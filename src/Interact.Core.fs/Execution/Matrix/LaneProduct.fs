namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members: how one kernel serves every instruction set.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System
open System.Runtime.Intrinsics
open FSharp.NativeInterop
open Interact.Core

/// Lane products of one shape, in either precision.
type internal ILaneProduct =
    /// Elements of scratch memory for so many parts together. It is aligned to 64 bytes.
    abstract WorkspaceSize: parts: int -> int

    /// Computes one of the parts into which the results are divided; different parts may run at once. Addresses are those of the
    /// factors; the workspace is that of all parts.
    abstract Run:
        left: nativeint[] * right: nativeint[] * result: nativeint * workspace: nativeint * part: int * parts: int ->
            unit

/// The tiles of some rows of a product, for operands of one kind.
[<AbstractClass; Sealed>]
type internal LaneBlock<'I, 'V, 'T, 'X, 'Y
    when 'I :> IVectors<'V, 'T>
    and 'X :> ILaneOperand<'V>
    and 'Y :> ILaneOperand<'V>
    and 'V: struct
    and 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> ValueType> =

    static member private Row<'Rows when 'Rows :> ICount>
        (
            depth: int,
            x: inref<LaneView>,
            row: int,
            y: inref<LaneView>,
            columns: int,
            start: int,
            target: inref<LaneTarget>
        ) =
        let lines = { x with Lines = NativePtr.add x.Lines row }
        let mutable others = { y with Lines = NativePtr.add y.Lines start }
        let fours = (columns - start) / 4
        let rest = (columns - start) % 4

        let mutable place = {
            target with
                Rows = NativePtr.add target.Rows row
                Columns = NativePtr.add target.Columns start
                ColumnCount = 4
        }

        if fours > 0 then
            LaneTile<'I, 'V, 'T, 'X, 'Y, 'Rows, Four>.Run(depth, &lines, &others, &place, fours)

        if rest > 0 then
            others <- { others with Lines = NativePtr.add others.Lines (4 * fours) }
            place <- { place with Columns = NativePtr.add place.Columns (4 * fours); ColumnCount = rest }

            if rest = 3 then LaneTile<'I, 'V, 'T, 'X, 'Y, 'Rows, Four>.Run(depth, &lines, &others, &place, 1)
            elif rest = 2 then LaneTile<'I, 'V, 'T, 'X, 'Y, 'Rows, Two>.Run(depth, &lines, &others, &place, 1)
            else LaneTile<'I, 'V, 'T, 'X, 'Y, 'Rows, One>.Run(depth, &lines, &others, &place, 1)

    /// Rows from the first up to the last, which is not one of them.
    static member Run
        (
            depth: int,
            x: inref<LaneView>,
            first: int,
            last: int,
            y: inref<LaneView>,
            columns: int,
            isSymmetric: bool,
            target: inref<LaneTarget>
        ) =
        let mutable row = first

        while row < last do
            let rest = last - row
            let start = if isSymmetric then row else 0
            let target = { target with RowCount = min 4 rest }

            if rest > 2 then
                LaneBlock<'I, 'V, 'T, 'X, 'Y>.Row<Four>(depth, &x, row, &y, columns, start, &target)
                row <- row + 4
            elif rest = 2 then
                LaneBlock<'I, 'V, 'T, 'X, 'Y>.Row<Two>(depth, &x, row, &y, columns, start, &target)
                row <- row + 2
            else
                LaneBlock<'I, 'V, 'T, 'X, 'Y>.Row<One>(depth, &x, row, &y, columns, start, &target)
                row <- row + 1

/// Many small products at once, by tiles of vectors that hold one element of several products: nothing is transposed, and short rows,
/// columns and depths cost nothing.
[<Sealed>]
type internal LaneProduct<'I, 'V, 'T
    when 'I :> IVectors<'V, 'T>
    and 'V: struct
    and 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> ValueType>(shape: LaneProductShape) =

    do LaneProductShape.check 'I.Lanes shape
    let size = sizeof<'T>
    let vectorBytes = 'I.Lanes * size
    let vectors = shape.Lanes / 'I.Lanes
    let passes, vectorsPerDepth = if shape.SumsLanes then 1, vectors else vectors, 1
    let depth = shape.Depth * vectorsPerDepth
    let rowsAtOnce = max 1 (min shape.Rows 16)

    /// Depths of a block: both sides of it stay in the first cache, or near it.
    let depthBlock =
        let wanted = 1536 / (rowsAtOnce + max 1 shape.Columns) |> max 32 |> min 256
        let blocks = max 1 ((depth + wanted - 1) / wanted)
        max 1 ((depth + blocks - 1) / blocks)

    /// Factors of the left side that are all those of the right one: it is then made from that.
    let known =
        if
            shape.Symmetric
            && shape.Left.Length >= shape.Right.Length
            && Array.forall2 (=) shape.Left[.. shape.Right.Length - 1] shape.Right
        then
            shape.Right.Length
        else
            0

    let left = LaneSide<'I, 'V, 'T>(shape.Left, vectorsPerDepth, depthBlock, rowsAtOnce, false)

    let right =
        LaneSide<'I, 'V, 'T>(shape.Right, vectorsPerDepth, depthBlock, max 1 shape.Columns, known > 0)

    let rowBlocks = (shape.Rows + rowsAtOnce - 1) / rowsAtOnce
    let resultRows = OffsetTable(shape.Result.Lines |> Array.map ((*) size))
    let resultColumns = OffsetTable(shape.Result.Depth |> Array.map ((*) size))

    // Sums over lanes are held as vectors until the last depth, for so many rows at a time. One vector more, which is read and not used.
    let summedRows =
        let wanted = 4096 / max 1 shape.Columns / rowsAtOnce * rowsAtOnce
        if shape.SumsLanes then max rowsAtOnce (min wanted shape.Rows) else max 1 shape.Rows

    let sumsSize = if shape.SumsLanes then Checked.(*) (summedRows * shape.Columns + 1) 'I.Lanes else 0

    let sumRows = OffsetTable(Array.init shape.Rows (fun i -> i % summedRows * shape.Columns * vectorBytes))

    let sumColumns = OffsetTable(Array.init shape.Columns (fun j -> j * vectorBytes))
    let aligned elements = Blocking.aligned<'T> elements
    let rightStart = aligned left.ScratchSize
    let sumsStart = rightStart + aligned right.ScratchSize
    let partSize = sumsStart + aligned sumsSize

    let block (count: int) (x: inref<LaneView>) first last (y: inref<LaneView>) (target: inref<LaneTarget>) =
        if left.Varies then
            if right.Varies then
                LaneBlock<'I, 'V, 'T, Varying<'I, 'V, 'T>, Varying<'I, 'V, 'T>>
                    .Run(count, &x, first, last, &y, shape.Columns, shape.Symmetric, &target)
            else
                LaneBlock<'I, 'V, 'T, Varying<'I, 'V, 'T>, Shared<'I, 'V, 'T>>
                    .Run(count, &x, first, last, &y, shape.Columns, shape.Symmetric, &target)
        else
            LaneBlock<'I, 'V, 'T, Shared<'I, 'V, 'T>, Varying<'I, 'V, 'T>>
                .Run(count, &x, first, last, &y, shape.Columns, shape.Symmetric, &target)

    /// The lanes of sums added up, in ascending order.
    let addLanes (result: nativeint) (sums: nativeint) first last =
        for i in first .. last - 1 do
            for j in (if shape.Symmetric then i else 0) .. shape.Columns - 1 do
                let from = sums + nativeint (NativePtr.get sumRows.Address i + NativePtr.get sumColumns.Address j)

                let into =
                    result
                    + nativeint (NativePtr.get resultRows.Address i)
                    + nativeint (NativePtr.get resultColumns.Address j)

                // Each vector read begins one lane later, so that the first lane adds up all of them.
                let mutable sum = 'I.Load from

                for lane in 1 .. 'I.Lanes - 1 do
                    sum <- 'I.Add(sum, 'I.Load(from + nativeint (lane * size)))

                PartialVectors<'I, 'V, 'T>.Store(sum, into, 1)

    /// Results right of the diagonal copied to the left of it.
    let mirror (result: nativeint) first last =
        let place i j =
            result
            + nativeint (NativePtr.get resultRows.Address i)
            + nativeint (NativePtr.get resultColumns.Address j)

        for i in first .. last - 1 do
            for j in i + 1 .. shape.Columns - 1 do
                if shape.SumsLanes then
                    let value = NativePtr.read (NativePtr.ofNativeInt<'T>(place i j))
                    NativePtr.write (NativePtr.ofNativeInt<'T>(place j i)) value
                else
                    for v in 0 .. vectors - 1 do
                        let lanes = nativeint (v * vectorBytes)
                        'I.Store('I.Load(place i j + lanes), place j i + lanes)

    /// Some rows of one batch; where lanes are summed, no more than sums are held for.
    let runRows (xs: nativeint[]) (ys: nativeint[]) (result: nativeint) (scratch: nativeint) batch first last =
        let result = result + nativeint shape.Result.Batch[batch] * nativeint size
        let sums = scratch + nativeint (sumsStart * size)
        let packedRight = scratch + nativeint (rightStart * size)
        let mutable isKnown = known > 0

        for i in 0 .. known - 1 do
            isKnown <- isKnown && xs[i] = ys[i]

        for pass in 0 .. passes - 1 do
            let mutable start = 0
            let mutable isFirst = true

            while isFirst || start < depth do
                let count = min depthBlock (depth - start)

                let target = {
                    Rows = if shape.SumsLanes then sumRows.Address else resultRows.Address
                    Columns = if shape.SumsLanes then sumColumns.Address else resultColumns.Address
                    Address = if shape.SumsLanes then sums else result + nativeint (pass * vectorBytes)
                    RowCount = 0
                    ColumnCount = 0
                    GoesOn = not isFirst
                }

                let y =
                    if right.IsPacked then
                        right.Pack(ys, batch, pass, start, count, 0, shape.Columns, packedRight, 0, 0n)
                        right.Packed(0, packedRight)
                    else
                        right.InPlace(ys, batch, pass, start)

                let mutable row = first

                while row < last do
                    let rowEnd = min last (row + rowsAtOnce)

                    let x =
                        if known = shape.Left.Length && isKnown then
                            y
                        elif left.IsPacked then
                            let origin = packedRight + nativeint (row * depthBlock * vectorBytes)
                            let known = if isKnown then known else 0
                            left.Pack(xs, batch, pass, start, count, row, rowEnd, scratch, known, origin)
                            left.Packed(row, scratch)
                        else
                            left.InPlace(xs, batch, pass, start)

                    block count &x row rowEnd &y &target
                    row <- rowEnd

                start <- start + count
                isFirst <- false

        if shape.SumsLanes then addLanes result sums first last
        if shape.Symmetric then mirror result first last

    interface ILaneProduct with
        member _.WorkspaceSize parts = Checked.(*) partSize parts

        member product.Run(xs, ys, result, workspace, part, parts) =
            let scratch = workspace + nativeint part * nativeint (partSize * size)
            let units = int64 shape.Batches * int64 rowBlocks
            let first = units * int64 part / int64 parts
            let last = units * int64 (part + 1) / int64 parts

            if units > 0L && shape.Columns > 0 then
                let mutable unit = first

                while unit < last do
                    let batch = int (unit / int64 rowBlocks)
                    let unitEnd = min last (int64 (batch + 1) * int64 rowBlocks)
                    let row = int (unit % int64 rowBlocks) * rowsAtOnce
                    let rowEnd = min shape.Rows (row + int (unitEnd - unit) * rowsAtOnce)
                    let mutable first = row

                    while first < rowEnd do
                        // Up to the next multiple of the rows that sums are held for.
                        let last = min rowEnd ((first / summedRows + 1) * summedRows)
                        runRows xs ys result scratch batch first last
                        first <- last

                    unit <- unitEnd

            // The tables are not moved, but would be freed with the product.
            GC.KeepAlive product

[<RequireQualifiedAccess>]
module internal LaneProduct =

    let private double set shape : ILaneProduct =
        match set with
        | Avx512 -> LaneProduct<Vectors512<float>, Vector512<float>, float> shape
        | Avx2 -> LaneProduct<Vectors256<float>, Vector256<float>, float> shape
        | AdvSimd -> LaneProduct<FusedVectors128<float>, Vector128<float>, float> shape
        | Portable -> LaneProduct<Vectors128<float>, Vector128<float>, float> shape

    let private single set shape : ILaneProduct =
        match set with
        | Avx512 -> LaneProduct<Vectors512<float32>, Vector512<float32>, float32> shape
        | Avx2 -> LaneProduct<Vectors256<float32>, Vector256<float32>, float32> shape
        | AdvSimd -> LaneProduct<FusedVectors128<float32>, Vector128<float32>, float32> shape
        | Portable -> LaneProduct<Vectors128<float32>, Vector128<float32>, float32> shape

    /// Lanes of a vector.
    let vector (set: InstructionSet) (precision: Precision) =
        let bytes =
            match set with
            | Avx512 -> 64
            | Avx2 -> 32
            | AdvSimd
            | Portable -> 16

        bytes / Precision.size precision

    /// The products of a shape, in double or single precision.
    let create (set: InstructionSet) (precision: Precision) (shape: LaneProductShape) : ILaneProduct =
        match precision with
        | Precision.Double -> double set shape
        | Precision.Single -> single set shape
