namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members.

open System
open System.Runtime.CompilerServices

[<Struct>]
type internal ScalarSin =
    interface IScalar with
        static member Value(x, _) = Math.Sin x

[<Struct>]
type internal ScalarCos =
    interface IScalar with
        static member Value(x, _) = Math.Cos x

[<Struct>]
type internal ScalarTan =
    interface IScalar with
        static member Value(x, _) = Math.Tan x

/// Sine and cosine of x = k π/2 + r + c, |r| ≤ π/4, with c what r is short of. Double precision.
[<AbstractClass; Sealed>]
type internal Trigonometric<'I, 'V when 'I :> IVectors<'V, float>> =

    /// The integer nearest to x / (π/2).
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Quarters(x: 'V) : 'V = 'I.Round('I.Multiply(x, 'I.Number 0.6366197723675814))

    /// x - k π/2 but for the last parts of π/2, which is in three parts of 33, 33 and 53 bits: the multiples of two are exact.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Start(x: 'V, k: 'V) : 'V = 'I.MultiplyAdd(k, 'I.Number -1.5707963267341256, x)

    /// The remainder but for its correction.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Remainder(start: 'V, k: 'V) : 'V = 'I.MultiplyAdd(k, 'I.Number -6.077100506303966e-11, start)

    /// What the rounded remainder is short of.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Correction(start: 'V, k: 'V, r: 'V) : 'V =
        let lost = 'I.MultiplyAdd(k, 'I.Number -6.077100506303966e-11, 'I.Subtract(start, r))
        'I.MultiplyAdd(k, 'I.Number -2.0222662487959506e-21, lost)

    /// sin(r + c) = r + (r³ p(r²) + c): p is a minimax fit (Remez exchange in 160 bits) of relative error 4e-18.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Sin(r: 'V, c: 'V) : 'V =
        let z = 'I.Multiply(r, r)
        let inline next (c: float) (p: 'V) = 'I.MultiplyAdd(p, z, 'I.Number c)

        let p =
            'I.Number 1.5896887179351325e-10
            |> next -2.5050759898924147e-08
            |> next 2.7557313705107408e-06
            |> next -0.0001984126982985343
            |> next 0.008333333333322486
            |> next -0.16666666666666632

        'I.Add(r, 'I.MultiplyAdd('I.Multiply(r, z), p, c))

    /// cos(r + c) = w + (((1 - w) - ½r²) + (r⁴ p(r²) - r c)) with w = 1 - ½r², rounded: p is a minimax fit of error 5e-20.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Cos(r: 'V, c: 'V) : 'V =
        let z = 'I.Multiply(r, r)
        let inline next (c: float) (p: 'V) = 'I.MultiplyAdd(p, z, 'I.Number c)

        let p =
            'I.Number -1.1359917701394442e-11
            |> next 2.087572899803585e-09
            |> next -2.755731439927448e-07
            |> next 2.4801587289666902e-05
            |> next -0.001388888888887447
            |> next 0.0416666666666666

        let half = 'I.Multiply(z, 'I.Number 0.5)
        let one = 'I.Number 1.0
        let w = 'I.Subtract(one, half)
        // What z is short of r²: 0 where multiply and add round one after the other.
        let square = 'I.MultiplyAdd(r, r, 'I.Negate z)
        let lost = 'I.MultiplyAdd(r, c, 'I.Multiply(square, 'I.Number 0.5))
        let small = 'I.Subtract('I.Multiply('I.Multiply(z, z), p), lost)
        'I.Add(w, 'I.Add('I.Subtract('I.Subtract(one, w), half), small))

    /// Where the reduction holds: |x| < 2¹⁷ and x not so near a multiple of π/2 that the parts of it do not suffice.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member IsInside(x: 'V, r: 'V) : 'V =
        let a = 'I.Abs x
        let isFar = 'I.LessThan('I.Number 9.094947017729282e-13, 'I.Abs r)
        'I.And('I.LessThan(a, 'I.Number 131072.0), 'I.Or(isFar, 'I.LessThan(a, 'I.Number 0.5)))

    /// Whether the integer k is odd, as a mask.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member IsOdd(k: 'V) : 'V =
        let half = 'I.Multiply(k, 'I.Number 0.5)
        'I.LessThan('I.Floor half, half)

    /// The sign bit where the second of the lowest bits of the integer k is set.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member SignOf(k: 'V) : 'V =
        let half = 'I.Floor('I.Multiply(k, 'I.Number 0.5))
        // 1.5·2⁵², so that negative integers, too, stand in the lowest bits.
        'I.ShiftLeft('I.Add(half, 'I.Number 6755399441055744.0), 63)

/// sin(x), within 1 ulp; by Math.Sin where |x| ≥ 2¹⁷ or all but a multiple of π/2.
[<Struct>]
type internal SinLanes<'I, 'V when 'I :> IVectors<'V, float>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x =
            let k = Trigonometric<'I, 'V>.Quarters x
            let start = Trigonometric<'I, 'V>.Start(x, k)
            let rough = Trigonometric<'I, 'V>.Remainder(start, k)
            let lost = Trigonometric<'I, 'V>.Correction(start, k, rough)
            let r = 'I.Add(rough, lost)
            let c = 'I.Subtract(lost, 'I.Subtract(r, rough))
            let sine = Trigonometric<'I, 'V>.Sin(r, c)
            let cosine = Trigonometric<'I, 'V>.Cos(r, c)
            let y = 'I.Select(Trigonometric<'I, 'V>.IsOdd k, cosine, sine)
            let signed = 'I.Xor(y, Trigonometric<'I, 'V>.SignOf k)
            // The sine of -0 is -0.
            let isZero = 'I.Equal(x, 'I.Zero)
            Outside<ScalarSin, 'I, 'V>.Or(Trigonometric<'I, 'V>.IsInside(x, r), x, x, 'I.Select(isZero, x, signed))

/// cos(x), within 1 ulp; by Math.Cos where |x| ≥ 2¹⁷ or all but a multiple of π/2.
[<Struct>]
type internal CosLanes<'I, 'V when 'I :> IVectors<'V, float>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x =
            let k = Trigonometric<'I, 'V>.Quarters x
            let start = Trigonometric<'I, 'V>.Start(x, k)
            let rough = Trigonometric<'I, 'V>.Remainder(start, k)
            let lost = Trigonometric<'I, 'V>.Correction(start, k, rough)
            let r = 'I.Add(rough, lost)
            let c = 'I.Subtract(lost, 'I.Subtract(r, rough))
            let sine = Trigonometric<'I, 'V>.Sin(r, c)
            let cosine = Trigonometric<'I, 'V>.Cos(r, c)
            let y = 'I.Select(Trigonometric<'I, 'V>.IsOdd k, sine, cosine)
            let signed = 'I.Xor(y, Trigonometric<'I, 'V>.SignOf('I.Add(k, 'I.Number 1.0)))
            Outside<ScalarCos, 'I, 'V>.Or(Trigonometric<'I, 'V>.IsInside(x, r), x, x, signed)

/// tan(x) = sin(x)/cos(x), within 2 ulp; by Math.Tan where |x| ≥ 2¹⁷ or all but a multiple of π/2.
[<Struct>]
type internal TanLanes<'I, 'V when 'I :> IVectors<'V, float>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x =
            let k = Trigonometric<'I, 'V>.Quarters x
            let start = Trigonometric<'I, 'V>.Start(x, k)
            let rough = Trigonometric<'I, 'V>.Remainder(start, k)
            let lost = Trigonometric<'I, 'V>.Correction(start, k, rough)
            let r = 'I.Add(rough, lost)
            let c = 'I.Subtract(lost, 'I.Subtract(r, rough))
            let sine = Trigonometric<'I, 'V>.Sin(r, c)
            let cosine = Trigonometric<'I, 'V>.Cos(r, c)
            let isOdd = Trigonometric<'I, 'V>.IsOdd k
            let above = 'I.Select(isOdd, 'I.Negate cosine, sine)
            let y = 'I.Divide(above, 'I.Select(isOdd, sine, cosine))
            let isZero = 'I.Equal(x, 'I.Zero)
            Outside<ScalarTan, 'I, 'V>.Or(Trigonometric<'I, 'V>.IsInside(x, r), x, x, 'I.Select(isZero, x, y))
