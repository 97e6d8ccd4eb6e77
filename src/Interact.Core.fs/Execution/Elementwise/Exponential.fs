namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members.

open System.Runtime.CompilerServices

/// exp(x) = 2ⁿ exp(r) with x = n ln 2 + r, and what is built on it. Polynomials are minimax fits (Remez exchange in 160 bits,
/// coefficients rounded thereafter).
[<AbstractClass; Sealed>]
type internal Exponential<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =

    /// x limited to the given range; NaN stays.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Limit(x: 'V, low: float, high: float) : 'V =
        let x = 'I.Select('I.LessThan(x, 'I.Number low), 'I.Number low, x)
        'I.Select('I.LessThan('I.Number high, x), 'I.Number high, x)

    /// |x| limited; NaN stays.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Magnitude(x: 'V, high: float) : 'V =
        let x = 'I.Abs x
        'I.Select('I.LessThan('I.Number high, x), 'I.Number high, x)

    /// y ≥ 0 with the sign of x.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member WithSign(y: 'V, x: 'V) : 'V = 'I.Or(y, 'I.And(x, 'I.Number -0.0))

    /// n, the integer nearest to x / ln 2.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Multiple(x: 'V) : 'V = 'I.Round('I.Multiply(x, 'I.Number 1.4426950408889634))

    /// exp(r + c) - 1 = r + (½r² + r³ p(r) + c) for r + c = x - n ln 2, |r| ≤ ½ ln 2: ln 2 is in two parts, the first of so few bits that
    /// its multiples are exact, and c is what r is short of. Relative error of the polynomial below 1e-18, single 1.1e-9.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Minus1(x: 'V, n: 'V) : 'V =
        let high = 'I.Number(Numbers.choose<'T> -0.6931471803691238 -0.693145751953125)
        let low = 'I.Number(Numbers.choose<'T> -1.9082149292705877e-10 -1.4286068203094173e-06)
        let start = 'I.MultiplyAdd(n, high, x)
        let r = 'I.MultiplyAdd(n, low, start)
        let c = 'I.MultiplyAdd(n, low, 'I.Subtract(start, r))
        let square = 'I.Multiply(r, r)
        let inline next (c: float) (p: 'V) = 'I.MultiplyAdd(p, square, 'I.Number c)

        // Even and odd powers by themselves: chains of half the length.
        let p =
            if Numbers.isDouble<'T> then
                let odd =
                    'I.Number 2.5110049895858716e-08
                    |> next 2.7557242336680357e-06
                    |> next 0.00019841269886591
                    |> next 0.008333333333322207
                    |> next 0.16666666666666674

                let even =
                    'I.Number 2.091813816945801e-09
                    |> next 2.755726431433642e-07
                    |> next 2.4801587333953088e-05
                    |> next 0.0013888888888880944
                    |> next 0.04166666666666667
                    |> next 0.5

                'I.MultiplyAdd(odd, r, even)
            else
                let odd = 'I.Number 0.00019824136688839644 |> next 0.0083334194496274 |> next 0.1666666567325592

                let even = 'I.Number 0.0013933252776041627 |> next 0.041666481643915176 |> next 0.5
                'I.MultiplyAdd(odd, r, even)

        'I.Add(r, 'I.MultiplyAdd(square, p, c))

    /// exp(x) for x in the range where neither x nor the result needs care: -1400 < x/ln 2 < 1400 (single -200, 200).
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Exp(x: 'V) : 'V =
        let n = Exponential<'I, 'V, 'T>.Multiple x
        let p = Exponential<'I, 'V, 'T>.Minus1(x, n)
        'I.Scale('I.Add('I.Number 1.0, p), n)

    /// exp(-|x|): between 0 and 1.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member OfMinusMagnitude(x: 'V) : 'V =
        let x = Exponential<'I, 'V, 'T>.Magnitude(x, Numbers.choose<'T> 746.0 105.0)
        Exponential<'I, 'V, 'T>.Exp('I.Negate x)

/// exp(x), within 1 ulp; 0 and infinity beyond the range, subnormal results rounded once.
[<Struct>]
type internal ExpLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x =
            let low = Numbers.choose<'T> -746.0 -105.0
            let high = Numbers.choose<'T> 710.0 89.0
            Exponential<'I, 'V, 'T>.Exp(Exponential<'I, 'V, 'T>.Limit(x, low, high))

