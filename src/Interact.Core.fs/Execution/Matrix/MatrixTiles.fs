namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members: how one kernel serves every instruction set.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System.Runtime.CompilerServices
open FSharp.NativeInterop

/// A number known when a kernel is compiled.
type internal ICount =
    static abstract Value: int

[<Struct>]
type internal One =
    interface ICount with
        static member Value = 1

[<Struct>]
type internal Two =
    interface ICount with
        static member Value = 2

[<Struct>]
type internal Three =
    interface ICount with
        static member Value = 3

[<Struct>]
type internal Four =
    interface ICount with
        static member Value = 4

[<Struct>]
type internal Eight =
    interface ICount with
        static member Value = 8

/// Where a tile reads and writes: distances in bytes.
[<Struct>]
type internal TileStrides = {
    /// From a broadcast line to the next, and from a depth to the next, on the side whose numbers are repeated.
    XLine: nativeint
    XDepth: nativeint
    /// From a vector to the next, and from a depth to the next, on the side that is read as vectors.
    YVector: nativeint
    YDepth: nativeint
    /// From a line of the result to the next.
    Result: nativeint
}

/// Up to three vectors of sums: one line of a tile.
[<Struct; NoEquality; NoComparison>]
type internal TileLine<'V> = { mutable First: 'V; mutable Second: 'V; mutable Third: 'V }

/// The lines of tiles of so many vectors.
[<AbstractClass; Sealed>]
type internal TileLines<'I, 'V, 'T, 'Vectors
    when 'I :> IVectors<'V, 'T>
    and 'Vectors :> ICount
    and 'V: struct
    and 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> System.ValueType> =

    static member Bytes = nativeint ('I.Lanes * sizeof<'T>)

    static member Zero: TileLine<'V> = { First = 'I.Zero; Second = 'I.Zero; Third = 'I.Zero }

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Load(address: nativeint, lastLanes: int) : TileLine<'V> =
        let bytes = TileLines<'I, 'V, 'T, 'Vectors>.Bytes

        let inline last address =
            if lastLanes = 'I.Lanes then
                'I.Load address
            else
                PartialVectors<'I, 'V, 'T>.Load(address, lastLanes)

        if 'Vectors.Value = 1 then
            { First = last address; Second = 'I.Zero; Third = 'I.Zero }
        elif 'Vectors.Value = 2 then
            { First = 'I.Load address; Second = last (address + bytes); Third = 'I.Zero }
        else
            {
                First = 'I.Load address
                Second = 'I.Load(address + bytes)
                Third = last (address + bytes + bytes)
            }

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Store(line: inref<TileLine<'V>>, address: nativeint, lastLanes: int) =
        let bytes = TileLines<'I, 'V, 'T, 'Vectors>.Bytes

        let inline last (value: 'V) (address: nativeint) =
            if lastLanes = 'I.Lanes then
                'I.Store(value, address)
            else
                PartialVectors<'I, 'V, 'T>.Store(value, address, lastLanes)

        if 'Vectors.Value = 1 then
            last line.First address
        elif 'Vectors.Value = 2 then
            'I.Store(line.First, address)
            last line.Second (address + bytes)
        else
            'I.Store(line.First, address)
            'I.Store(line.Second, address + bytes)
            last line.Third (address + bytes + bytes)

    /// Asks for the line at the address.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member LookAhead(address: nativeint) =
        let bytes = TileLines<'I, 'V, 'T, 'Vectors>.Bytes
        Prefetch.Read address
        if 'Vectors.Value >= 2 then Prefetch.Read(address + bytes)
        if 'Vectors.Value >= 3 then Prefetch.Read(address + bytes + bytes)

    /// line += x·y, where x is the number at the address.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Accumulate(line: byref<TileLine<'V>>, address: nativeint, y: inref<TileLine<'V>>) =
        let x = 'I.Repeat(NativePtr.read (NativePtr.ofNativeInt<'T> address))
        line.First <- 'I.MultiplyAdd(x, y.First, line.First)

        if 'Vectors.Value >= 2 then line.Second <- 'I.MultiplyAdd(x, y.Second, line.Second)

        if 'Vectors.Value >= 3 then line.Third <- 'I.MultiplyAdd(x, y.Third, line.Third)

