/// Certificates on models made to deceive them: curvature that neither the path nor the row sums see.
module Interact.Core.Tests.CertificateTests

open Xunit
open Interact.Core
open Interact.Core.Quadrature

/// Γ by brute force: second derivatives on 256 panels of 20 nodes, narrowing toward 0 where -ln t is singular.
let private bruteForce (model: Model) (baseline: float[]) (input: float[]) =
    let step = Array.map2 (-) input baseline
    let n = step.Length
    let matrix = Array2D.zeroCreate<float> n n

    for i in 0..255 do
        let edge k = (float k / 256.0) ** 2.0
        let rule = Panel.rule (MinusLog 1.0) { Start = edge i; End = edge (i + 1); Order = 20 }

        for t, weight in Array.zip rule.Nodes rule.Weights do
            let point = Array.map2 (fun x d -> x + t * d) baseline step
            let hessian = Model.hessian model 0 point
            let gradient = Model.gradient model 0 point

            for a in 0 .. n - 1 do
                matrix[a, a] <- matrix[a, a] + weight * step[a] * gradient[a]

                for b in 0 .. n - 1 do
                    matrix[a, b] <- matrix[a, b] + weight * t * step[a] * step[b] * hessian[a, b]

    matrix

/// Largest error of the interactions, relative to the largest of them.
let private errorOf (expected: float[,]) (explanation: Explanation) =
    let largest = expected |> Seq.cast<float> |> Seq.map abs |> Seq.max

    (Seq.cast<float> expected, Seq.cast<float> explanation.Interactions.Value)
    ||> Seq.map2 (fun a b -> abs (a - b))
    |> Seq.max
    |> fun error -> error / largest

let private step sharpness (x: Tensor) = Tensor.sigmoid (sharpness * x)

/// Two features that always move together, with curvature across their difference that comes up suddenly.
let private tied sharpness (x: Tensor) =
    let difference = x.[0] - x.[1]
    exp (x.[0] + x.[1]) + difference * difference * step sharpness (x.[0] + x.[1] - 1.0)

let private amongSix sharpness (x: Tensor) =
    let difference = x.[0] - x.[1]

    tanh (x.[0] * x.[2] + x.[3] * x.[4] - x.[5])
    + difference * difference * step sharpness (x.[0] + x.[1] + x.[2] - 1.0)

let private deceivers: (string * int * (Tensor -> Tensor) * float[]) list = [
    "tied, gentle", 2, tied 20.0, [| 1.0; 1.0 |]
    "tied, sharp", 2, tied 100.0, [| 1.0; 1.0 |]
    "tied in six", 6, amongSix 20.0, Array.create 6 0.7
    "nearly tied in six", 6, amongSix 20.0, [| 0.7; 0.71; 0.7; 0.7; 0.7; 0.7 |]
    "almost exactly tied", 6, amongSix 5.0, [| 0.7; 0.701; 0.7; 0.7; 0.7; 0.7 |]
]

[<Theory>]
[<InlineData(1e-3)>]
[<InlineData(1e-6)>]
[<InlineData(1e-8)>]
let ``curvature that the row sums do not see is integrated all the same, or not certified`` tolerance =
    for name, n, f, input in deceivers do
        let model = Model.ofFunction n f
        let baseline = Array.zeroCreate<float> n

        let explanation =
            IntegratedHessians.explain { IntegratedHessians.defaults with Tolerance = tolerance } model baseline input

        let error = errorOf (bruteForce model baseline input) explanation

        if explanation.Certificate.Satisfied then
            Assert.True(
                error <= 10.0 * tolerance,
                $"{name}: error {error:E1} at tolerance {tolerance:E1}, %A{explanation.Certificate}"
            )

[<Fact>]
let ``curvature that the row sums do not see is certified at the usual tolerance`` () =
    for name, n, f, input in deceivers do
        let explanation =
            IntegratedHessians.explain IntegratedHessians.defaults (Model.ofFunction n f) (Array.zeroCreate n) input

        Assert.True(explanation.Certificate.Satisfied, $"{name}: %A{explanation.Certificate}")

[<Fact>]
let ``with groups the certificate is relative to what the groups show`` () =
    let model =
        Model.ofFunction 4 (fun x ->
            1e7 * (tanh (0.7 * x.[0]) - tanh (0.7 * x.[1])) + sin (30.0 * x.[2]) * tanh (3.0 * x.[3]))

    let groups = Groups.create 4 [ "a", [| 0; 1 |]; "b", [| 2 |]; "c", [| 3 |] ]
    let input = Array.create 4 1.0
    let baseline = Array.zeroCreate<float> 4
    let expected = bruteForce model baseline input

    let explanation =
        IntegratedHessians.explain { IntegratedHessians.defaults with Groups = Some groups } model baseline input

    let largest = explanation.Interactions.Value |> Seq.cast<float> |> Seq.map abs |> Seq.max

    if explanation.Certificate.Satisfied then
        Assert.InRange(abs (explanation.Interactions.Value[1, 1] - expected[2, 2]) / largest, 0.0, 1e-5)
        Assert.InRange(abs (explanation.Interactions.Value[1, 2] - expected[2, 3]) / largest, 0.0, 1e-5)

[<Fact>]
let ``a row is certified where only the rounding of a large constant is left`` () =
    let model = Model.ofFunction 2 (fun x -> 1e9 + tanh (x.[0] * x.[1]))
    let options = { IntegratedHessians.defaults with Tolerance = 1e-8 }
    let explanation = IntegratedHessians.explain options model [| 0.0; 0.0 |] [| 0.8; 1.1 |]
    Assert.True(explanation.Certificate.Satisfied, $"%A{explanation.Certificate}")
