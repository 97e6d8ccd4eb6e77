namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86
open FSharp.NativeInterop

/// 256 bits: AVX2 with FMA.
[<Struct>]
type internal Vectors256<'T when 'T: unmanaged and 'T: struct and 'T: (new: unit -> 'T) and 'T :> System.ValueType> =
    interface IVectors<Vector256<'T>, 'T> with
        static member Lanes = Vector256<'T>.Count
        static member Zero = Vector256<'T>.Zero

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Repeat value = Vector256.Create<'T> value

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Number value =
            if Numbers.isDouble<'T> then
                Vector256.Create(value).As<double, 'T>()
            else
                Vector256.Create(single value).As<single, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Bits bits =
            if Numbers.isDouble<'T> then
                Vector256.Create(bits: int64).As<int64, 'T>()
            else
                Vector256.Create(int bits).As<int, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load address = Vector256.Load(NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(value, address) = Vector256.Store(value, NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LoadSingles address =
            if Numbers.isDouble<'T> then
                let singles = Vector128.Load(NativePtr.ofNativeInt<single> address)

                if Avx.IsSupported then
                    Avx.ConvertToVector256Double(singles).As<double, 'T>()
                else
                    Vector256.WidenLower(Vector128.ToVector256 singles).As<double, 'T>()
            else
                Vector256.Load(NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member StoreSingles(value, address) =
            if Numbers.isDouble<'T> then
                let doubles = Vector256.AsDouble value

                if Avx.IsSupported then
                    Vector128.Store(Avx.ConvertToVector128Single doubles, NativePtr.ofNativeInt<single> address)
                else
                    Vector128.Store(
                        Vector256.Narrow(doubles, doubles).GetLower(),
                        NativePtr.ofNativeInt<single> address
                    )
            else
                Vector256.Store(value, NativePtr.ofNativeInt<'T> address)

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

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Negate x = Vector256.Negate x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Abs x = Vector256.Abs x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqrt x = Vector256.Sqrt x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Floor x =
            if Numbers.isDouble<'T> then
                Vector256.Floor(Vector256.AsDouble x).As<double, 'T>()
            else
                Vector256.Floor(Vector256.AsSingle x).As<single, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Ceiling x =
            if Numbers.isDouble<'T> then
                Vector256.Ceiling(Vector256.AsDouble x).As<double, 'T>()
            else
                Vector256.Ceiling(Vector256.AsSingle x).As<single, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Round x =
            if Numbers.isDouble<'T> then
                Vector256.Round(Vector256.AsDouble x).As<double, 'T>()
            else
                Vector256.Round(Vector256.AsSingle x).As<single, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Max(x, y) = Vector256.Max(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Min(x, y) = Vector256.Min(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Scale(x, n) = Powers.scale<Vectors256<'T>, Vector256<'T>, 'T> x n

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LessThan(x, y) = Vector256.LessThan(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LessOrEqual(x, y) = Vector256.LessThanOrEqual(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Equal(x, y) = Vector256.Equals(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Select(mask, x, y) = Vector256.ConditionalSelect(mask, x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member All mask = Vector256.EqualsAll(Vector256.AsByte mask, Vector256<byte>.AllBitsSet)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member And(x, y) = Vector256.BitwiseAnd(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Or(x, y) = Vector256.BitwiseOr(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Xor(x, y) = Vector256.Xor(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member AddBits(x, y) =
            if Numbers.isDouble<'T> then
                Vector256.Add(Vector256.AsInt64 x, Vector256.AsInt64 y).As<int64, 'T>()
            else
                Vector256.Add(Vector256.AsInt32 x, Vector256.AsInt32 y).As<int, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ShiftLeft(x, count) =
            if Numbers.isDouble<'T> then
                Vector256.ShiftLeft(Vector256.AsInt64 x, count).As<int64, 'T>()
            else
                Vector256.ShiftLeft(Vector256.AsInt32 x, count).As<int, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ShiftRight(x, count) =
            if Numbers.isDouble<'T> then
                Vector256.ShiftRightLogical(Vector256.AsInt64 x, count).As<int64, 'T>()
            else
                Vector256.ShiftRightLogical(Vector256.AsInt32 x, count).As<int, 'T>()