/// The kernel of all matrix products: a tile of the result held in registers while the depth passes by.
///
///     for k: for i < lines: for j: result[i, j] += x[i, k] · y[k, j]
///
/// There are at most eight lines, and one to three vectors in each. Every sum is one chain of multiply-adds in ascending k.
[<AbstractClass; Sealed>]
type internal Tile<'I, 'V, 'T, 'Lines, 'Vectors
    when 'I :> IVectors<'V, 'T>
    and 'Lines :> ICount
    and 'Vectors :> ICount
    and 'V: struct
    and 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> System.ValueType> =

    /// Lines that are not wanted are computed nevertheless, and not stored; so are the lanes of the last vector. With goesOn the sums
    /// start from what the result holds, otherwise from zero. The tile after this one will be at the next address.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Run
        (
            depth: int,
            x: nativeint,
            y: nativeint,
            strides: inref<TileStrides>,
            result: nativeint,
            next: nativeint,
            lines: int,
            lastLanes: int,
            goesOn: bool
        ) =
        let resultLine = strides.Result

        if depth >= 64 then
            let mutable at = next

            for _ in 1 .. 'Lines.Value do
                TileLines<'I, 'V, 'T, 'Vectors>.LookAhead at
                at <- at + resultLine

        let mutable r0 = TileLines<'I, 'V, 'T, 'Vectors>.Zero
        let mutable r1 = TileLines<'I, 'V, 'T, 'Vectors>.Zero
        let mutable r2 = TileLines<'I, 'V, 'T, 'Vectors>.Zero
        let mutable r3 = TileLines<'I, 'V, 'T, 'Vectors>.Zero
        let mutable r4 = TileLines<'I, 'V, 'T, 'Vectors>.Zero
        let mutable r5 = TileLines<'I, 'V, 'T, 'Vectors>.Zero
        let mutable r6 = TileLines<'I, 'V, 'T, 'Vectors>.Zero
        let mutable r7 = TileLines<'I, 'V, 'T, 'Vectors>.Zero

        if goesOn then
            let mutable at = result
            r0 <- TileLines<'I, 'V, 'T, 'Vectors>.Load(at, lastLanes)

            if 'Lines.Value > 1 && lines > 1 then
                at <- at + resultLine
                r1 <- TileLines<'I, 'V, 'T, 'Vectors>.Load(at, lastLanes)

            if 'Lines.Value > 2 && lines > 2 then
                at <- at + resultLine
                r2 <- TileLines<'I, 'V, 'T, 'Vectors>.Load(at, lastLanes)

            if 'Lines.Value > 3 && lines > 3 then
                at <- at + resultLine
                r3 <- TileLines<'I, 'V, 'T, 'Vectors>.Load(at, lastLanes)

            if 'Lines.Value > 4 && lines > 4 then
                at <- at + resultLine
                r4 <- TileLines<'I, 'V, 'T, 'Vectors>.Load(at, lastLanes)

            if 'Lines.Value > 5 && lines > 5 then
                at <- at + resultLine
                r5 <- TileLines<'I, 'V, 'T, 'Vectors>.Load(at, lastLanes)

            if 'Lines.Value > 6 && lines > 6 then
                at <- at + resultLine
                r6 <- TileLines<'I, 'V, 'T, 'Vectors>.Load(at, lastLanes)

            if 'Lines.Value > 7 && lines > 7 then
                at <- at + resultLine
                r7 <- TileLines<'I, 'V, 'T, 'Vectors>.Load(at, lastLanes)

        let xLine = strides.XLine
        let xLine3 = xLine + xLine + xLine
        let xDepth = strides.XDepth
        // About as long as the memory beyond the second cache takes.
        let ahead = xDepth * 48n
        let yVector = strides.YVector
        let yDepth = strides.YDepth
        let mutable x0 = x
        let mutable x4 = x + xLine3 + xLine
        let mutable y = y
        let mutable remaining = depth

        while remaining > 0 do
            if 'Lines.Value = 8 && 'Vectors.Value >= 2 then Prefetch.Read(x0 + ahead)

            let mutable b: TileLine<'V> = {
                First = 'I.Load y
                Second = (if 'Vectors.Value >= 2 then 'I.Load(y + yVector) else 'I.Zero)
                Third = (if 'Vectors.Value >= 3 then 'I.Load(y + yVector * 2n) else 'I.Zero)
            }

            TileLines<'I, 'V, 'T, 'Vectors>.Accumulate(&r0, x0, &b)

            if 'Lines.Value >= 2 then TileLines<'I, 'V, 'T, 'Vectors>.Accumulate(&r1, x0 + xLine, &b)

            if 'Lines.Value >= 4 then
                TileLines<'I, 'V, 'T, 'Vectors>.Accumulate(&r2, x0 + xLine * 2n, &b)
                TileLines<'I, 'V, 'T, 'Vectors>.Accumulate(&r3, x0 + xLine3, &b)

            if 'Lines.Value >= 8 then
                TileLines<'I, 'V, 'T, 'Vectors>.Accumulate(&r4, x4, &b)
                TileLines<'I, 'V, 'T, 'Vectors>.Accumulate(&r5, x4 + xLine, &b)
                TileLines<'I, 'V, 'T, 'Vectors>.Accumulate(&r6, x4 + xLine * 2n, &b)
                TileLines<'I, 'V, 'T, 'Vectors>.Accumulate(&r7, x4 + xLine3, &b)
                x4 <- x4 + xDepth

            x0 <- x0 + xDepth
            y <- y + yDepth
            remaining <- remaining - 1

        let mutable at = result
        TileLines<'I, 'V, 'T, 'Vectors>.Store(&r0, at, lastLanes)

        if 'Lines.Value > 1 && lines > 1 then
            at <- at + resultLine
            TileLines<'I, 'V, 'T, 'Vectors>.Store(&r1, at, lastLanes)

        if 'Lines.Value > 2 && lines > 2 then
            at <- at + resultLine
            TileLines<'I, 'V, 'T, 'Vectors>.Store(&r2, at, lastLanes)

        if 'Lines.Value > 3 && lines > 3 then
            at <- at + resultLine
            TileLines<'I, 'V, 'T, 'Vectors>.Store(&r3, at, lastLanes)

        if 'Lines.Value > 4 && lines > 4 then
            at <- at + resultLine
            TileLines<'I, 'V, 'T, 'Vectors>.Store(&r4, at, lastLanes)

        if 'Lines.Value > 5 && lines > 5 then
            at <- at + resultLine
            TileLines<'I, 'V, 'T, 'Vectors>.Store(&r5, at, lastLanes)

        if 'Lines.Value > 6 && lines > 6 then
            at <- at + resultLine
            TileLines<'I, 'V, 'T, 'Vectors>.Store(&r6, at, lastLanes)

        if 'Lines.Value > 7 && lines > 7 then
            at <- at + resultLine
            TileLines<'I, 'V, 'T, 'Vectors>.Store(&r7, at, lastLanes)

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

    /// Moves the lanes of a tile to a result whose lanes are apart, or back.
    static member private Move
        (tile: nativeint, tileLine: nativeint, result: nativeint, line: nativeint, lane: nativeint, lines, lanes, isBack) =
        for j in 0 .. lanes - 1 do
            let mutable inTile = tile + nativeint (j * sizeof<'T>)
            let mutable inResult = result + nativeint j * lane

            for _ in 1..lines do
                let source, target = if isBack then inResult, inTile else inTile, inResult
                NativePtr.write (NativePtr.ofNativeInt<'T> target) (NativePtr.read (NativePtr.ofNativeInt<'T> source))
                inTile <- inTile + tileLine
                inResult <- inResult + line

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Tile
        (
            vectors: int,
            depth: int,
            x: nativeint,
            y: nativeint,
            strides: inref<TileStrides>,
            result: nativeint,
            next: nativeint,
            lines: int,
            lastLanes: int,
            goesOn: bool
        ) =
        if vectors = 3 then
            Tile<'I, 'V, 'T, 'Lines, Three>.Run(depth, x, y, &strides, result, next, lines, lastLanes, goesOn)
        elif vectors = 2 then
            Tile<'I, 'V, 'T, 'Lines, Two>.Run(depth, x, y, &strides, result, next, lines, lastLanes, goesOn)
        else
            Tile<'I, 'V, 'T, 'Lines, One>.Run(depth, x, y, &strides, result, next, lines, lastLanes, goesOn)

    /// So many vectors of the result. Lanes of the result are contiguous if there is no scratch memory, and otherwise a distance apart.
    static member Run
        (
            vectors: int,
            depth: int,
            x: nativeint,
            y: nativeint,
            strides: inref<TileStrides>,
            result: nativeint,
            lines: int,
            lastLanes: int,
            goesOn: bool,
            lane: nativeint,
            scratch: nativeint
        ) =
        let rowStart = result
        let mutable y = y
        let mutable result = result
        let mutable remaining = vectors

        while remaining > 0 do
            // Two and two rather than three and one: one vector alone waits for its sums.
            let taken = if remaining = 4 then 2 else min remaining 3
            let lastLanes = if taken = remaining then lastLanes else 'I.Lanes

            if scratch = 0n then
                let next =
                    if taken < remaining then
                        result + nativeint (taken * 'I.Lanes) * lane
                    else
                        rowStart + nativeint 'Lines.Value * strides.Result

                TileRow<'I, 'V, 'T, 'Lines>.Tile(taken, depth, x, y, &strides, result, next, lines, lastLanes, goesOn)
            else
                let tileLine = nativeint (taken * 'I.Lanes * sizeof<'T>)
                let inScratch = { strides with Result = tileLine }
                let lanes = (taken - 1) * 'I.Lanes + lastLanes

                if goesOn then
                    TileRow<'I, 'V, 'T, 'Lines>
                        .Move(scratch, tileLine, result, strides.Result, lane, lines, lanes, true)

                TileRow<'I, 'V, 'T, 'Lines>
                    .Tile(taken, depth, x, y, &inScratch, scratch, scratch, lines, 'I.Lanes, goesOn)

                TileRow<'I, 'V, 'T, 'Lines>.Move(scratch, tileLine, result, strides.Result, lane, lines, lanes, false)

            y <- y + nativeint taken * strides.YVector
            result <- result + nativeint (taken * 'I.Lanes) * lane
            remaining <- remaining - taken
