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

/// What a tile reads: addresses, and distances in bytes.
[<Struct; NoEquality; NoComparison>]
type internal TileSource = {
    /// The side whose numbers are repeated, and the distances from line to line and from depth to depth.
    X: nativeint
    XLine: nativeint
    XDepth: nativeint
    /// The side that is read as vectors, and the distances from vector to vector and from depth to depth.
    mutable Y: nativeint
    YVector: nativeint
    YDepth: nativeint
}

/// What a tile writes.
[<Struct; NoEquality; NoComparison>]
type internal TileTarget = {
    mutable Address: nativeint
    /// From line to line, in bytes.
    mutable Line: nativeint
    /// Lines that exist; the others are computed nevertheless, and not stored.
    Lines: int
    /// Whether the sums start from what the result holds, and not from zero.
    GoesOn: bool
    /// Where the next tile will be.
    mutable Next: nativeint
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

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Load(line: byref<TileLine<'V>>, address: nativeint, vectorBytes: nativeint) =
        line.First <- 'I.Load address
        if 'Vectors.Value >= 2 then line.Second <- 'I.Load(address + vectorBytes)
        if 'Vectors.Value >= 3 then line.Third <- 'I.Load(address + vectorBytes * 2n)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Store(line: inref<TileLine<'V>>, address: nativeint) =
        let bytes = TileLines<'I, 'V, 'T, 'Vectors>.Bytes
        'I.Store(line.First, address)
        if 'Vectors.Value >= 2 then 'I.Store(line.Second, address + bytes)
        if 'Vectors.Value >= 3 then 'I.Store(line.Third, address + bytes + bytes)

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

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Run(depth: int, source: inref<TileSource>, target: inref<TileTarget>) =
        let result = target.Address
        let resultLine = target.Line
        let lines = target.Lines
        let bytes = TileLines<'I, 'V, 'T, 'Vectors>.Bytes

        // A short tile is over before memory answers.
        if depth >= 64 then
            let mutable at = target.Next

            for _ in 1 .. 'Lines.Value do
                TileLines<'I, 'V, 'T, 'Vectors>.LookAhead at
                at <- at + resultLine

        let mutable r0 = Unchecked.defaultof<TileLine<'V>>
        let mutable r1 = Unchecked.defaultof<TileLine<'V>>
        let mutable r2 = Unchecked.defaultof<TileLine<'V>>
        let mutable r3 = Unchecked.defaultof<TileLine<'V>>
        let mutable r4 = Unchecked.defaultof<TileLine<'V>>
        let mutable r5 = Unchecked.defaultof<TileLine<'V>>
        let mutable r6 = Unchecked.defaultof<TileLine<'V>>
        let mutable r7 = Unchecked.defaultof<TileLine<'V>>

        if target.GoesOn then
            let mutable at = result
            TileLines<'I, 'V, 'T, 'Vectors>.Load(&r0, at, bytes)

            if 'Lines.Value > 1 && lines > 1 then
                at <- at + resultLine
                TileLines<'I, 'V, 'T, 'Vectors>.Load(&r1, at, bytes)

            if 'Lines.Value > 2 && lines > 2 then
                at <- at + resultLine
                TileLines<'I, 'V, 'T, 'Vectors>.Load(&r2, at, bytes)

            if 'Lines.Value > 3 && lines > 3 then
                at <- at + resultLine
                TileLines<'I, 'V, 'T, 'Vectors>.Load(&r3, at, bytes)

            if 'Lines.Value > 4 && lines > 4 then
                at <- at + resultLine
                TileLines<'I, 'V, 'T, 'Vectors>.Load(&r4, at, bytes)

            if 'Lines.Value > 5 && lines > 5 then
                at <- at + resultLine
                TileLines<'I, 'V, 'T, 'Vectors>.Load(&r5, at, bytes)

            if 'Lines.Value > 6 && lines > 6 then
                at <- at + resultLine
                TileLines<'I, 'V, 'T, 'Vectors>.Load(&r6, at, bytes)

            if 'Lines.Value > 7 && lines > 7 then
                at <- at + resultLine
                TileLines<'I, 'V, 'T, 'Vectors>.Load(&r7, at, bytes)

        let xLine = source.XLine
        let xLine3 = xLine + xLine + xLine
        let xDepth = source.XDepth
        // About as long as the memory beyond the second cache takes.
        let ahead = xDepth * 48n
        let yVector = source.YVector
        let yDepth = source.YDepth
        let mutable x0 = source.X
        let mutable x4 = source.X + xLine3 + xLine
        let mutable y = source.Y
        let mutable b = Unchecked.defaultof<TileLine<'V>>
        let mutable remaining = depth

        while remaining > 0 do
            if 'Lines.Value = 8 && 'Vectors.Value >= 2 then Prefetch.Read(x0 + ahead)

            TileLines<'I, 'V, 'T, 'Vectors>.Load(&b, y, yVector)
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
        TileLines<'I, 'V, 'T, 'Vectors>.Store(&r0, at)

        if 'Lines.Value > 1 && lines > 1 then
            at <- at + resultLine
            TileLines<'I, 'V, 'T, 'Vectors>.Store(&r1, at)

        if 'Lines.Value > 2 && lines > 2 then
            at <- at + resultLine
            TileLines<'I, 'V, 'T, 'Vectors>.Store(&r2, at)

        if 'Lines.Value > 3 && lines > 3 then
            at <- at + resultLine
            TileLines<'I, 'V, 'T, 'Vectors>.Store(&r3, at)

        if 'Lines.Value > 4 && lines > 4 then
            at <- at + resultLine
            TileLines<'I, 'V, 'T, 'Vectors>.Store(&r4, at)

        if 'Lines.Value > 5 && lines > 5 then
            at <- at + resultLine
            TileLines<'I, 'V, 'T, 'Vectors>.Store(&r5, at)

        if 'Lines.Value > 6 && lines > 6 then
            at <- at + resultLine
            TileLines<'I, 'V, 'T, 'Vectors>.Store(&r6, at)

        if 'Lines.Value > 7 && lines > 7 then
            at <- at + resultLine
            TileLines<'I, 'V, 'T, 'Vectors>.Store(&r7, at)
