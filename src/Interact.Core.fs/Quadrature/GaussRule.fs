namespace Interact.Core.Quadrature

open System
open Interact.Core

/// Nodes and weights of a quadrature rule on [0, 1]: ∫ w(t) g(t) dt ≈ Σ weight · g(node). Nodes ascend.
type QuadratureRule = { Nodes: float[]; Weights: float[] }

/// Weight functions on [0, 1] that path integrals are taken against.
type WeightFunction =
    /// w(t) = 1, for Integrated Gradients.
    | One
    /// w(t) = -ln(ht) for a scale 0 < h ≤ 1: the density of a product of two uniforms (h = 1), for Integrated Hessians, and the
    /// same on a first part [0, h] of the path.
    | MinusLog of scale: float

/// Gauss rules by the algorithm of Golub and Welsch (1969): the nodes are the eigenvalues of the tridiagonal matrix of the
/// three-term recurrence, here polished by Newton's method; the weights follow from the orthonormal polynomials at the nodes. The
/// recurrence comes from modified moments in shifted Legendre polynomials by Wheeler's algorithm (1974), which keeps full
/// precision where raw moments lose it.
[<RequireQualifiedAccess>]
module GaussRule =

    /// Orders for which rules can be had.
    let maxOrder = 64

    /// Recurrence of the monic shifted Legendre polynomials: π_{k+1} = (t - 1/2) π_k - b_k π_{k-1}.
    let private legendreRecurrence (k: int) =
        let square = float k * float k
        if k = 0 then 1.0 else square / (4.0 * (4.0 * square - 1.0))

    /// ∫ w π_k dt for k < count, π_k monic shifted Legendre. For -ln t: 1 for k = 0, else (-1)^k / (k(k+1)) times the factor that
    /// makes the polynomial monic, k!²/(2k)!. The term -ln h adds to k = 0 alone.
    let private modifiedMoments weight count =
        let mutable monic = 1.0

        Array.init count (fun k ->
            if k > 0 then monic <- monic * float k / (2.0 * (2.0 * float k - 1.0))

            match weight with
            | One -> if k = 0 then 1.0 else 0.0
            | MinusLog scale when k = 0 -> 1.0 - Math.Log scale
            | MinusLog _ -> (if k % 2 = 0 then monic else -monic) / (float k * float (k + 1)))

    /// Recurrence coefficients of the monic orthogonal polynomials of the weight, from 2n modified moments (Wheeler).
    let private recurrence weight n =
        let moments = modifiedMoments weight (2 * n)
        let alpha = Array.zeroCreate<float> n
        let beta = Array.zeroCreate<float> n
        let mutable previous = Array.zeroCreate<float>(2 * n)
        let mutable current = Array.copy moments
        alpha[0] <- 0.5 + moments[1] / moments[0]
        beta[0] <- moments[0]

        for k in 1 .. n - 1 do
            let next = Array.zeroCreate<float>(2 * n)

            for l in k .. 2 * n - k - 1 do
                next[l] <-
                    current[l + 1] - (alpha[k - 1] - 0.5) * current[l] - beta[k - 1] * previous[l]
                    + legendreRecurrence l * current[l - 1]

            alpha[k] <- 0.5 + next[k + 1] / next[k] - current[k] / current[k - 1]
            beta[k] <- next[k] / current[k - 1]
            previous <- current
            current <- next

        alpha, beta

    /// Eigenvalues of a symmetric tridiagonal matrix, ascending, by implicit QL steps that use up the given arrays.
    let private eigenvalues (diagonal: float[]) (offDiagonal: float[]) =
        let n = diagonal.Length
        let e = Array.append offDiagonal [| 0.0 |]

        let negligible m = Math.Abs e[m] <= Double.Epsilon + 1.1e-16 * (Math.Abs diagonal[m] + Math.Abs diagonal[m + 1])

        for l in 0 .. n - 1 do
            let mutable searching = true

            while searching do
                let mutable m = l

                while m < n - 1 && not (negligible m) do
                    m <- m + 1

                if m = l then
                    searching <- false
                else
                    // Wilkinson's shift, then a chase of rotations from m up to l.
                    let half = (diagonal[l + 1] - diagonal[l]) / (2.0 * e[l])
                    let root = Math.Sqrt(half * half + 1.0)
                    let mutable g = diagonal[m] - diagonal[l] + e[l] / (half + Math.CopySign(root, half))
                    let mutable s = 1.0
                    let mutable c = 1.0
                    let mutable p = 0.0

                    for i in m - 1 .. -1 .. l do
                        let f = s * e[i]
                        let b = c * e[i]
                        let r = Math.Sqrt(f * f + g * g)
                        e[i + 1] <- r
                        s <- if r = 0.0 then 0.0 else f / r
                        c <- if r = 0.0 then 1.0 else g / r
                        g <- diagonal[i + 1] - p
                        let q = (diagonal[i] - g) * s + 2.0 * c * b
                        p <- s * q
                        diagonal[i + 1] <- g + p
                        g <- c * q - b

                    diagonal[l] <- diagonal[l] - p
                    e[l] <- g
                    e[m] <- 0.0

        Array.sort diagonal

    /// One step of Newton's method on a node, and its weight 1/Σ pₖ² from the orthonormal polynomials there: takes off most of what
    /// rounding the eigenvalue iteration has left.
    let private polish (alpha: float[]) (beta: float[]) (node: float) =
        let n = alpha.Length

        let evaluate t =
            let mutable previous, current = 0.0, 1.0 / Math.Sqrt beta[0]
            let mutable previousSlope, slope = 0.0, 0.0
            let mutable squares = 0.0

            for k in 0 .. n - 1 do
                squares <- squares + current * current
                let below = if k = 0 then 0.0 else Math.Sqrt beta[k]
                let above = if k = n - 1 then 1.0 else Math.Sqrt beta[k + 1]
                let next = ((t - alpha[k]) * current - below * previous) / above
                let nextSlope = ((t - alpha[k]) * slope + current - below * previousSlope) / above
                previous <- current
                previousSlope <- slope
                current <- next
                slope <- nextSlope

            current / slope, 1.0 / squares

        let step, _ = evaluate node
        let polished = node - step
        polished, snd (evaluate polished)

    /// The rule of the monic orthogonal polynomials with the given recurrence: as many nodes as coefficients.
    let internal ofRecurrence (alpha: float[]) (beta: float[]) : QuadratureRule =
        let off = Array.init (alpha.Length - 1) (fun k -> Math.Sqrt beta[k + 1])

        let nodes, weights = eigenvalues (Array.copy alpha) off |> Array.map (polish alpha beta) |> Array.unzip

        { Nodes = nodes; Weights = weights }

    let private compute weight n = recurrence weight n ||> ofRecurrence

    let private cache =
        System.Collections.Concurrent.ConcurrentDictionary<struct (WeightFunction * int), QuadratureRule>()

    /// The Gauss rule of n nodes for a weight function on [0, 1], exact on polynomials of degree 2n-1 (to 1e-14).
    /// Error: ArgumentException unless n lies in 1..64 and the scale of a logarithm in (0, 1].
    let create (weight: WeightFunction) (n: int) : QuadratureRule =
        Checks.within (nameof n) 1 maxOrder n

        match weight with
        | MinusLog scale ->
            Checks.require (scale > 0.0 && scale <= 1.0) (nameof weight) (fun () ->
                $"the scale is {scale}; it must lie in (0, 1].")
        | One -> ()

        // Rules for halves of halves of the path come up again and again; others, one for each row, would only fill the table.
        let recurs =
            match weight with
            | One -> true
            | MinusLog scale -> Math.ScaleB(1.0, Math.ILogB scale) = scale

        if recurs then
            cache.GetOrAdd(struct (weight, n), (fun (struct (weight, n)) -> compute weight n))
        else
            compute weight n
