namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members: how one kernel serves every instruction set.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System
open System.Runtime.Intrinsics
open Interact.Core

/// Where a product stands.
[<Struct; NoEquality; NoComparison>]
type internal ProductStep = {
    /// The addresses it was given.
    X: nativeint[]
    Y: nativeint[]
    Scratch: nativeint
    Batch: int
    /// The result of the batch.
    Result: nativeint
    /// The panels and vectors that are wanted, up to the last ones, which are not.
    FirstPanel: int
    LastPanel: int
    FirstVector: int
    LastVector: int
    /// Whether an earlier batch has left the packed panels or vectors.
    XIsReady: bool
    YIsReady: bool
    /// The depths of a block, and whether sums start from what the result holds.
    Depth: int
    Count: int
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

    // A tile that the result has no room for.
    let tile = tileLines * 3 * 'I.Lanes
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

    let mirror =
        Mirror<'I, 'V, 'T>((if shape.Symmetric then shape.Rows else 0), shape.ResultStride, panelWidth)

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

                let target = step.Scratch + yBufferStart + start
                y.Pack(step.Y, step.Batch, vector, step.Depth + depth, count, target, 0, 0n)

            depth <- depth + count

    member private _.PanelAddress(step: inref<ProductStep>, panel: int) =
        if x.IsPacked then
            let batch = if x.Layout.Batches = 1 then 0 else step.Batch
            step.X[0] + nativeint (PackedLayout.panelStart x.Layout batch step.Depth step.Count panel) * size
        else
            let slot = if panelSlots = 1 then 0 else panel % panelSlots
            step.Scratch + nativeint (slot * panelWidth * step.Count) * size

    /// The packed vectors of a block.
    member private _.BlockAddress(step: inref<ProductStep>, block: int) =
        if y.IsPacked then
            let batch = if y.Layout.Batches = 1 then 0 else step.Batch
            step.Y[0] + nativeint (PackedLayout.panelStart y.Layout batch step.Depth step.Count block) * size
        else
            step.Scratch + yBufferStart

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

    /// The tiles of the lines from the given one on, for a range of vectors.
    member private _.RunTiles
        (step: inref<ProductStep>, line: int, lines: int, source: inref<TileSource>, first: int, last: int)
        =
        let lanes = (if last = vectors then y.Layout.Lines else last * 'I.Lanes) - first * 'I.Lanes
        let lane = nativeint resultY * size
        let lineStride = nativeint resultX * size
        let scratch = step.Scratch + tileStart

        let target = {
            Address = step.Result + nativeint line * lineStride + nativeint (first * 'I.Lanes) * lane
            Line = lineStride
            Lines = lines
            GoesOn = step.GoesOn
            Next = 0n
        }

        if tileLines = 8 && lines > 4 then
            TileRow<'I, 'V, 'T, Eight>.Run(lanes, step.Count, &source, &target, lane, scratch)
        elif lines > 2 then
            TileRow<'I, 'V, 'T, Four>.Run(lanes, step.Count, &source, &target, lane, scratch)
        elif lines = 2 then
            TileRow<'I, 'V, 'T, Two>.Run(lanes, step.Count, &source, &target, lane, scratch)
        else
            TileRow<'I, 'V, 'T, One>.Run(lanes, step.Count, &source, &target, lane, scratch)

    /// The panel for vectors from the first one up to the last of the block.
    member private product.RunPanel(step: inref<ProductStep>, panel: int, block: int, first: int, last: int) =
        let lines = min panelWidth (x.Layout.Lines - panel * panelWidth)
        let inPlace = panelsInPlace[panel]
        let packed = product.PanelAddress(&step, panel)
        let vectorsPacked = product.BlockAddress(&step, block)
        let vectorBytes = nativeint 'I.Lanes * size
        let firstPacked = max first vectorsInPlace
        let lastInPlace = min last vectorsInPlace
        let mutable tile = 0

        while tile < lines do
            let line = panel * panelWidth + tile
            let height = min tileLines (lines - tile)

            let source = {
                X =
                    (if inPlace then
                         x.ElementAddress(step.X, step.Batch, line, step.Depth)
                     else
                         packed + nativeint tile * size)
                XLine = (if inPlace then x.LineBytes else size)
                XDepth = (if inPlace then x.DepthBytes else nativeint panelWidth * size)
                Y = vectorsPacked + nativeint ((firstPacked - block) * step.Count) * vectorBytes
                YVector = nativeint step.Count * vectorBytes
                YDepth = vectorBytes
            }

            if first < lastInPlace then
                let source = {
                    source with
                        Y = y.ElementAddress(step.Y, step.Batch, first * 'I.Lanes, step.Depth)
                        YVector = vectorBytes
                        YDepth = y.DepthBytes
                }

                product.RunTiles(&step, line, height, &source, first, lastInPlace)

            if firstPacked < last then product.RunTiles(&step, line, height, &source, firstPacked, last)
            tile <- tile + tileLines

    /// A block of depths of no more panels than a block has.
    member private product.RunDepths(step: inref<ProductStep>, shared: int) =
        let mutable block = step.FirstVector

        while block < step.LastVector do
            let blockEnd = min step.LastVector (block + blockVectors)

            if not (y.IsPacked || step.YIsReady) then
                // Later batches may need what the first panel does not.
                let from = if reusesY then block else max block (firstVector step.FirstPanel)
                product.PackVectors(&step, block, from, blockEnd)

            let panelEnd = min step.LastPanel (panelAfter blockEnd)

            let mutable packed =
                if x.IsPacked || step.XIsReady || allPanelsInPlace then step.LastPanel
                elif block > step.FirstVector then max step.FirstPanel (panelAfter block)
                else step.FirstPanel

            for panel in step.FirstPanel .. panelEnd - 1 do
                if panel = packed then
                    packed <- min panelEnd (panel + panelsAtOnce)
                    product.PackPanels(&step, block, panel, packed, shared)

                product.RunPanel(&step, panel, block, max block (firstVector panel), blockEnd)

            block <- blockEnd

    /// The panels and vectors of the step, for all depths.
    member private product.RunBatch(step: inref<ProductStep>) =
        let shared = product.SharedFactors(step.X, step.Y)
        let mutable panel = step.FirstPanel

        while panel < step.LastPanel do
            let panelEnd = min step.LastPanel (panel + blockPanels)
            let mutable depth = 0
            let mutable isFirst = true

            while isFirst || depth < shape.Depth do
                let count = min depthBlock (shape.Depth - depth)

                let block = {
                    step with
                        FirstPanel = panel
                        LastPanel = panelEnd
                        Depth = depth
                        Count = count
                        GoesOn = shape.Accumulate || not isFirst
                }

                product.RunDepths(&block, shared)
                depth <- depth + count
                isFirst <- false

            panel <- panelEnd

        if shape.Symmetric then
            for panel in step.FirstPanel .. step.LastPanel - 1 do
                mirror.Panel(step.Result, panel)

    /// The step of a batch before its depths.
    member private _.Step(xs: nativeint[], ys: nativeint[], result: nativeint, scratch: nativeint, batch: int) = {
        X = xs
        Y = ys
        Scratch = scratch
        Batch = batch
        Result = result + nativeint shape.ResultBatch[batch] * size
        FirstPanel = 0
        LastPanel = panels
        FirstVector = 0
        LastVector = vectors
        XIsReady = false
        YIsReady = false
        Depth = 0
        Count = 0
        GoesOn = false
    }

    interface IMatrixProduct<'T> with
        member _.WorkspaceSize parts = partSize * parts

        member product.Run(left, right, result, workspace, part, parts) =
            let xs, ys = if isTurned then right, left else left, right
            let scratch = workspace + nativeint part * nativeint partSize * size
            let units = shape.Batches * panels

            if units = 0 || vectors = 0 then
                ()
            elif not shape.Symmetric && units < 2 * parts && vectors > units then
                // Too few panels to share them out: every part takes some of the vectors.
                for batch in 0 .. shape.Batches - 1 do
                    let step = {
                        product.Step(xs, ys, result, scratch, batch) with
                            FirstVector = vectors * part / parts
                            LastVector = vectors * (part + 1) / parts
                            XIsReady = reusesX && batch > 0
                            YIsReady = reusesY && batch > 0
                    }

                    product.RunBatch &step
            else
                let struct (firstBatch, firstPanel) = product.Start(part, parts)
                let struct (lastBatch, lastPanel) = product.Start(part + 1, parts)

                for batch in firstBatch .. (if lastPanel > 0 then lastBatch else lastBatch - 1) do
                    let step = {
                        product.Step(xs, ys, result, scratch, batch) with
                            FirstPanel = (if batch = firstBatch then firstPanel else 0)
                            LastPanel = (if batch = lastBatch then lastPanel else panels)
                            // The first batch may have begun in the middle.
                            XIsReady = reusesX && batch > firstBatch && (firstPanel = 0 || batch > firstBatch + 1)
                            YIsReady = reusesY && batch > firstBatch
                    }

                    product.RunBatch &step

            // The tables are not moved, but would be freed with the product.
            GC.KeepAlive product

        member _.LeftLayout = if isTurned then y.Layout else x.Layout
        member _.RightLayout = if isTurned then x.Layout else y.Layout
        member _.PackLeft addresses = if isTurned then y.PackAll addresses else x.PackAll addresses
        member _.PackRight addresses = if isTurned then x.PackAll addresses else y.PackAll addresses

[<RequireQualifiedAccess>]
module internal PackedProduct =

    let private double set shape : IMatrixProduct<float> =
        match set with
        | Avx512 -> PackedProduct<Vectors512<float>, Vector512<float>, float> shape
        | Avx2 -> PackedProduct<Vectors256<float>, Vector256<float>, float> shape
        | AdvSimd -> PackedProduct<FusedVectors128<float>, Vector128<float>, float> shape
        | Portable -> PackedProduct<Vectors128<float>, Vector128<float>, float> shape

    let private single set shape : IMatrixProduct<float32> =
        match set with
        | Avx512 -> PackedProduct<Vectors512<float32>, Vector512<float32>, float32> shape
        | Avx2 -> PackedProduct<Vectors256<float32>, Vector256<float32>, float32> shape
        | AdvSimd -> PackedProduct<FusedVectors128<float32>, Vector128<float32>, float32> shape
        | Portable -> PackedProduct<Vectors128<float32>, Vector128<float32>, float32> shape

    /// The products of a shape, in double or single precision.
    let create<'T when 'T: unmanaged> (set: InstructionSet) (shape: MatrixProductShape) : IMatrixProduct<'T> =
        if Numbers.isDouble<'T> then
            unbox<IMatrixProduct<'T>>(double set shape)
        else
            unbox<IMatrixProduct<'T>>(single set shape)
