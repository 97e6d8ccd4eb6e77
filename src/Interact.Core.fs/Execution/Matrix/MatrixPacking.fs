namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members: how one kernel serves every instruction set.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open FSharp.NativeInterop

/// How the lines of a strip are read; a strip is as many lines as a vector has lanes.
type internal StripKind =
    /// The lines stand side by side: a depth is a vector.
    | Adjacent = 0
    /// The lines are one: a depth is a number, repeated.
    | Repeated = 1
    /// The depths of a line stand side by side, at least some of them: blocks are transposed.
    | Transposed = 2
    /// Every number is fetched, once for a run of depths that share it.
    | Gathered = 3

/// A factor with what is known about its offsets.
[<Sealed>]
type internal FactorTables(factor: MatrixFactor, lanes: int, panelWidth: int) =
    let lines = factor.Lines.Length
    let depth = factor.Depth.Length
    let strips = (lines + panelWidth - 1) / panelWidth * (panelWidth / lanes)

    // Lines past the end repeat the last: they are computed with the others, and never stored. A strip more, for looking ahead.
    let padded =
        let padding = if lines = 0 then 0 else (strips + 1) * lanes
        OffsetTable(Array.init padding (fun i -> factor.Lines[min i (lines - 1)]))

    // How many depths from here on stand side by side.
    let runs =
        let runs = Array.create depth 1

        for k in depth - 2 .. -1 .. 0 do
            if factor.Depth[k + 1] = factor.Depth[k] + 1 then runs[k] <- runs[k + 1] + 1

        runs

    let runsAreLong = depth > 0 && runs |> Array.exists (fun run -> run >= 4)

    let kind strip =
        let first = strip * lanes
        let offset i = padded.Array[first + i] - padded.Array[first]
        let present = min lanes (lines - first)

        if Seq.forall (fun i -> offset i = 0) (seq { 1 .. lanes - 1 }) then StripKind.Repeated
        elif Seq.forall (fun i -> offset i = i) (seq { 1 .. present - 1 }) then StripKind.Adjacent
        elif runsAreLong then StripKind.Transposed
        else StripKind.Gathered

    // Below this the caches hold the factor, and fetch it in time.
    let isLarge = int64 lines * int64 depth > 65536L

    let depthTable = OffsetTable factor.Depth
    let runTable = OffsetTable runs
    let kinds = Array.init strips kind

    member _.Factor = factor
    member _.Batch = factor.Batch
    member _.Lines = padded.Address
    member _.Depth = depthTable.Address
    member _.Runs = runTable.Address
    member _.Kinds = kinds

    /// Whether reading a strip is worth asking for the next one.
    member _.LooksAhead = isLarge

    /// How many depths of a strip should be read before those of the next strip, so that neighbours of adjacent lines stay in the cache.
    member _.DepthsAtOnce =
        if kinds.Length < 2 || kinds[0] <> StripKind.Adjacent then Int32.MaxValue
        elif isLarge then 32
        else 64

/// Whether a factor is the first, which is written, or a further one, which is multiplied into what is there.
type internal IPackingMode =
    static abstract Multiplies: bool

[<Struct>]
type internal Write =
    interface IPackingMode with
        static member Multiplies = false

[<Struct>]
type internal MultiplyInto =
    interface IPackingMode with
        static member Multiplies = true

