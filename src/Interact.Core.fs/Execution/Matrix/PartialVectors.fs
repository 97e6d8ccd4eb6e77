namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members: how one kernel serves every instruction set.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86
open FSharp.NativeInterop

/// The first lanes of a vector: what the last vector of a line needs where the line ends inside it. Memory beyond these lanes is
/// neither read nor written.
[<AbstractClass; Sealed>]
type internal PartialVectors<'I, 'V, 'T
    when 'I :> IVectors<'V, 'T>
    and 'V: struct
    and 'T: unmanaged
    and 'T: struct
    and 'T: (new: unit -> 'T)
    and 'T :> System.ValueType> =

    static member inline private IsVector512 = obj.ReferenceEquals(typeof<'V>, typeof<Vector512<'T>>)
    static member inline private IsVector256 = obj.ReferenceEquals(typeof<'V>, typeof<Vector256<'T>>)

    /// Lanes one by one, where the instruction set has no masks.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member private LoadEach(address: nativeint, count: int) =
        let mutable value = 'I.Zero

        for lane in 0 .. count - 1 do
            Unsafe.Add(&Unsafe.As<'V, 'T>(&value), lane) <- NativePtr.get (NativePtr.ofNativeInt<'T> address) lane

        value

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member private StoreEach(value: 'V, address: nativeint, count: int) =
        let mutable value = value

        for lane in 0 .. count - 1 do
            NativePtr.set (NativePtr.ofNativeInt<'T> address) lane (Unsafe.Add(&Unsafe.As<'V, 'T>(&value), lane))

    /// The vector of the first numbers at the address, and zeros.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Load(address: nativeint, count: int) : 'V =
        if PartialVectors<'I, 'V, 'T>.IsVector512 && Avx512F.IsSupported then
            if Numbers.isDouble<'T> then
                let mask =
                    Vector512.LessThan(Vector512.CreateSequence(0L, 1L), Vector512.Create(int64 count)).AsDouble()

                let value = Avx512F.MaskLoad(NativePtr.ofNativeInt<float> address, mask, Vector512<float>.Zero)

                Unsafe.BitCast<Vector512<float>, 'V> value
            else
                let mask = Vector512.LessThan(Vector512.CreateSequence(0, 1), Vector512.Create count).AsSingle()

                let value = Avx512F.MaskLoad(NativePtr.ofNativeInt<float32> address, mask, Vector512<float32>.Zero)

                Unsafe.BitCast<Vector512<float32>, 'V> value
        elif PartialVectors<'I, 'V, 'T>.IsVector256 && Avx2.IsSupported then
            if Numbers.isDouble<'T> then
                let mask =
                    Vector256.LessThan(Vector256.CreateSequence(0L, 1L), Vector256.Create(int64 count)).AsDouble()

                Unsafe.BitCast<Vector256<float>, 'V>(Avx.MaskLoad(NativePtr.ofNativeInt<float> address, mask))
            else
                let mask = Vector256.LessThan(Vector256.CreateSequence(0, 1), Vector256.Create count).AsSingle()
                Unsafe.BitCast<Vector256<float32>, 'V>(Avx.MaskLoad(NativePtr.ofNativeInt<float32> address, mask))
        else
            PartialVectors<'I, 'V, 'T>.LoadEach(address, count)

    /// Writes the first lanes.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Store(value: 'V, address: nativeint, count: int) =
        if PartialVectors<'I, 'V, 'T>.IsVector512 && Avx512F.IsSupported then
            if Numbers.isDouble<'T> then
                let mask =
                    Vector512.LessThan(Vector512.CreateSequence(0L, 1L), Vector512.Create(int64 count)).AsDouble()

                Avx512F.MaskStore(
                    NativePtr.ofNativeInt<float> address,
                    mask,
                    Unsafe.BitCast<'V, Vector512<float>> value
                )
            else
                let mask = Vector512.LessThan(Vector512.CreateSequence(0, 1), Vector512.Create count).AsSingle()

                Avx512F.MaskStore(
                    NativePtr.ofNativeInt<float32> address,
                    mask,
                    Unsafe.BitCast<'V, Vector512<float32>> value
                )
        elif PartialVectors<'I, 'V, 'T>.IsVector256 && Avx2.IsSupported then
            if Numbers.isDouble<'T> then
                let mask =
                    Vector256.LessThan(Vector256.CreateSequence(0L, 1L), Vector256.Create(int64 count)).AsDouble()

                Avx.MaskStore(NativePtr.ofNativeInt<float> address, mask, Unsafe.BitCast<'V, Vector256<float>> value)
            else
                let mask = Vector256.LessThan(Vector256.CreateSequence(0, 1), Vector256.Create count).AsSingle()

                Avx.MaskStore(
                    NativePtr.ofNativeInt<float32> address,
                    mask,
                    Unsafe.BitCast<'V, Vector256<float32>> value
                )
        else
            PartialVectors<'I, 'V, 'T>.StoreEach(value, address, count)

/// Hints to the cache.
[<AbstractClass; Sealed>]
type internal Prefetch =

    /// The memory at the address will be read soon. There need not be any.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Read(address: nativeint) =
        if Sse.IsSupported then Sse.Prefetch0(NativePtr.toVoidPtr (NativePtr.ofNativeInt<byte> address))
