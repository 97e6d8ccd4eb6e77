namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members: how one kernel serves every instruction set.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System
open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open FSharp.NativeInterop
open Interact.Core

/// Matrix products of one shape.
///
///     for b: for i: for j: for k: R[b][i, j] += A[b][i, k] · B[b][k, j]
///
/// Every sum is one chain of multiply-adds in ascending k, which starts from zero or from the old value; an element of a matrix of
/// several factors is their product from left to right, rounded after each. A result is therefore the same bits for every shape, block,
/// batch and number of parts that its element may be computed in.
type internal IMatrixProduct =
    /// Elements of scratch memory for so many parts together. It is aligned to 64 bytes.
    abstract WorkspaceSize: parts: int -> int

    /// Computes one of the parts into which the results are divided; different parts may run at once. Addresses are those of the
    /// factors, or that of the packed matrix alone; the workspace is that of all parts.
    abstract Run:
        left: nativeint[] * right: nativeint[] * result: nativeint * workspace: nativeint * part: int * parts: int ->
            unit

    /// How the left matrix is packed.
    abstract LeftLayout: PackedLayout

    /// How the right matrix is packed.
    abstract RightLayout: PackedLayout

    /// Packs a constant left matrix, given the addresses of its factors.
    abstract PackLeft: addresses: nativeint[] -> PackedMatrix

    /// Packs a constant right matrix, given the addresses of its factors.
    abstract PackRight: addresses: nativeint[] -> PackedMatrix

/// How products are divided, and which way they are taken.
[<RequireQualifiedAccess>]
module internal Blocking =

    /// Depths of a block: with these a panel of a cache line's width takes a third of the first cache.
    let private depths = 256

    /// Vectors of a block: with a block's depths they take less than half of the second cache.
    let vectors = 24

    /// Panels of a block.
    let panels = 128

    /// The depth divided into blocks of nearly equal size.
    let depthBlock depth =
        let blocks = max 1 ((depth + depths - 1) / depths)
        max 8 (((depth + blocks - 1) / blocks + 7) / 8 * 8)

    /// So many elements, and what is missing to the next aligned address.
    let aligned<'T> elements =
        let unit = PackedLayout.Alignment / Unsafe.SizeOf<'T>()
        (elements + unit - 1) / unit * unit

    /// Whether there are tiles of exactly so many lines, or of a whole number of them.
    let isTileHeight lines = lines = 0 || lines = 1 || lines = 2 || lines = 4

    /// Numbers that are repeated are read in place where few vectors make use of packing them.
    let readsXInPlace (strides: struct (int * int) voption) vectors = strides.IsSome && vectors <= 12

    /// Vectors are read in place where they stay in the first cache, or are hardly read again.
    let readsYInPlace (strides: struct (int * int) voption) depthBytes panels =
        match strides with
        | ValueSome struct (line, depth) -> line = 1 && (panels <= 2 || int64 (abs depth) * int64 depthBytes <= 32768L)
        | ValueNone -> false

    /// Roughly the cycles that a depth takes for so many lines of X and of Y.
    let private cost lanes tileLines (xLines: int) (yLines: int) (y: MatrixFactor[]) =
        let vectors = (yLines + lanes - 1) / lanes
        // A sum takes four cycles until it can be added to; in a cycle two vectors are multiplied and added.
        let cycles height vectors = max 4.0 (float (height * vectors) / 2.0)

        let row height =
            if height = 0 then
                0.0
            else
                float (vectors / 3) * cycles height 3
                + (if vectors % 3 = 0 then 0.0 else cycles height (vectors % 3))

        let rest = xLines % tileLines

        let tiles =
            float (xLines / tileLines) * row tileLines
            + row (
                if rest = 3 then 4
                elif rest > 4 then 8
                else rest
            )

        match y with
        | [| factor |] when Arithmetic.step factor.Lines = ValueSome 1 -> tiles
        | _ -> tiles + 0.3 * float yLines

    /// Whether the columns should be X and the rows Y.
    let isTurned (shape: MatrixProductShape) lanes tileLines =
        let upright = cost lanes tileLines shape.Rows shape.Columns shape.Right
        let turned = cost lanes tileLines shape.Columns shape.Rows shape.Left

        let scattering =
            if shape.ResultStride = 1 then
                0.0
            else
                float shape.Rows * float shape.Columns / float (max 1 shape.Depth)

        not shape.Symmetric && turned + scattering < 0.9 * upright

