namespace Interact.Core.Execution

open System.Runtime.CompilerServices

/// How products are divided, and which way they are taken.
[<RequireQualifiedAccess>]
module internal Blocking =

    /// Depths of a block: with these a panel of a cache line's width takes a third of the first cache.
    let private depths = 256

    /// Vectors of a block: with the depths of a block, 512 bits wide, they take half a megabyte of the second cache.
    let vectors = 32

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
