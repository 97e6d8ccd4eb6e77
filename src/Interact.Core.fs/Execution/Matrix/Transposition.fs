namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members: how one kernel serves every instruction set.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86
open FSharp.NativeInterop

/// Four vectors, one for each of four depths.
[<Struct; NoEquality; NoComparison>]
type internal FourDepths<'V> = { mutable First: 'V; mutable Second: 'V; mutable Third: 'V; mutable Fourth: 'V }

/// Lines in memory, each with its depths side by side, turned into vectors of all lines for one depth.
[<AbstractClass; Sealed>]
type internal Transposition<'I, 'V, 'T
    when 'I :> IVectors<'V, 'T>
    and 'V: struct
    and 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> System.ValueType> =

    static member inline private IsVector512 =
        obj.ReferenceEquals(typeof<'V>, typeof<Vector512<'T>>) && Avx512F.IsSupported

    static member inline private IsVector256 =
        obj.ReferenceEquals(typeof<'V>, typeof<Vector256<'T>>) && Avx.IsSupported

    /// Whether the instruction set has the shuffles.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Exists() = Transposition<'I, 'V, 'T>.IsVector512 || Transposition<'I, 'V, 'T>.IsVector256

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Address(source: nativeint, lines: nativeptr<int>, line: int) =
        source + nativeint (NativePtr.get lines line) * nativeint sizeof<'T>

    /// Four numbers in double precision of each of two lines.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Doubles(source, lines, first, second) : Vector512<float> =
        let inline load line =
            Vector256.Load(NativePtr.ofNativeInt<float>(Transposition<'I, 'V, 'T>.Address(source, lines, line)))

        Avx512F.InsertVector256((load first).ToVector512Unsafe(), load second, 1uy)

    /// Four numbers in single precision of each of two lines.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Singles(source, lines, first, second) : Vector256<float32> =
        let inline load line =
            Vector128.Load(NativePtr.ofNativeInt<float32>(Transposition<'I, 'V, 'T>.Address(source, lines, line)))

        Avx.InsertVector128((load first).ToVector256Unsafe(), load second, 1uy)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private EightDoubles(source: nativeint, lines: nativeptr<int>, block: byref<FourDepths<'V>>) =
        let x02 = Transposition<'I, 'V, 'T>.Doubles(source, lines, 0, 2)
        let x13 = Transposition<'I, 'V, 'T>.Doubles(source, lines, 1, 3)
        let x46 = Transposition<'I, 'V, 'T>.Doubles(source, lines, 4, 6)
        let x57 = Transposition<'I, 'V, 'T>.Doubles(source, lines, 5, 7)
        let low, lowEven = Avx512F.UnpackLow(x02, x13), Avx512F.UnpackLow(x46, x57)
        let high, highEven = Avx512F.UnpackHigh(x02, x13), Avx512F.UnpackHigh(x46, x57)

        block.First <- Unsafe.BitCast<Vector512<float>, 'V>(Avx512F.Shuffle4x128(low, lowEven, 0x88uy))
        block.Second <- Unsafe.BitCast<Vector512<float>, 'V>(Avx512F.Shuffle4x128(high, highEven, 0x88uy))
        block.Third <- Unsafe.BitCast<Vector512<float>, 'V>(Avx512F.Shuffle4x128(low, lowEven, 0xDDuy))
        block.Fourth <- Unsafe.BitCast<Vector512<float>, 'V>(Avx512F.Shuffle4x128(high, highEven, 0xDDuy))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private FourDoubles(source: nativeint, lines: nativeptr<int>, block: byref<FourDepths<'V>>) =
        let inline load line =
            Vector256.Load(NativePtr.ofNativeInt<float>(Transposition<'I, 'V, 'T>.Address(source, lines, line)))

        let x0, x1, x2, x3 = load 0, load 1, load 2, load 3
        let low01, low23 = Avx.UnpackLow(x0, x1), Avx.UnpackLow(x2, x3)
        let high01, high23 = Avx.UnpackHigh(x0, x1), Avx.UnpackHigh(x2, x3)

        block.First <- Unsafe.BitCast<Vector256<float>, 'V>(Avx.Permute2x128(low01, low23, 0x20uy))
        block.Second <- Unsafe.BitCast<Vector256<float>, 'V>(Avx.Permute2x128(high01, high23, 0x20uy))
        block.Third <- Unsafe.BitCast<Vector256<float>, 'V>(Avx.Permute2x128(low01, low23, 0x31uy))
        block.Fourth <- Unsafe.BitCast<Vector256<float>, 'V>(Avx.Permute2x128(high01, high23, 0x31uy))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private SixteenSingles(source: nativeint, lines: nativeptr<int>, block: byref<FourDepths<'V>>) =
        // Lines i, i + 4, i + 8 and i + 12.
        let inline load i =
            Avx512F
                .InsertVector256(
                    (Transposition<'I, 'V, 'T>.Singles(source, lines, i, i + 4).AsDouble()).ToVector512Unsafe(),
                    Transposition<'I, 'V, 'T>.Singles(source, lines, i + 8, i + 12).AsDouble(),
                    1uy
                )
                .AsSingle()

        let x0, x1, x2, x3 = load 0, load 1, load 2, load 3
        let low01, low23 = Avx512F.UnpackLow(x0, x1).AsDouble(), Avx512F.UnpackLow(x2, x3).AsDouble()
        let high01, high23 = Avx512F.UnpackHigh(x0, x1).AsDouble(), Avx512F.UnpackHigh(x2, x3).AsDouble()

        block.First <- Unsafe.BitCast<Vector512<float>, 'V>(Avx512F.UnpackLow(low01, low23))
        block.Second <- Unsafe.BitCast<Vector512<float>, 'V>(Avx512F.UnpackHigh(low01, low23))
        block.Third <- Unsafe.BitCast<Vector512<float>, 'V>(Avx512F.UnpackLow(high01, high23))
        block.Fourth <- Unsafe.BitCast<Vector512<float>, 'V>(Avx512F.UnpackHigh(high01, high23))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private EightSingles(source: nativeint, lines: nativeptr<int>, block: byref<FourDepths<'V>>) =
        let x0 = Transposition<'I, 'V, 'T>.Singles(source, lines, 0, 4)
        let x1 = Transposition<'I, 'V, 'T>.Singles(source, lines, 1, 5)
        let x2 = Transposition<'I, 'V, 'T>.Singles(source, lines, 2, 6)
        let x3 = Transposition<'I, 'V, 'T>.Singles(source, lines, 3, 7)
        let low01, low23 = Avx.UnpackLow(x0, x1).AsDouble(), Avx.UnpackLow(x2, x3).AsDouble()
        let high01, high23 = Avx.UnpackHigh(x0, x1).AsDouble(), Avx.UnpackHigh(x2, x3).AsDouble()

        block.First <- Unsafe.BitCast<Vector256<float>, 'V>(Avx.UnpackLow(low01, low23))
        block.Second <- Unsafe.BitCast<Vector256<float>, 'V>(Avx.UnpackHigh(low01, low23))
        block.Third <- Unsafe.BitCast<Vector256<float>, 'V>(Avx.UnpackLow(high01, high23))
        block.Fourth <- Unsafe.BitCast<Vector256<float>, 'V>(Avx.UnpackHigh(high01, high23))

    /// Four depths of as many lines as a vector has lanes; offsets of the lines from the source are in the table.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member FourDepths(source: nativeint, lines: nativeptr<int>, block: byref<FourDepths<'V>>) =
        if Transposition<'I, 'V, 'T>.IsVector512 then
            if Numbers.isDouble<'T> then
                Transposition<'I, 'V, 'T>.EightDoubles(source, lines, &block)
            else
                Transposition<'I, 'V, 'T>.SixteenSingles(source, lines, &block)
        elif Numbers.isDouble<'T> then
            Transposition<'I, 'V, 'T>.FourDoubles(source, lines, &block)
        else
            Transposition<'I, 'V, 'T>.EightSingles(source, lines, &block)
