namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open FSharp.NativeInterop

/// Multiply and add in one instruction, or one after the other.
type internal IMultiplyAdd =
    static abstract Fused: bool

/// x·y + z is rounded once.
[<Struct>]
type internal Fused =
    interface IMultiplyAdd with
        static member Fused = true

/// x·y + z is rounded twice.
[<Struct>]
type internal Unfused =
    interface IMultiplyAdd with
        static member Fused = false

/// 128 bits, with or without fused multiply-add.
[<Struct>]
type internal Vectors128<'T, 'F
    when 'T: unmanaged and 'T: struct and 'T: (new: unit -> 'T) and 'T :> System.ValueType and 'F :> IMultiplyAdd> =
    interface IVectors<Vector128<'T>, 'T> with
        static member Lanes = Vector128<'T>.Count
        static member Zero = Vector128<'T>.Zero

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Repeat value = Vector128.Create<'T> value

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Number value =
            if Numbers.isDouble<'T> then
                Vector128.Create(value).As<double, 'T>()
            else
                Vector128.Create(single value).As<single, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Bits bits =
            if Numbers.isDouble<'T> then
                Vector128.Create(bits: int64).As<int64, 'T>()
            else
                Vector128.Create(int bits).As<int, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load address = Vector128.Load(NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(value, address) = Vector128.Store(value, NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LoadSingles address =
            if Numbers.isDouble<'T> then
                let two = Vector128.CreateScalar(NativePtr.read (NativePtr.ofNativeInt<int64> address))
                Vector128.WidenLower(Vector128.AsSingle two).As<double, 'T>()
            else
                Vector128.Load(NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member StoreSingles(value, address) =
            if Numbers.isDouble<'T> then
                let doubles = Vector128.AsDouble value
                let two = Vector128.AsInt64(Vector128.Narrow(doubles, doubles))
                NativePtr.write (NativePtr.ofNativeInt<int64> address) (two.ToScalar())
            else
                Vector128.Store(value, NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Add(x, y) = Vector128.Add(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Subtract(x, y) = Vector128.Subtract(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Multiply(x: Vector128<'T>, y: Vector128<'T>) = Vector128.Multiply(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Divide(x: Vector128<'T>, y: Vector128<'T>) = Vector128.Divide(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member MultiplyAdd(x: Vector128<'T>, y: Vector128<'T>, z) =
            if not 'F.Fused then
                Vector128.Add(Vector128.Multiply(x, y), z)
            elif Numbers.isDouble<'T> then
                Vector128
                    .FusedMultiplyAdd(Vector128.AsDouble x, Vector128.AsDouble y, Vector128.AsDouble z)
                    .As<double, 'T>()
            else
                Vector128
                    .FusedMultiplyAdd(Vector128.AsSingle x, Vector128.AsSingle y, Vector128.AsSingle z)
                    .As<single, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Negate x = Vector128.Negate x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Abs x = Vector128.Abs x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqrt x = Vector128.Sqrt x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Floor x =
            if Numbers.isDouble<'T> then
                Vector128.Floor(Vector128.AsDouble x).As<double, 'T>()
            else
                Vector128.Floor(Vector128.AsSingle x).As<single, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Ceiling x =
            if Numbers.isDouble<'T> then
                Vector128.Ceiling(Vector128.AsDouble x).As<double, 'T>()
            else
                Vector128.Ceiling(Vector128.AsSingle x).As<single, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Round x =
            if Numbers.isDouble<'T> then
                Vector128.Round(Vector128.AsDouble x).As<double, 'T>()
            else
                Vector128.Round(Vector128.AsSingle x).As<single, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Max(x, y) = Vector128.Max(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Min(x, y) = Vector128.Min(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Scale(x, n) = Powers.scale<Vectors128<'T, 'F>, Vector128<'T>, 'T> x n

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LessThan(x, y) = Vector128.LessThan(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LessOrEqual(x, y) = Vector128.LessThanOrEqual(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Equal(x, y) = Vector128.Equals(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Select(mask, x, y) = Vector128.ConditionalSelect(mask, x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member All mask = Vector128.EqualsAll(Vector128.AsByte mask, Vector128<byte>.AllBitsSet)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member And(x, y) = Vector128.BitwiseAnd(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Or(x, y) = Vector128.BitwiseOr(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Xor(x, y) = Vector128.Xor(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member AddBits(x, y) =
            if Numbers.isDouble<'T> then
                Vector128.Add(Vector128.AsInt64 x, Vector128.AsInt64 y).As<int64, 'T>()
            else
                Vector128.Add(Vector128.AsInt32 x, Vector128.AsInt32 y).As<int, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ShiftLeft(x, count) =
            if Numbers.isDouble<'T> then
                Vector128.ShiftLeft(Vector128.AsInt64 x, count).As<int64, 'T>()
            else
                Vector128.ShiftLeft(Vector128.AsInt32 x, count).As<int, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ShiftRight(x, count) =
            if Numbers.isDouble<'T> then
                Vector128.ShiftRightLogical(Vector128.AsInt64 x, count).As<int64, 'T>()
            else
                Vector128.ShiftRightLogical(Vector128.AsInt32 x, count).As<int, 'T>()

/// 128 bits with fused multiply-add: AdvSimd.
type internal FusedVectors128<'T when 'T: unmanaged and 'T: struct and 'T: (new: unit -> 'T) and 'T :> System.ValueType>
    = Vectors128<'T, Fused>

/// 128 bits on any machine: multiply and add round one after the other.
type internal Vectors128<'T when 'T: unmanaged and 'T: struct and 'T: (new: unit -> 'T) and 'T :> System.ValueType> =
    Vectors128<'T, Unfused>