/// exp(x) - 1 = 2·(2ⁿ⁻¹(exp(r) - 1) + (2ⁿ⁻¹ - ½)), within 2 ulp; -0 stays.
[<Struct>]
type internal Expm1Lanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x =
            let low = Numbers.choose<'T> -40.0 -20.0
            let high = Numbers.choose<'T> 709.9 88.9
            let limited = Exponential<'I, 'V, 'T>.Limit(x, low, high)
            let n = Exponential<'I, 'V, 'T>.Multiple limited
            let p = Exponential<'I, 'V, 'T>.Minus1(limited, n)
            let half = Powers.ofTwo<'I, 'V, 'T>('I.Subtract(n, 'I.Number 1.0))
            let y = 'I.MultiplyAdd(half, p, 'I.Subtract(half, 'I.Number 0.5))
            Exponential<'I, 'V, 'T>.WithSign('I.Add(y, y), x)

/// tanh|x| = 1 - 2/(exp(2|x|) + 1) from 0.55 on, below |x| + |x|³ P(x²)/Q(x²): within 2 ulp on all reals.
///
/// The fraction is interpolated in 160 bits at the Chebyshev nodes of [0, 0.55²]; relative error 6e-18, single 6e-9.
[<Struct>]
type internal TanhLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x =
            let one = 'I.Number 1.0
            let a = Exponential<'I, 'V, 'T>.Magnitude(x, Numbers.choose<'T> 22.0 10.0)
            let twice = 'I.Add(a, a)
            let n = Exponential<'I, 'V, 'T>.Multiple twice
            let power = Powers.ofTwo<'I, 'V, 'T> n
            let p = Exponential<'I, 'V, 'T>.Minus1(twice, n)
            let large = 'I.MultiplyAdd(power, p, 'I.Add(power, one))
            let z = 'I.Multiply(a, a)
            let cube = 'I.Multiply(z, a)
            let inline next (c: float) (p: 'V) = 'I.MultiplyAdd(p, z, 'I.Number c)

            let above =
                if Numbers.isDouble<'T> then
                    'I.Number -0.00019931832437625365 |> next -0.020501964959843733 |> next -0.3333333333333333
                else
                    'I.Number -0.0015591251431033015 |> next -0.3333333134651184

            let below =
                if Numbers.isDouble<'T> then
                    'I.Number 0.0002066839878939395 |> next 0.023295551020216708 |> next 0.46150589487953025 |> next 1.0
                else
                    'I.Number 0.4046735465526581 |> next 1.0

            let isLarge = 'I.LessThan('I.Number 0.55, a)
            let above = 'I.Select(isLarge, 'I.Number -2.0, 'I.Multiply(cube, above))
            let below = 'I.Select(isLarge, large, below)
            let y = 'I.Add('I.Select(isLarge, one, a), 'I.Divide(above, below))
            Exponential<'I, 'V, 'T>.WithSign(y, x)

/// 1/(1 + exp(-x)), for x < 0 as exp(x)/(1 + exp(x)): within 2 ulp on all reals, also where it is tiny.
///
/// What the rounded d = 1 + e is short of is made up for by the quotient times that times -1/d, roughly e/2 - 1.
[<Struct>]
type internal SigmoidLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x =
            let one = 'I.Number 1.0
            let e = Exponential<'I, 'V, 'T>.OfMinusMagnitude x
            let d = 'I.Add(one, e)
            let quotient = 'I.Divide('I.Select('I.LessThan(x, 'I.Zero), e, one), d)
            let short = 'I.Subtract(e, 'I.Subtract(d, one))
            let minusReciprocal = 'I.MultiplyAdd(e, 'I.Number 0.5, 'I.Number -1.0)
            'I.MultiplyAdd('I.Multiply(quotient, short), minusReciprocal, quotient)

/// cosh x = h + 1/(4h) with h = exp|x|/2, within 2 ulp.
[<Struct>]
type internal CoshLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x =
            let a = Exponential<'I, 'V, 'T>.Magnitude(x, Numbers.choose<'T> 711.0 90.0)
            let n = Exponential<'I, 'V, 'T>.Multiple a
            let p = Exponential<'I, 'V, 'T>.Minus1(a, n)
            let one = 'I.Number 1.0
            let half = 'I.Scale('I.Add(one, p), 'I.Subtract(n, one))
            'I.Add(half, 'I.Divide('I.Number 0.25, half))

/// sinh|x| = h - 1/(4h) with h = exp|x|/2 from 1 on, below |x| + |x|³ p(x²): within 2 ulp.
///
/// p is a minimax fit (Remez exchange in 160 bits, coefficients rounded one by one) of relative error 3e-19.
[<Struct>]
type internal SinhLanes<'I, 'V when 'I :> IVectors<'V, float>> =
    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x =
            let one = 'I.Number 1.0
            let a = Exponential<'I, 'V, float>.Magnitude(x, 711.0)
            let n = Exponential<'I, 'V, float>.Multiple a
            let p = Exponential<'I, 'V, float>.Minus1(a, n)
            let half = 'I.Scale('I.Add(one, p), 'I.Subtract(n, one))
            let large = 'I.Subtract(half, 'I.Divide('I.Number 0.25, half))
            let z = 'I.Multiply(a, a)
            let inline next (c: float) (p: 'V) = 'I.MultiplyAdd(p, z, 'I.Number c)

            let p =
                'I.Number 7.776750660040057e-13
                |> next 1.605665596964727e-10
                |> next 2.5052131020433122e-08
                |> next 2.75573191067103e-06
                |> next 0.0001984126984159341
                |> next 0.008333333333332912
                |> next 0.16666666666666669

            let small = 'I.MultiplyAdd('I.Multiply(a, z), p, a)
            Exponential<'I, 'V, float>.WithSign('I.Select('I.LessThan(a, one), small, large), x)
