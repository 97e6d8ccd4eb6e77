namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members.
#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System.Runtime.CompilerServices
open FSharp.NativeInterop

/// A scalar function of two numbers, the second one unused by functions of one.
type internal IScalar =
    static abstract Value: x: float * y: float -> float

/// The lanes that a function of vectors is not made for take their value from a scalar function. Each lane is decided by itself: its
/// value does not depend on its neighbours.
[<AbstractClass; Sealed>]
type internal Outside<'S, 'I, 'V when 'S :> IScalar and 'I :> IVectors<'V, float>> =

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member private Replace(isInside: 'V, x: 'V, y: 'V, r: 'V) : 'V =
        let mutable isInside, x, y, r = isInside, x, y, r
        let insides = NativePtr.ofVoidPtr<int64>(Unsafe.AsPointer &isInside)
        let xs = NativePtr.ofVoidPtr<float>(Unsafe.AsPointer &x)
        let ys = NativePtr.ofVoidPtr<float>(Unsafe.AsPointer &y)
        let rs = NativePtr.ofVoidPtr<float>(Unsafe.AsPointer &r)

        for lane in 0 .. 'I.Lanes - 1 do
            if NativePtr.get insides lane = 0L then
                NativePtr.set rs lane ('S.Value(NativePtr.get xs lane, NativePtr.get ys lane))

        r

    /// r where inside, S(x, y) elsewhere.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Or(isInside: 'V, x: 'V, y: 'V, r: 'V) : 'V =
        if 'I.All isInside then r else Outside<'S, 'I, 'V>.Replace(isInside, x, y, r)
