namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86
open FSharp.NativeInterop

/// 512 bits: AVX-512.
[<Struct>]
type internal Vectors512<'T when 'T: unmanaged and 'T: struct and 'T: (new: unit -> 'T) and 'T :> System.ValueType> =
    interface IVectors<Vector512<'T>, 'T> with
        static member Lanes = Vector512<'T>.Count
        static member Zero = Vector512<'T>.Zero

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Repeat value = Vector512.Create<'T> value

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Number value =
            if Numbers.isDouble<'T> then
                Vector512.Create(value).As<double, 'T>()
            else
                Vector512.Create(single value).As<single, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Bits bits =
            if Numbers.isDouble<'T> then
                Vector512.Create(bits: int64).As<int64, 'T>()
            else
                Vector512.Create(int bits).As<int, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load address = Vector512.Load(NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(value, address) = Vector512.Store(value, NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LoadSingles address =
            if Numbers.isDouble<'T> then
                let singles = Vector256.Load(NativePtr.ofNativeInt<single> address)

                if Avx512F.IsSupported then
                    Avx512F.ConvertToVector512Double(singles).As<double, 'T>()
                else
                    Vector512.WidenLower(Vector256.ToVector512 singles).As<double, 'T>()
            else
                Vector512.Load(NativePtr.ofNativeInt<'T> address)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member StoreSingles(value, address) =
            if Numbers.isDouble<'T> then
                let doubles = Vector512.AsDouble value

                if Avx512F.IsSupported then
                    Vector256.Store(Avx512F.ConvertToVector256Single doubles, NativePtr.ofNativeInt<single> address)
                else
                    Vector256.Store(
                        Vector512.Narrow(doubles, doubles).GetLower(),
                        NativePtr.ofNativeInt<single> address
                    )
            else
                Vector512.Store(value, NativePtr.ofNativeInt<'T> address)

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

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Negate x = Vector512.Negate x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Abs x = Vector512.Abs x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqrt x = Vector512.Sqrt x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Floor x =
            if Numbers.isDouble<'T> then
                Vector512.Floor(Vector512.AsDouble x).As<double, 'T>()
            else
                Vector512.Floor(Vector512.AsSingle x).As<single, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Ceiling x =
            if Numbers.isDouble<'T> then
                Vector512.Ceiling(Vector512.AsDouble x).As<double, 'T>()
            else
                Vector512.Ceiling(Vector512.AsSingle x).As<single, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Round x =
            if Numbers.isDouble<'T> then
                Vector512.Round(Vector512.AsDouble x).As<double, 'T>()
            else
                Vector512.Round(Vector512.AsSingle x).As<single, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Max(x, y) = Vector512.Max(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Min(x, y) = Vector512.Min(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Scale(x, n) =
            if not Avx512F.IsSupported then
                Powers.scale<Vectors512<'T>, Vector512<'T>, 'T> x n
            elif Numbers.isDouble<'T> then
                Avx512F.Scale(Vector512.AsDouble x, Vector512.AsDouble n).As<double, 'T>()
            else
                Avx512F.Scale(Vector512.AsSingle x, Vector512.AsSingle n).As<single, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LessThan(x, y) = Vector512.LessThan(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LessOrEqual(x, y) = Vector512.LessThanOrEqual(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Equal(x, y) = Vector512.Equals(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Select(mask, x, y) = Vector512.ConditionalSelect(mask, x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member All mask = Vector512.EqualsAll(Vector512.AsByte mask, Vector512<byte>.AllBitsSet)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member And(x, y) = Vector512.BitwiseAnd(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Or(x, y) = Vector512.BitwiseOr(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Xor(x, y) = Vector512.Xor(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member AddBits(x, y) =
            if Numbers.isDouble<'T> then
                Vector512.Add(Vector512.AsInt64 x, Vector512.AsInt64 y).As<int64, 'T>()
            else
                Vector512.Add(Vector512.AsInt32 x, Vector512.AsInt32 y).As<int, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ShiftLeft(x, count) =
            if Numbers.isDouble<'T> then
                Vector512.ShiftLeft(Vector512.AsInt64 x, count).As<int64, 'T>()
            else
                Vector512.ShiftLeft(Vector512.AsInt32 x, count).As<int, 'T>()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ShiftRight(x, count) =
            if Numbers.isDouble<'T> then
                Vector512.ShiftRightLogical(Vector512.AsInt64 x, count).As<int64, 'T>()
            else
                Vector512.ShiftRightLogical(Vector512.AsInt32 x, count).As<int, 'T>()