/// Packs strips: a strip of a factor becomes a vector for each depth. Each function replaces
///
///     for k < count: for lane: strip[k, lane] (= or *=) source[Lines[lane] + Depth[k]]
[<AbstractClass; Sealed>]
type internal StripPacking<'I, 'V, 'T, 'Mode
    when 'I :> IVectors<'V, 'T>
    and 'Mode :> IPackingMode
    and 'V: struct
    and 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> ValueType> =

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Put(value: 'V, address: nativeint, origin: nativeint) =
        if 'Mode.Multiplies then
            'I.Store('I.Multiply('I.Load(address + origin), value), address)
        else
            'I.Store(value, address)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private PutNumber(source: nativeint, address: nativeint, origin: nativeint) =
        let value = NativePtr.read (NativePtr.ofNativeInt<'T> source)
        let target = NativePtr.ofNativeInt<'T> address

        if 'Mode.Multiplies then
            let other = NativePtr.read (NativePtr.ofNativeInt<'T>(address + origin))

            if Numbers.isDouble<'T> then
                let product = Unsafe.BitCast<'T, float> other * Unsafe.BitCast<'T, float> value
                NativePtr.write target (Unsafe.BitCast<float, 'T> product)
            else
                let product = Unsafe.BitCast<'T, float32> other * Unsafe.BitCast<'T, float32> value
                NativePtr.write target (Unsafe.BitCast<float32, 'T> product)
        else
            NativePtr.write target value

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Offset(table: nativeptr<int>, index: int) =
        nativeint (NativePtr.get table index) * nativeint sizeof<'T>

    /// Lines that stand side by side.
    static member Adjacent
        (
            source: nativeint,
            depth: nativeptr<int>,
            count: int,
            present: int,
            strip: nativeint,
            step: nativeint,
            origin: nativeint,
            looksAhead: bool
        ) =
        let mutable strip = strip

        if present >= 'I.Lanes then
            for k in 0 .. count - 1 do
                let from = source + StripPacking<'I, 'V, 'T, 'Mode>.Offset(depth, k)
                if looksAhead then Prefetch.Read(from + 2n * step)
                StripPacking<'I, 'V, 'T, 'Mode>.Put('I.Load from, strip, origin)
                strip <- strip + step
        else
            for k in 0 .. count - 1 do
                let from = source + StripPacking<'I, 'V, 'T, 'Mode>.Offset(depth, k)
                StripPacking<'I, 'V, 'T, 'Mode>.Put(PartialVectors<'I, 'V, 'T>.Load(from, present), strip, origin)
                strip <- strip + step

    /// One line repeated.
    static member Repeated
        (source: nativeint, depth: nativeptr<int>, count: int, strip: nativeint, step: nativeint, origin: nativeint)
        =
        let mutable strip = strip

        for k in 0 .. count - 1 do
            let from = source + StripPacking<'I, 'V, 'T, 'Mode>.Offset(depth, k)

            StripPacking<'I, 'V, 'T, 'Mode>
                .Put('I.Repeat(NativePtr.read (NativePtr.ofNativeInt<'T> from)), strip, origin)

            strip <- strip + step

    /// Any lines.
    static member Gathered
        (
            source: nativeint,
            lines: nativeptr<int>,
            depth: nativeptr<int>,
            count: int,
            strip: nativeint,
            step: nativeint,
            origin: nativeint
        ) =
        let mutable k = 0

        while k < count do
            let from = source + StripPacking<'I, 'V, 'T, 'Mode>.Offset(depth, k)
            let mutable next = k + 1

            while next < count && NativePtr.get depth next = NativePtr.get depth k do
                next <- next + 1

            if next = k + 1 then
                for lane in 0 .. 'I.Lanes - 1 do
                    StripPacking<'I, 'V, 'T, 'Mode>
                        .PutNumber(
                            from + StripPacking<'I, 'V, 'T, 'Mode>.Offset(lines, lane),
                            strip + nativeint k * step + nativeint (lane * sizeof<'T>),
                            origin
                        )
            else
                let mutable value = 'I.Zero

                for lane in 0 .. 'I.Lanes - 1 do
                    Unsafe.Add(&Unsafe.As<'V, 'T>(&value), lane) <-
                        NativePtr.read (
                            NativePtr.ofNativeInt<'T>(from + StripPacking<'I, 'V, 'T, 'Mode>.Offset(lines, lane))
                        )

                let value = value

                for k in k .. next - 1 do
                    StripPacking<'I, 'V, 'T, 'Mode>.Put(value, strip + nativeint k * step, origin)

            k <- next

    /// Lines whose depths stand side by side, by blocks of depths.
    static member Transposed
        (
            source: nativeint,
            lines: nativeptr<int>,
            depth: nativeptr<int>,
            runs: nativeptr<int>,
            count: int,
            strip: nativeint,
            step: nativeint,
            origin: nativeint,
            looksAhead: bool
        ) =
        if Transposition<'I, 'V, 'T>.Exists() then
            let mutable block = Unchecked.defaultof<FourDepths<'V>>
            let mutable strip = strip
            let mutable k = 0

            while k < count do
                let from = source + StripPacking<'I, 'V, 'T, 'Mode>.Offset(depth, k)

                if count - k >= 4 && NativePtr.get runs k >= 4 then
                    // Over as many depths as a line of the cache holds, each line of the next strip once.
                    if looksAhead then
                        let ahead = 'I.Lanes + (k &&& ('I.Lanes - 4))
                        Prefetch.Read(from + StripPacking<'I, 'V, 'T, 'Mode>.Offset(lines, ahead))
                        Prefetch.Read(from + StripPacking<'I, 'V, 'T, 'Mode>.Offset(lines, ahead + 1))
                        Prefetch.Read(from + StripPacking<'I, 'V, 'T, 'Mode>.Offset(lines, ahead + 2))
                        Prefetch.Read(from + StripPacking<'I, 'V, 'T, 'Mode>.Offset(lines, ahead + 3))

                    Transposition<'I, 'V, 'T>.FourDepths(from, lines, &block)
                    StripPacking<'I, 'V, 'T, 'Mode>.Put(block.First, strip, origin)
                    StripPacking<'I, 'V, 'T, 'Mode>.Put(block.Second, strip + step, origin)
                    StripPacking<'I, 'V, 'T, 'Mode>.Put(block.Third, strip + step * 2n, origin)
                    StripPacking<'I, 'V, 'T, 'Mode>.Put(block.Fourth, strip + step * 3n, origin)
                    strip <- strip + step * 4n
                    k <- k + 4
                else
                    for lane in 0 .. 'I.Lanes - 1 do
                        StripPacking<'I, 'V, 'T, 'Mode>
                            .PutNumber(
                                from + StripPacking<'I, 'V, 'T, 'Mode>.Offset(lines, lane),
                                strip + nativeint (lane * sizeof<'T>),
                                origin
                            )

                    strip <- strip + step
                    k <- k + 1
        else
            for lane in 0 .. 'I.Lanes - 1 do
                let from = source + StripPacking<'I, 'V, 'T, 'Mode>.Offset(lines, lane)
                let mutable at = strip + nativeint (lane * sizeof<'T>)

                for k in 0 .. count - 1 do
                    StripPacking<'I, 'V, 'T, 'Mode>
                        .PutNumber(from + StripPacking<'I, 'V, 'T, 'Mode>.Offset(depth, k), at, origin)

                    at <- at + step

    /// A strip of a factor, from the given depth on; present lines of it exist.
    static member Pack
        (
            source: nativeint,
            tables: FactorTables,
            strip: int,
            present: int,
            depth: int,
            count: int,
            target: nativeint,
            step: nativeint,
            origin: nativeint
        ) =
        let lines = NativePtr.add tables.Lines (strip * 'I.Lanes)
        let depths = NativePtr.add tables.Depth depth
        let first = source + StripPacking<'I, 'V, 'T, 'Mode>.Offset(lines, 0)

        match tables.Kinds[strip] with
        | StripKind.Adjacent ->
            StripPacking<'I, 'V, 'T, 'Mode>
                .Adjacent(first, depths, count, present, target, step, origin, tables.LooksAhead)
        | StripKind.Repeated -> StripPacking<'I, 'V, 'T, 'Mode>.Repeated(first, depths, count, target, step, origin)
        | StripKind.Transposed ->
            let runs = NativePtr.add tables.Runs depth

            StripPacking<'I, 'V, 'T, 'Mode>
                .Transposed(source, lines, depths, runs, count, target, step, origin, tables.LooksAhead)
        | _ -> StripPacking<'I, 'V, 'T, 'Mode>.Gathered(source, lines, depths, count, target, step, origin)
