namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members.

open System
open System.Runtime.CompilerServices
open Interact.Core

[<Struct>]
type internal ScalarLog =
    interface IScalar with
        static member Value(x, _) = Math.Log x

[<Struct>]
type internal ScalarLog1p =
    interface IScalar with
        static member Value(x, _) = SpecialFunctions.log1p x

/// ln(x) = k ln 2 + ln(1 + f) with x = 2ᵏ(1 + f) and √½ ≤ 1 + f < √2, and what is built on it.
[<AbstractClass; Sealed>]
type internal Logarithm<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =

    /// The bits of x moved so that those of the exponent are bias + k.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Shifted(x: 'V) : 'V =
        'I.AddBits(x, 'I.Bits(if Numbers.isDouble<'T> then 0x00095F619980C433L else 0x004AFB0DL))

    /// k of the shifted x > 0.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Exponent(shifted: 'V) : 'V =
        let integers = Numbers.integers<'T>
        let exponent = 'I.Or('I.ShiftRight(shifted, Numbers.significandBits<'T>), 'I.Number integers)
        'I.Subtract(exponent, 'I.Number(integers + Numbers.exponentBias<'T>))

    /// 1 + f of the shifted x > 0.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Significand(shifted: 'V) : 'V =
        let mask, half =
            if Numbers.isDouble<'T> then 0x000FFFFFFFFFFFFFL, 0x3FE6A09E667F3BCDL else 0x007FFFFFL, 0x3F3504F3L

        'I.AddBits('I.And(shifted, 'I.Bits mask), 'I.Bits half)

    /// k ln 2 + ln(1 + f). With s = f/(2 + f) and z = s², ln(1 + f) = f - (½f² - s(½f² + z p(z))): p is a minimax fit of
    /// ((ln(1+s) - ln(1-s))/s - 2)/z (Remez exchange in 160 bits, coefficients rounded one by one), of relative error 2e-18, single 3e-11.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Of(k: 'V, f: 'V) : 'V =
        let s = 'I.Divide(f, 'I.Add(f, 'I.Number 2.0))
        let z = 'I.Multiply(s, s)
        let inline next (c: float) (p: 'V) = 'I.MultiplyAdd(p, z, 'I.Number c)

        let p =
            if Numbers.isDouble<'T> then
                'I.Number 0.147745062734196
                |> next 0.15316363125442245
                |> next 0.181834654754072
                |> next 0.22222200692354038
                |> next 0.2857142871874018
                |> next 0.39999999999541863
                |> next 0.666666666666671
            else
                'I.Number 0.24280031025409698
                |> next 0.2849876582622528
                |> next 0.40000972151756287
                |> next 0.6666666269302368

        let high = Numbers.choose<'T> 0.6931471803691238 0.693145751953125
        let low = Numbers.choose<'T> 1.9082149292705877e-10 1.4286068203094173e-06
        let halfSquare = 'I.Multiply('I.Multiply(f, f), 'I.Number 0.5)
        let correction = 'I.Multiply(s, 'I.MultiplyAdd(z, p, halfSquare))
        let small = 'I.Subtract(halfSquare, 'I.MultiplyAdd(k, 'I.Number low, correction))
        'I.MultiplyAdd(k, 'I.Number high, 'I.Subtract(f, small))

    /// ln(1 + e) for e from 0 to 1. Above √2 - 1 half of 1 + e is taken: f = (e - 1)/2, exact but for a quarter of an ulp of the result.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member OfOnePlus(e: 'V) : 'V =
        let isLarge = 'I.LessThan('I.Number 0.41421356, e)
        let one = 'I.Number 1.0
        let f = 'I.Select(isLarge, 'I.Multiply('I.Subtract(e, one), 'I.Number 0.5), e)
        Logarithm<'I, 'V, 'T>.Of('I.And(isLarge, one), f)

/// ln(x), within 1 ulp; by Math.Log where x is not normal and positive. Double precision.
[<Struct>]
type internal LogLanes<'I, 'V when 'I :> IVectors<'V, float>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x =
            let shifted = Logarithm<'I, 'V, float>.Shifted x
            let f = 'I.Subtract(Logarithm<'I, 'V, float>.Significand shifted, 'I.Number 1.0)
            let y = Logarithm<'I, 'V, float>.Of(Logarithm<'I, 'V, float>.Exponent shifted, f)
            let isAbove = 'I.LessOrEqual('I.Number 2.2250738585072014e-308, x)
            let isInside = 'I.And(isAbove, 'I.LessOrEqual(x, 'I.Number Double.MaxValue))
            Outside<ScalarLog, 'I, 'V>.Or(isInside, x, x, y)

/// ln(1 + x), within 1 ulp for -1 < x < 2⁶⁰; elsewhere by the scalar function. Double precision.
///
/// u = 1 + x is rounded, u + c is not; f = 2⁻ᵏu - 1 + 2⁻ᵏc.
[<Struct>]
type internal Log1pLanes<'I, 'V when 'I :> IVectors<'V, float>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x =
            let one = 'I.Number 1.0
            let u = 'I.Add(one, x)
            let roughlyOne = 'I.Subtract(u, x)
            let c = 'I.Add('I.Subtract(x, 'I.Subtract(u, roughlyOne)), 'I.Subtract(one, roughlyOne))
            let shifted = Logarithm<'I, 'V, float>.Shifted u
            let k = Logarithm<'I, 'V, float>.Exponent shifted
            let power = Powers.ofTwo<'I, 'V, float>('I.Negate k)
            let rounded = 'I.Subtract(Logarithm<'I, 'V, float>.Significand shifted, one)
            let y = Logarithm<'I, 'V, float>.Of(k, 'I.MultiplyAdd(c, power, rounded))
            let isInside = 'I.And('I.LessThan('I.Number -1.0, x), 'I.LessThan(x, 'I.Number 1152921504606846976.0))
            // The result has the sign of x; for -0 the formula gives 0.
            let signed = 'I.Or(y, 'I.And(x, 'I.Number -0.0))
            Outside<ScalarLog1p, 'I, 'V>.Or(isInside, x, x, signed)

/// ln(1 + exp(x)) = max(x, 0) + ln(1 + exp(-|x|)), within 2 ulp on all reals, also where it is tiny.
[<Struct>]
type internal SoftplusLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x =
            let logarithm = Logarithm<'I, 'V, 'T>.OfOnePlus(Exponential<'I, 'V, 'T>.OfMinusMagnitude x)

            'I.Add('I.Select('I.LessThan('I.Zero, x), x, 'I.Zero), logarithm)
