/// Integrals by a method that shares nothing with the library's: what its quadrature and its methods are compared with.
module internal Interact.Core.Tests.References

open System

/// ∫ f over [a, b] by the double exponential rule of Takahasi and Mori (1974), t = ½(1 + tanh(½π sinh u)), which does not mind
/// logarithms or narrow peaks at the ends. f is given the distances from either end, both without cancellation.
let private doubleExponential (steps: int) (a: float) (b: float) (f: float -> float) =
    let h = 6.4 / float steps

    Seq.sum (
        seq {
            for k in -steps .. steps do
                let u = float k * h / 2.0
                let s = Math.PI / 2.0 * sinh u
                let weight = Math.PI / 4.0 * cosh u / (cosh s * cosh s)
                // The distance from the nearer end, so that points next to 0 are not rounded to it.
                let part = 1.0 / (1.0 + exp (2.0 * abs s))
                let t = if s < 0.0 then a + (b - a) * part else b - (b - a) * part

                if weight > 1e-300 && t > a && t < b then (b - a) * weight * f t * h / 2.0
        }
    )

/// ∫ f over [a, b], to about 1e-14 where f is analytic inside and at most logarithmic or sharply peaked at the ends.
let integral a b f = doubleExponential 200 a b f

/// The same over [0, 1] with breaks where f is sharp.
let integralWith (breaks: float list) f =
    List.pairwise (0.0 :: breaks @ [ 1.0 ]) |> List.sumBy (fun (a, b) -> integral a b f)
