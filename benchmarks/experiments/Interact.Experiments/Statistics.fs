/// Means, spreads, inequality, and the test of paired differences.
module Interact.Experiments.Statistics

open System

/// The standard deviation of a sample, with n - 1.
let deviation (values: float seq) : float =
    let values = Array.ofSeq values
    let mean = Array.average values
    sqrt ((values |> Array.sumBy (fun value -> (value - mean) ** 2.0)) / float (values.Length - 1))

/// The Gini coefficient of numbers that are not negative: Σ_ij |a_i - a_j| / (2p²·mean a), 0 where all are equal, and where all are 0.
let gini (values: float seq) : float =
    let sorted = values |> Seq.sort |> Array.ofSeq
    let count, sum = float sorted.Length, Array.sum sorted
    // Sorted, a_i stands i times on the larger side and p - 1 - i times on the smaller one.
    let weighted = sorted |> Array.mapi (fun i value -> (2.0 * float i + 1.0 - count) * value) |> Array.sum
    if sum = 0.0 then 0.0 else weighted / (count * sum)

/// ln Γ(x) for half integers and integers x > 0, by its recurrence from Stirling's series at x >= 20.
let private logGamma x =
    let rec shifted x sum = if x >= 20.0 then x, sum else shifted (x + 1.0) (sum - log x)
    let x, sum = shifted x 0.0

    sum + (x - 0.5) * log x - x + 0.5 * log (2.0 * Math.PI) + 1.0 / (12.0 * x)
    - 1.0 / (360.0 * x ** 3.0)
    + 1.0 / (1260.0 * x ** 5.0)

/// The continued fraction of the incomplete beta function, from its end. Source: Abramowitz, Stegun 26.5.8.
let private betaFraction a b x =
    let term m =
        let half = float (m / 2)

        if m % 2 = 0 then
            half * (b - half) * x / ((a + 2.0 * half - 1.0) * (a + 2.0 * half))
        else
            -(a + half) * (a + b + half) * x / ((a + 2.0 * half) * (a + 2.0 * half + 1.0))

    (1.0, [ 400..-1..1 ]) ||> List.fold (fun value m -> 1.0 + term m / value)

/// The regularised incomplete beta function I_x(a, b).
let private incompleteBeta a b x =
    let part a b x =
        exp (a * log x + b * log (1.0 - x) + logGamma (a + b) - logGamma a - logGamma b)
        / a
        / betaFraction a b x

    if x <= 0.0 then 0.0
    elif x >= 1.0 then 1.0
    // The fraction converges fast on this side of the mean.
    elif x < (a + 1.0) / (a + b + 2.0) then part a b x
    else 1.0 - part b a (1.0 - x)

/// The probability that a variable of Student's distribution is at least as far from 0 as t, on either side.
let studentTails (freedom: int) (t: float) : float =
    let freedom = float freedom
    incompleteBeta (freedom / 2.0) 0.5 (freedom / (freedom + t * t))

/// The mean of paired differences, and the probability (two-sided t test) of one as far from 0 where there is none.
let pairedTest (first: float list) (second: float list) : float * float =
    let differences = List.map2 (-) first second
    let mean, spread = List.average differences, deviation differences
    let count = differences.Length

    mean,
    (if spread = 0.0 then
         (if mean = 0.0 then 1.0 else 0.0)
     else
         studentTails (count - 1) (mean / spread * sqrt (float count)))