/// Where a product stands: the addresses it was given, and the depths of one batch that it is at.
[<Struct; NoEquality; NoComparison>]
type internal ProductStep = {
    X: nativeint[]
    Y: nativeint[]
    /// The result of the batch.
    Result: nativeint
    Scratch: nativeint
    Batch: int
    Depth: int
    Count: int
    /// Whether sums start from what the result holds.
    GoesOn: bool
}

/// Products by packed panels: X is the side whose numbers are repeated, Y the side that is read as vectors. Either can be the left one.
[<Sealed>]
type internal PackedProduct<'I, 'V, 'T
    when 'I :> IVectors<'V, 'T>
    and 'V: struct
    and 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> ValueType>(given: MatrixProductShape) =

    do MatrixProductShape.check given
    let shape = MatrixProductShape.foldBatches given
    let size = nativeint sizeof<'T>
    // The sums of a tile should fill the registers of the instruction set.
    let tileLines =
        if
            obj.ReferenceEquals(typeof<'I>, typeof<Vectors256<'T>>)
            || obj.ReferenceEquals(typeof<'I>, typeof<Vectors128<'T>>)
        then
            4
        else
            8

    let panelWidth = max 'I.Lanes tileLines
    let depthBlock = Blocking.depthBlock shape.Depth

    let side (factors: MatrixFactor[]) isPacked panelWidth =
        let layout = {
            Batches = (if MatrixProductShape.isShared factors then min 1 shape.Batches else shape.Batches)
            Lines = factors[0].Lines.Length
            Depth = shape.Depth
            PanelWidth = panelWidth
            DepthBlock = depthBlock
        }

        MatrixSide<'I, 'V, 'T>(factors, isPacked, layout)

    let isTurned = Blocking.isTurned shape 'I.Lanes tileLines

    let x, y =
        if isTurned then
            side shape.Right shape.RightIsPacked panelWidth, side shape.Left shape.LeftIsPacked 'I.Lanes
        else
            side shape.Left shape.LeftIsPacked panelWidth, side shape.Right shape.RightIsPacked 'I.Lanes

    let panels = PackedLayout.panels x.Layout
    let vectors = PackedLayout.panels y.Layout

    // From line to line of the result, for the lines of either side.
    let resultX, resultY = if isTurned then 1, shape.ResultStride else shape.ResultStride, 1

    let resultIsScattered = resultY <> 1

    // All lines of a tile are read: in place they must exist.
    let panelsInPlace =
        Array.init panels (fun panel ->
            Blocking.readsXInPlace x.Strides vectors
            && Blocking.isTileHeight (min panelWidth (x.Layout.Lines - panel * panelWidth) % tileLines))

    let allPanelsInPlace = panelsInPlace |> Array.forall id
    let readsYInPlace = Blocking.readsYInPlace y.Strides (min depthBlock shape.Depth * sizeof<'T>) panels
    // None that would reach past the end of its lines.
    let vectorsInPlace = if readsYInPlace then y.Layout.Lines / 'I.Lanes else 0

    let blockVectors = min Blocking.vectors vectors
    let blockPanels = min Blocking.panels panels

    // What all batches share is packed once, where it is in one piece.
    let reuses (side: MatrixSide<'I, 'V, 'T>) isWhole =
        side.Layout.Batches < shape.Batches && shape.Depth <= depthBlock && isWhole

    let reusesX = reuses x (blockPanels = panels)
    let reusesY = reuses y (blockVectors = vectors)
    // Factors of X that are those of Y, if they are given the same addresses: X is then packed from what Y was packed to.
    let shareable =
        let isSame (a: MatrixFactor) (b: MatrixFactor) = a = b

        if
            shape.Symmetric
            && panelWidth = 'I.Lanes
            && not (shape.LeftIsPacked || shape.RightIsPacked)
            && vectorsInPlace = 0
            && shape.Left.Length > shape.Right.Length
            && Array.forall2 isSame shape.Left[.. shape.Right.Length - 1] shape.Right
        then
            shape.Right.Length
        else
            0

    // In a large matrix of adjacent lines several panels are packed together.
    let yAtOnce = y.DepthsAtOnce
    let xAtOnce = if shareable > 0 then Int32.MaxValue else x.DepthsAtOnce
    let panelsAtOnce = if xAtOnce < shape.Depth then min blockPanels 8 else 1
    let panelSlots = if reusesX || vectors > blockVectors then blockPanels else panelsAtOnce

    let packedDepth = min depthBlock shape.Depth

    let xBuffer = if x.IsPacked || allPanelsInPlace then 0 else panelSlots * panelWidth * packedDepth

    let yBuffer =
        if y.IsPacked || vectorsInPlace = vectors then 0 else blockVectors * 'I.Lanes * packedDepth

    let tile = if resultIsScattered then panelWidth * 3 * 'I.Lanes else 0
    let aligned elements = Blocking.aligned<'T> elements
    let partSize = aligned xBuffer + aligned yBuffer + aligned tile
    let yBufferStart = nativeint (aligned xBuffer) * size
    let tileStart = yBufferStart + nativeint (aligned yBuffer) * size

    /// The first vector that a panel computes: in a symmetric result those left of the diagonal are mirrored.
    let firstVector panel = if shape.Symmetric then panel * panelWidth / 'I.Lanes else 0

    /// The first panel that has nothing to do left of a vector.
    let panelAfter vector = if shape.Symmetric then (vector * 'I.Lanes + panelWidth - 1) / panelWidth else panels

    /// The work in the panels before each, in vectors.
    let work = Array.init panels (fun panel -> int64 (vectors - firstVector panel)) |> Array.scan (+) 0L

    /// The result read by rows, for mirroring it.
    let mirrored =
        if shape.Symmetric && panels > 0 then
            let rows = Array.init shape.Rows (fun row -> row * shape.ResultStride)

            ValueSome(
                FactorTables({ Batch = [||]; Lines = rows; Depth = [| 0 .. shape.Rows - 1 |] }, 'I.Lanes, panelWidth)
            )
        else
            ValueNone

    /// The batch and panel where a part starts: parts have equal shares of the work.
    member private _.Start(part: int, parts: int) : struct (int * int) =
        let perBatch = work[panels]
        let before = perBatch * int64 shape.Batches * int64 part / int64 parts
        let batch = int (before / perBatch)
        let index = Array.BinarySearch(work, before % perBatch)
        let panel = if index >= 0 then index else ~~~index
        if panel < panels then struct (batch, panel) else struct (batch + 1, 0)

    /// How many factors X takes from Y.
    member private _.SharedFactors(xs: nativeint[], ys: nativeint[]) =
        let mutable same = true

        for i in 0 .. shareable - 1 do
            same <- same && xs[i] = ys[i]

        if same then shareable else 0

    /// Vectors of Y from the first one up to the last, which all belong to the block.
    member private _.PackVectors(step: inref<ProductStep>, block: int, first: int, last: int) =
        let mutable depth = 0

        while depth < step.Count do
            let count = min yAtOnce (step.Count - depth)

            for vector in max first vectorsInPlace .. last - 1 do
                let start = nativeint (((vector - block) * step.Count + depth) * 'I.Lanes) * size

                y.Pack(
                    step.Y,
                    step.Batch,
                    vector,
                    step.Depth + depth,
                    count,
                    step.Scratch + yBufferStart + start,
                    0,
                    0n
                )

            depth <- depth + count

    member private _.PanelAddress(step: inref<ProductStep>, panel: int) =
        if x.IsPacked then
            let batch = if x.Layout.Batches = 1 then 0 else step.Batch
            step.X[0] + nativeint (PackedLayout.panelStart x.Layout batch step.Depth step.Count panel) * size
        else
            let slot = if panelSlots = 1 then 0 else panel % panelSlots
            step.Scratch + nativeint (slot * panelWidth * step.Count) * size

    /// Panels of X from the first one up to the last. In a symmetric product the block of Y holds their first factors.
    member private product.PackPanels(step: inref<ProductStep>, block: int, first: int, last: int, shared: int) =
        let mutable depth = 0

        while depth < step.Count do
            let count = min xAtOnce (step.Count - depth)

            for panel in first .. last - 1 do
                if not panelsInPlace[panel] then
                    let target = product.PanelAddress(&step, panel) + nativeint (depth * panelWidth) * size

                    let origin =
                        step.Scratch
                        + yBufferStart
                        + nativeint (((panel - block) * step.Count + depth) * panelWidth) * size

                    x.Pack(step.X, step.Batch, panel, step.Depth + depth, count, target, shared, origin - target)

            depth <- depth + count

    /// The tiles of some lines that start at the given one, for a range of vectors.
    member private _.RunTiles
        (
            step: inref<ProductStep>,
            line: int,
            lines: int,
            xAddress: nativeint,
            xLine: nativeint,
            xDepth: nativeint,
            yAddress: nativeint,
            yVector: nativeint,
            yDepth: nativeint,
            first: int,
            last: int
        ) =
        let strides = {
            XLine = xLine
            XDepth = xDepth
            YVector = yVector
            YDepth = yDepth
            Result = nativeint resultX * size
        }

        let lane = nativeint resultY * size
        let result = step.Result + nativeint line * strides.Result + nativeint (first * 'I.Lanes) * lane
        let lastLanes = if last = vectors then y.Layout.Lines - (vectors - 1) * 'I.Lanes else 'I.Lanes
        let scratch = if resultIsScattered then step.Scratch + tileStart else 0n
        let count = last - first

        if tileLines = 8 && lines > 4 then
            TileRow<'I, 'V, 'T, Eight>
                .Run(
                    count,
                    step.Count,
                    xAddress,
                    yAddress,
                    &strides,
                    result,
                    lines,
                    lastLanes,
                    step.GoesOn,
                    lane,
                    scratch
                )
        elif lines > 2 then
            TileRow<'I, 'V, 'T, Four>
                .Run(
                    count,
                    step.Count,
                    xAddress,
                    yAddress,
                    &strides,
                    result,
                    lines,
                    lastLanes,
                    step.GoesOn,
                    lane,
                    scratch
                )
        elif lines = 2 then
            TileRow<'I, 'V, 'T, Two>
                .Run(
                    count,
                    step.Count,
                    xAddress,
                    yAddress,
                    &strides,
                    result,
                    lines,
                    lastLanes,
                    step.GoesOn,
                    lane,
                    scratch
                )
        else
            TileRow<'I, 'V, 'T, One>
                .Run(
                    count,
                    step.Count,
                    xAddress,
                    yAddress,
                    &strides,
                    result,
                    lines,
                    lastLanes,
                    step.GoesOn,
                    lane,
                    scratch
                )

    /// The panel for vectors from the first one up to the last of the block.
    member private product.RunPanel(step: inref<ProductStep>, panel: int, block: int, first: int, last: int) =
        let lines = min panelWidth (x.Layout.Lines - panel * panelWidth)
        let inPlace = panelsInPlace[panel]
        let packed = product.PanelAddress(&step, panel)

        let yPacked =
            if y.IsPacked then
                let batch = if y.Layout.Batches = 1 then 0 else step.Batch
                step.Y[0] + nativeint (PackedLayout.panelStart y.Layout batch step.Depth step.Count block) * size
            else
                step.Scratch + yBufferStart

        let yVector = nativeint (step.Count * 'I.Lanes) * size
        let firstPacked = max first vectorsInPlace
        let lastInPlace = min last vectorsInPlace
        let mutable tile = 0

        while tile < lines do
            let line = panel * panelWidth + tile
            let height = min tileLines (lines - tile)

            let struct (xAddress, xLine, xDepth) =
                if inPlace then
                    let struct (line', depth') = x.Strides.Value

                    struct (x.ElementAddress(step.X, step.Batch, line, step.Depth),
                            nativeint line' * size,
                            nativeint depth' * size)
                else
                    struct (packed + nativeint tile * size, size, nativeint panelWidth * size)

            if first < lastInPlace then
                let struct (_, depth') = y.Strides.Value
                let yAddress = y.ElementAddress(step.Y, step.Batch, first * 'I.Lanes, step.Depth)

                product.RunTiles(
                    &step,
                    line,
                    height,
                    xAddress,
                    xLine,
                    xDepth,
                    yAddress,
                    nativeint 'I.Lanes * size,
                    nativeint depth' * size,
                    first,
                    lastInPlace
                )

            if firstPacked < last then
                let yAddress = yPacked + nativeint (firstPacked - block) * yVector

                product.RunTiles(
                    &step,
                    line,
                    height,
                    xAddress,
                    xLine,
                    xDepth,
                    yAddress,
                    yVector,
                    nativeint 'I.Lanes * size,
                    firstPacked,
                    last
                )

            tile <- tile + tileLines

    /// Panels of a batch for a range of vectors; no more panels than a block has.
    member private product.RunPanels
        (
            xs: nativeint[],
            ys: nativeint[],
            result: nativeint,
            scratch: nativeint,
            batch: int,
            firstPanel: int,
            lastPanel: int,
            first: int,
            last: int,
            xIsReady: bool,
            yIsReady: bool
        ) =
        let shared = product.SharedFactors(xs, ys)
        let mutable depth = 0
        let mutable isFirst = true

        while isFirst || depth < shape.Depth do
            let step = {
                X = xs
                Y = ys
                Result = result + nativeint shape.ResultBatch[batch] * size
                Scratch = scratch
                Batch = batch
                Depth = depth
                Count = min depthBlock (shape.Depth - depth)
                GoesOn = shape.Accumulate || not isFirst
            }

            let mutable block = first

            while block < last do
                let blockEnd = min last (block + blockVectors)

                if not (y.IsPacked || yIsReady) then
                    // Later batches may need what the first panel does not.
                    let from = if reusesY then block else max block (firstVector firstPanel)
                    product.PackVectors(&step, block, from, blockEnd)

                let panelEnd = min lastPanel (panelAfter blockEnd)

                let mutable packed =
                    if x.IsPacked || xIsReady || allPanelsInPlace then lastPanel
                    elif block > first then max firstPanel (panelAfter block)
                    else firstPanel

                for panel in firstPanel .. panelEnd - 1 do
                    if panel = packed then
                        packed <- min panelEnd (panel + panelsAtOnce)
                        product.PackPanels(&step, block, panel, packed, shared)

                    product.RunPanel(&step, panel, block, max block (firstVector panel), blockEnd)

                block <- blockEnd

            depth <- depth + step.Count
            isFirst <- false

    /// Copies what the panel has right of the diagonal to below it.
    member private _.Mirror(result: nativeint, panel: int, tables: FactorTables) =
        let row = panel * panelWidth
        let rowAfter = min (row + panelWidth) shape.Rows
        let stride = nativeint shape.ResultStride * size
        let element i j = NativePtr.ofNativeInt<'T>(result + nativeint i * stride + nativeint j * size)

        for i in row .. rowAfter - 1 do
            for j in i + 1 .. rowAfter - 1 do
                NativePtr.write (element j i) (NativePtr.read (element i j))

        if rowAfter < shape.Rows then
            for strip in row / 'I.Lanes .. rowAfter / 'I.Lanes - 1 do
                let target = result + nativeint rowAfter * stride + nativeint (strip * 'I.Lanes) * size

                StripPacking<'I, 'V, 'T, Write>
                    .Pack(result, tables, strip, 'I.Lanes, rowAfter, shape.Rows - rowAfter, target, stride, 0n)

    /// Panels of a batch for a range of vectors.
    member private product.RunBatch
        (
            xs: nativeint[],
            ys: nativeint[],
            result: nativeint,
            scratch: nativeint,
            batch: int,
            firstPanel: int,
            lastPanel: int,
            first: int,
            last: int,
            xIsReady: bool,
            yIsReady: bool
        ) =
        let mutable panel = firstPanel

        while panel < lastPanel do
            let blockEnd = min lastPanel (panel + blockPanels)
            product.RunPanels(xs, ys, result, scratch, batch, panel, blockEnd, first, last, xIsReady, yIsReady)
            panel <- blockEnd

        match mirrored with
        | ValueSome tables ->
            for panel in firstPanel .. lastPanel - 1 do
                product.Mirror(result + nativeint shape.ResultBatch[batch] * size, panel, tables)
        | ValueNone -> ()

    interface IMatrixProduct with
        member _.WorkspaceSize parts = partSize * parts

        member product.Run(left, right, result, workspace, part, parts) =
            let xs, ys = if isTurned then right, left else left, right
            let scratch = workspace + nativeint part * nativeint partSize * size

            if shape.Batches > 0 && panels > 0 && vectors > 0 then
                let units = shape.Batches * panels

                if not shape.Symmetric && units < 2 * parts && vectors > units then
                    let first, last = vectors * part / parts, vectors * (part + 1) / parts

                    for batch in 0 .. shape.Batches - 1 do
                        let isReady = batch > 0

                        product.RunBatch(
                            xs,
                            ys,
                            result,
                            scratch,
                            batch,
                            0,
                            panels,
                            first,
                            last,
                            reusesX && isReady,
                            reusesY && isReady
                        )
                else
                    let struct (firstBatch, firstPanel) = product.Start(part, parts)
                    let struct (lastBatch, lastPanel) = product.Start(part + 1, parts)

                    for batch in firstBatch .. (if lastPanel > 0 then lastBatch else lastBatch - 1) do
                        let from = if batch = firstBatch then firstPanel else 0
                        let upTo = if batch = lastBatch then lastPanel else panels
                        let yIsReady = reusesY && batch > firstBatch
                        // The first batch may have begun in the middle.
                        let xIsReady = reusesX && (batch > firstBatch + 1 || (batch > firstBatch && firstPanel = 0))
                        product.RunBatch(xs, ys, result, scratch, batch, from, upTo, 0, vectors, xIsReady, yIsReady)

            // The tables are not moved, but would be freed with the product.
            GC.KeepAlive product

        member _.LeftLayout = if isTurned then y.Layout else x.Layout
        member _.RightLayout = if isTurned then x.Layout else y.Layout
        member _.PackLeft addresses = if isTurned then y.PackAll addresses else x.PackAll addresses
        member _.PackRight addresses = if isTurned then x.PackAll addresses else y.PackAll addresses

[<RequireQualifiedAccess>]
module internal PackedProduct =

    let private double set shape : IMatrixProduct =
        match set with
        | Avx512 -> PackedProduct<Vectors512<float>, Vector512<float>, float> shape
        | Avx2 -> PackedProduct<Vectors256<float>, Vector256<float>, float> shape
        | AdvSimd -> PackedProduct<FusedVectors128<float>, Vector128<float>, float> shape
        | Portable -> PackedProduct<Vectors128<float>, Vector128<float>, float> shape

    let private single set shape : IMatrixProduct =
        match set with
        | Avx512 -> PackedProduct<Vectors512<float32>, Vector512<float32>, float32> shape
        | Avx2 -> PackedProduct<Vectors256<float32>, Vector256<float32>, float32> shape
        | AdvSimd -> PackedProduct<FusedVectors128<float32>, Vector128<float32>, float32> shape
        | Portable -> PackedProduct<Vectors128<float32>, Vector128<float32>, float32> shape

    /// The products of a shape, in double or single precision.
    let create<'T when 'T: unmanaged> (set: InstructionSet) (shape: MatrixProductShape) : IMatrixProduct =
        if Numbers.isDouble<'T> then double set shape else single set shape
