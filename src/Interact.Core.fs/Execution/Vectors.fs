namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members: how one kernel serves every instruction set.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.Arm
open System.Runtime.Intrinsics.X86
open FSharp.NativeInterop

/// What kernels need of an instruction set: vectors 'V of numbers 'T. A kernel is written once, generic in the instruction set, and
/// compiled anew for each. Addresses are in bytes; loads and stores need no alignment.
type internal IVectors<'V, 'T when 'T: unmanaged> =
    /// Numbers in a vector.
    static abstract Lanes: int
    static abstract Zero: 'V
    static abstract Repeat: value: 'T -> 'V
    static abstract Load: address: nativeint -> 'V
    static abstract Store: value: 'V * address: nativeint -> unit
    static abstract Add: 'V * 'V -> 'V
    static abstract Subtract: 'V * 'V -> 'V
    static abstract Multiply: 'V * 'V -> 'V
    static abstract Divide: 'V * 'V -> 'V
    /// x·y + z, rounded once where the instruction set can.
    static abstract MultiplyAdd: x: 'V * y: 'V * z: 'V -> 'V

/// The number types that kernels exist for.
module internal Numbers =

    /// Whether the type is double precision, the other being single. Known when a kernel is compiled, and free of cost there.
    let inline isDouble<'T> = obj.ReferenceEquals(typeof<'T>, typeof<float>)

/// 512 bits: AVX-512.
[<Struct>]
type internal Vectors512<'T when 'T: unmanaged and 'T: struct and 'T: (new: unit -> 'T) and 'T :> System.ValueType> =
    interface IVectors<Vector512<'T>, 'T> with
        static member Lanes = Vector512<'T>.Count
        static member Zero = Vector512<'T>.Zero

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Repeat value = Vector512.Create<'T> value

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load address = Vector512.Load(NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(value, address) = Vector512.Store(value, NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Add(x, y) = Vector512.Add(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Subtract(x, y) = Vector512.Subtract(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Multiply(x: Vector512<'T>, y: Vector512<'T>) = Vector512.Multiply(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Divide(x: Vector512<'T>, y: Vector512<'T>) = Vector512.Divide(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member MultiplyAdd(x, y, z) =
            if Numbers.isDouble<'T> then
                Vector512
                    .FusedMultiplyAdd(Vector512.AsDouble x, Vector512.AsDouble y, Vector512.AsDouble z)
                    .As<double, 'T>()
            else
                Vector512
                    .FusedMultiplyAdd(Vector512.AsSingle x, Vector512.AsSingle y, Vector512.AsSingle z)
                    .As<single, 'T>()

/// 256 bits: AVX2 with FMA.
[<Struct>]
type internal Vectors256<'T when 'T: unmanaged and 'T: struct and 'T: (new: unit -> 'T) and 'T :> System.ValueType> =
    interface IVectors<Vector256<'T>, 'T> with
        static member Lanes = Vector256<'T>.Count
        static member Zero = Vector256<'T>.Zero

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Repeat value = Vector256.Create<'T> value

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load address = Vector256.Load(NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(value, address) = Vector256.Store(value, NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Add(x, y) = Vector256.Add(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Subtract(x, y) = Vector256.Subtract(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Multiply(x: Vector256<'T>, y: Vector256<'T>) = Vector256.Multiply(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Divide(x: Vector256<'T>, y: Vector256<'T>) = Vector256.Divide(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member MultiplyAdd(x, y, z) =
            if Numbers.isDouble<'T> then
                Vector256
                    .FusedMultiplyAdd(Vector256.AsDouble x, Vector256.AsDouble y, Vector256.AsDouble z)
                    .As<double, 'T>()
            else
                Vector256
                    .FusedMultiplyAdd(Vector256.AsSingle x, Vector256.AsSingle y, Vector256.AsSingle z)
                    .As<single, 'T>()

/// 128 bits with fused multiply-add: AdvSimd.
[<Struct>]
type internal FusedVectors128<'T when 'T: unmanaged and 'T: struct and 'T: (new: unit -> 'T) and 'T :> System.ValueType>
    =
    interface IVectors<Vector128<'T>, 'T> with
        static member Lanes = Vector128<'T>.Count
        static member Zero = Vector128<'T>.Zero

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Repeat value = Vector128.Create<'T> value

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load address = Vector128.Load(NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(value, address) = Vector128.Store(value, NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Add(x, y) = Vector128.Add(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Subtract(x, y) = Vector128.Subtract(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Multiply(x: Vector128<'T>, y: Vector128<'T>) = Vector128.Multiply(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Divide(x: Vector128<'T>, y: Vector128<'T>) = Vector128.Divide(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member MultiplyAdd(x, y, z) =
            if Numbers.isDouble<'T> then
                Vector128
                    .FusedMultiplyAdd(Vector128.AsDouble x, Vector128.AsDouble y, Vector128.AsDouble z)
                    .As<double, 'T>()
            else
                Vector128
                    .FusedMultiplyAdd(Vector128.AsSingle x, Vector128.AsSingle y, Vector128.AsSingle z)
                    .As<single, 'T>()

/// 128 bits on any machine: multiply and add round one after the other.
[<Struct>]
type internal Vectors128<'T when 'T: unmanaged and 'T: struct and 'T: (new: unit -> 'T) and 'T :> System.ValueType> =
    interface IVectors<Vector128<'T>, 'T> with
        static member Lanes = Vector128<'T>.Count
        static member Zero = Vector128<'T>.Zero

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Repeat value = Vector128.Create<'T> value

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load address = Vector128.Load(NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(value, address) = Vector128.Store(value, NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Add(x, y) = Vector128.Add(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Subtract(x, y) = Vector128.Subtract(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Multiply(x: Vector128<'T>, y: Vector128<'T>) = Vector128.Multiply(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Divide(x: Vector128<'T>, y: Vector128<'T>) = Vector128.Divide(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member MultiplyAdd(x: Vector128<'T>, y: Vector128<'T>, z) = Vector128.Add(Vector128.Multiply(x, y), z)

/// The instruction sets that kernels are compiled for.
type internal InstructionSet =
    | Avx512
    | Avx2
    | AdvSimd
    | Portable

[<RequireQualifiedAccess>]
module internal InstructionSet =

    /// The widest that this machine has.
    let best =
        if Vector512.IsHardwareAccelerated then Avx512
        elif Avx2.IsSupported && Fma.IsSupported then Avx2
        elif AdvSimd.Arm64.IsSupported then AdvSimd
        else Portable
