/// Scalar functions that System.Math lacks, accurate to a few units in the last place.
module internal Interact.Core.SpecialFunctions

open System

/// 1/(1+exp(-x)) without overflow.
let sigmoid (x: float) =
    if x >= 0.0 then
        1.0 / (1.0 + Math.Exp(-x))
    else
        let e = Math.Exp x
        e / (1.0 + e)

/// ln(1+x) with full relative accuracy near zero: the rounding of 1+x is divided out again (Kahan).
let log1p (x: float) =
    let u = 1.0 + x

    if u = 1.0 then x
    elif Double.IsInfinity u then u
    else Math.Log u * (x / (u - 1.0))

/// exp(x)-1 with full relative accuracy near zero (Kahan).
let expm1 (x: float) =
    let u = Math.Exp x

    if u = 1.0 then x
    elif u - 1.0 = -1.0 then -1.0
    elif Double.IsInfinity u then u
    else (u - 1.0) * (x / Math.Log u)

/// ln(1+exp(x)) = max(x,0) + ln(1+exp(-|x|)), which cannot overflow.
let softplus (x: float) = Math.Max(x, 0.0) + log1p (Math.Exp(-Math.Abs x))

/// exp(-x²) with x² formed in two parts, so that its rounding error is not amplified.
let private expMinusSquare (x: float) =
    let high = Math.Round(x * 16.0) / 16.0
    Math.Exp(-high * high) * Math.Exp(-(x - high) * (x + high))

/// The error function. |x| < 3: exp(-x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!, all terms of one sign; beyond: 1 minus the continued fraction of erfc.
let erf (x: float) =
    let a = Math.Abs x

    if Double.IsNaN x then
        x
    elif a < 3.0 then
        let square = 2.0 * x * x
        let mutable term = x
        let mutable sum = x
        let mutable odd = 3.0

        while Math.Abs term > 1e-18 * Math.Abs sum do
            term <- term * square / odd
            sum <- sum + term
            odd <- odd + 2.0

        2.0 / Math.Sqrt Math.PI * expMinusSquare x * sum
    elif a < 6.0 then
        let mutable fraction = a

        for k in 60..-1..1 do
            fraction <- a + (float k / 2.0) / fraction

        let complement = expMinusSquare a / (fraction * Math.Sqrt Math.PI)
        Math.CopySign(1.0 - complement, x)
    else
        Math.CopySign(1.0, x)
