namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members: how one kernel serves every instruction set.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System.Runtime.CompilerServices
open FSharp.NativeInterop

/// Tiles side by side, all of the same lines.
[<AbstractClass; Sealed>]
type internal TileRow<'I, 'V, 'T, 'Lines
    when 'I :> IVectors<'V, 'T>
    and 'Lines :> ICount
    and 'V: struct
    and 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> System.ValueType> =

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Tile(vectors: int, depth: int, source: inref<TileSource>, target: inref<TileTarget>) =
        if vectors = 3 then Tile<'I, 'V, 'T, 'Lines, Three>.Run(depth, &source, &target)
        elif vectors = 2 then Tile<'I, 'V, 'T, 'Lines, Two>.Run(depth, &source, &target)
        else Tile<'I, 'V, 'T, 'Lines, One>.Run(depth, &source, &target)

    // Two and two rather than three and one: one vector alone waits for its sums.
    static member private Taken(vectors: int) = if vectors = 4 then 2 else min vectors 3

    /// Copies lines whose lanes are contiguous.
    static member private Copy
        (lines: int, lanes: int, source: nativeint, sourceLine: nativeint, target: nativeint, targetLine: nativeint)
        =
        let whole = lanes / 'I.Lanes
        let rest = lanes - whole * 'I.Lanes
        let bytes = nativeint ('I.Lanes * sizeof<'T>)

        for i in 0 .. lines - 1 do
            let mutable from = source + nativeint i * sourceLine
            let mutable into = target + nativeint i * targetLine

            for _ in 1..whole do
                'I.Store('I.Load from, into)
                from <- from + bytes
                into <- into + bytes

            if rest > 0 then
                PartialVectors<'I, 'V, 'T>.Store(PartialVectors<'I, 'V, 'T>.Load(from, rest), into, rest)

    /// Copies numbers between lines whose lanes are distances apart.
    static member private Scatter
        (
            lines: int,
            lanes: int,
            source: nativeint,
            sourceLine: nativeint,
            sourceLane: nativeint,
            target: nativeint,
            targetLine: nativeint,
            targetLane: nativeint
        ) =
        for lane in 0 .. lanes - 1 do
            let mutable from = source + nativeint lane * sourceLane
            let mutable into = target + nativeint lane * targetLane

            for _ in 1..lines do
                NativePtr.write (NativePtr.ofNativeInt<'T> into) (NativePtr.read (NativePtr.ofNativeInt<'T> from))
                from <- from + sourceLine
                into <- into + targetLine

    /// So many lanes of the result, which are a distance apart. A tile of which not all lanes exist, or whose lanes are not contiguous,
    /// is computed in scratch memory.
    static member Run
        (
            lanes: int,
            depth: int,
            source: inref<TileSource>,
            target: inref<TileTarget>,
            lane: nativeint,
            scratch: nativeint
        ) =
        let isScattered = lane <> nativeint sizeof<'T>
        let mutable source = source
        let mutable tile = target
        let mutable result = target.Address
        let mutable remaining = lanes

        while remaining > 0 do
            let vectors = TileRow<'I, 'V, 'T, 'Lines>.Taken((remaining + 'I.Lanes - 1) / 'I.Lanes)
            let present = min remaining (vectors * 'I.Lanes)

            if isScattered || present < vectors * 'I.Lanes then
                tile.Address <- scratch
                tile.Line <- nativeint (vectors * 'I.Lanes * sizeof<'T>)
                tile.Next <- scratch

                if isScattered then
                    let adjacent = nativeint sizeof<'T>

                    if tile.GoesOn then
                        TileRow<'I, 'V, 'T, 'Lines>
                            .Scatter(tile.Lines, present, result, target.Line, lane, scratch, tile.Line, adjacent)

                    TileRow<'I, 'V, 'T, 'Lines>.Tile(vectors, depth, &source, &tile)

                    TileRow<'I, 'V, 'T, 'Lines>
                        .Scatter(tile.Lines, present, scratch, tile.Line, adjacent, result, target.Line, lane)
                else
                    if tile.GoesOn then
                        TileRow<'I, 'V, 'T, 'Lines>.Copy(tile.Lines, present, result, target.Line, scratch, tile.Line)

                    TileRow<'I, 'V, 'T, 'Lines>.Tile(vectors, depth, &source, &tile)
                    TileRow<'I, 'V, 'T, 'Lines>.Copy(tile.Lines, present, scratch, tile.Line, result, target.Line)
            else
                tile.Address <- result

                // After the last tile come those of the lines below.
                tile.Next <-
                    if present < remaining then
                        result + nativeint present * lane
                    else
                        target.Address + nativeint 'Lines.Value * target.Line

                TileRow<'I, 'V, 'T, 'Lines>.Tile(vectors, depth, &source, &tile)

            source.Y <- source.Y + nativeint vectors * source.YVector
            result <- result + nativeint present * lane
            remaining <- remaining - present
