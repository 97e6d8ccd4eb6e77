/// Exact interactions of networks with kinks: closed forms, the limit of smoothing, and laws on random networks.
module Interact.Core.Tests.KinkTests

open System
open Xunit
open Interact.Core

let private accurate = { PathOptions.defaults with Tolerance = 1e-11; Target = Index 0 }
let private explain (model: Model) baseline input = IntegratedHessians.explain accurate model baseline input
let private cells (explanation: Explanation) = explanation.Interactions.Value |> Seq.cast<float> |> Array.ofSeq
let private uniform (random: Random) count = Array.init count (fun _ -> 2.0 * random.NextDouble() - 1.0)

let private assertNear tolerance (expected: float[]) (actual: float[]) =
    let scale = expected |> Array.fold (fun largest value -> max largest (abs value)) 1e-300
    Assert.Equal(expected.Length, actual.Length)

    for i in 0 .. expected.Length - 1 do
        Assert.InRange(abs (expected[i] - actual[i]) / scale, 0.0, tolerance)

let private assertCertified (explanation: Explanation) =
    Assert.True(explanation.Certificate.Satisfied, $"{explanation.Certificate}")
    Assert.Equal("exact", explanation.Certificate.Method)

/// -t ln t
let private entropy t = -t * log t

/// ∫ -ln t dt over [a, 1]
let private tail a = 1.0 - (a - a * log a)

/// Γ of ReLU(w·x + b) from zeros in closed form, for b < 0 < w·x + b: one impulse at t = -b/(w·x), and the gradient w after it.
let private unit (w: float[]) b (x: float[]) =
    let slope = Array.fold2 (fun sum w x -> sum + w * x) 0.0 w x
    let t = -b / slope
    let y = Array.map2 (*) w x

    [|
        for i in 0 .. w.Length - 1 do
            for j in 0 .. w.Length - 1 -> entropy t * y[i] * y[j] / slope + (if i = j then y[i] * tail t else 0.0)
    |]

let private ofUnits (units: (float * float[] * float) list) =
    let n = units |> List.head |> fun (_, w, _) -> w.Length

    Model.ofFunction n (fun x ->
        units
        |> List.map (fun (a, w, b) -> a * Tensor.relu (Tensor.dot (Tensor.ofArray w) x + b))
        |> List.reduce (+))

let private sumOfUnits units x =
    units |> List.map (fun (a, w, b) -> unit w b x |> Array.map ((*) a)) |> List.reduce (Array.map2 (+))

[<Fact>]
let ``a unit has its closed form`` () =
    let units = [ 1.5, [| 1.0; -0.5; 2.0 |], -1.0 ]
    let x = [| 1.0; 0.5; 0.75 |]
    let explanation = explain (ofUnits units) (Array.zeroCreate 3) x
    assertNear 1e-14 (sumOfUnits units x) (cells explanation)
    assertCertified explanation
    Assert.Equal(Some 1, explanation.Certificate.Kinks)

[<Fact>]
let ``units that switch at one place each have their own impulse`` () =
    // All at t = 1/2, along different normals; two of them the same unit twice, one with a negative weight.
    let x = [| 1.0; 1.0; 1.0 |]

    let units = [
        1.0, [| 1.0; 0.0; 0.0 |], -0.5
        2.0, [| 0.0; 1.0; 1.0 |], -1.0
        2.0, [| 0.0; 1.0; 1.0 |], -1.0
        -3.0, [| 1.0; 1.0; 2.0 |], -2.0
    ]

    let explanation = explain (ofUnits units) (Array.zeroCreate 3) x
    assertNear 1e-13 (sumOfUnits units x) (cells explanation)
    assertCertified explanation

[<Theory>]
[<InlineData(1e-5)>]
[<InlineData(1e-9)>]
[<InlineData(1e-13)>]
[<InlineData(1e-15)>]
let ``units that switch almost at one place are told apart or taken together`` gap =
    let x = [| 1.0; 1.0 |]
    let units = [ 1.0, [| 1.0; 0.25 |], -0.625; 1.0, [| 0.5; 1.0 |], -0.75 * (1.0 + gap) ]
    let explanation = explain (ofUnits units) (Array.zeroCreate 2) x
    assertNear 1e-11 (sumOfUnits units x) (cells explanation)
    assertCertified explanation

[<Theory>]
[<InlineData(1e-3)>]
[<InlineData(1e-8)>]
[<InlineData(1e-13)>]
[<InlineData(1e-16)>]
let ``a unit that switches next to the baseline is counted in`` bias =
    let x = [| 1.0; 1.0 |]
    let units = [ 1.0, [| 1.0; 0.25 |], -bias ]
    let explanation = explain (ofUnits units) (Array.zeroCreate 2) x
    assertNear 1e-11 (sumOfUnits units x) (cells explanation)
    assertCertified explanation

[<Fact>]
let ``a unit that switches several times is one of several units`` () =
    // With s = x0 + 2 x1: two tents, written by folding twice, and as a sum of units of s.
    let s (x: Tensor) = x[0] + 2.0 * x[1]
    let fold (z: Tensor) = Tensor.relu (1.0 - abs (2.0 * z - 1.0))
    let folded = Model.ofFunction 2 (s >> fold >> fold)

    let units = [ 4.0, 0.0; -8.0, -0.25; 8.0, -0.5; -8.0, -0.75; 4.0, -1.0 ]

    let straight =
        Model.ofFunction 2 (fun x -> units |> List.map (fun (a, b) -> a * Tensor.relu (s x + b)) |> List.reduce (+))

    let baseline, input = [| -0.3; 0.1 |], [| 0.7; 0.9 |]
    let expected = explain straight baseline input
    let actual = explain folded baseline input
    assertNear 1e-12 (cells expected) (cells actual)
    assertCertified actual
    // Along s = -0.1 .. 2.5 the five kinks of the sum are the five of the fold.
    Assert.Equal(expected.Certificate.Kinks, actual.Certificate.Kinks)

/// Dense ReLU networks of random widths, with max pooling and other piecewise linear functions between.
let private network (random: Random) (activate: int -> Tensor -> Tensor) inputs widths =
    let layers =
        List.pairwise (inputs :: widths)
        |> List.map (fun (before, after) ->
            let scale = 1.5 / sqrt (float before)
            let weights = uniform random (before * after) |> Array.map ((*) scale)
            Tensor.create [| after; before |] weights, Tensor.ofArray (uniform random after |> Array.map ((*) 0.3)))

    let last = List.last widths |> uniform random |> Tensor.ofArray

    Model.ofFunction inputs (fun x ->
        layers
        |> List.indexed
        |> List.fold (fun z (i, (weights, biases)) -> activate i (Tensor.matmul weights z + biases)) x
        |> Tensor.dot last)

let private relu _ (z: Tensor) = Tensor.relu z

let private assorted i (z: Tensor) =
    let low, high = Tensor.scalar -0.4, Tensor.scalar 0.5

    match i % 4 with
    | 0 -> 0.1 * z + 0.9 * Tensor.relu z
    | 1 -> Tensor.max low (Tensor.min high z)
    | 2 -> abs z
    | _ -> Tensor.where (Tensor.less (Tensor.scalar 0.0) z) z (0.2 * z)

/// Integrated Gradients by halving until pieces are straight lines, from values alone: each piece between kinks is found by the model's
/// gradients at its ends, which share nothing with the search for kinks.
let private attributionsByHalving (model: Model) (baseline: float[]) (input: float[]) =
    let step = Array.map2 (-) input baseline
    let at t = Array.map2 (fun b d -> b + t * d) baseline step

    let rec add depth first last (before: float[]) (after: float[]) (sum: float[]) =
        let middle = (first + last) / 2.0
        let inner = Model.gradient model 0 (at middle)

        let isStraight =
            Array.forall2 (fun a b -> abs (a - b) < 1e-13) before inner
            && Array.forall2 (fun a b -> abs (a - b) < 1e-13) inner after

        if depth > 4 && isStraight || depth = 40 then
            for i in 0 .. sum.Length - 1 do
                sum[i] <- sum[i] + (last - first) * step[i] * inner[i]
        else
            add (depth + 1) first middle before inner sum
            add (depth + 1) middle last inner after sum

    let sum = Array.zeroCreate<float> step.Length
    add 0 0.0 1.0 (Model.gradient model 0 (at 0.0)) (Model.gradient model 0 (at 1.0)) sum
    sum

[<Theory>]
[<InlineData(1)>]
[<InlineData(2)>]
[<InlineData(3)>]
[<InlineData(4)>]
[<InlineData(5)>]
[<InlineData(6)>]
let ``random piecewise linear networks are complete, and rows add up to attributions`` seed =
    for activate in [ relu; assorted ] do
        let random = Random(seed: int)
        let inputs = random.Next(2, 7)
        let widths = List.init (random.Next(1, 4)) (fun _ -> random.Next(3, 20))
        let model = network random activate inputs widths
        let baseline, input = uniform random inputs, uniform random inputs |> Array.map ((*) 3.0)
        let explanation = explain model baseline input
        assertCertified explanation
        let scale = explanation.Certificate.Scale
        let change = (Model.evaluate model input)[0] - (Model.evaluate model baseline)[0]
        Assert.InRange(abs (Array.sum (cells explanation) - change) / scale, 0.0, 1e-11)
        let rows = cells explanation |> Array.chunkBySize inputs |> Array.map Array.sum
        let attributions = attributionsByHalving model baseline input

        for i in 0 .. inputs - 1 do
            Assert.InRange(abs (rows[i] - attributions[i]) / scale, 0.0, 1e-9)

        let alone = IntegratedGradients.explain accurate model baseline input
        assertNear 1e-13 explanation.Attributions alone.Attributions

[<Fact>]
let ``smoothing tends to the exact interactions as β⁻²`` () =
    let random = Random 11
    let model = network random relu 4 [ 5; 3 ]
    let baseline, input = uniform random 4, uniform random 4 |> Array.map ((*) 2.0)
    let exact = cells (explain model baseline input)

    let error beta =
        let smooth = cells (explain (Model.smooth beta model) baseline input)
        Array.map2 (fun a b -> abs (a - b)) exact smooth |> Array.max

    let coarse, fine = error 2000.0, error 4000.0
    Assert.InRange(coarse / fine, 3.8, 4.2)
    Assert.InRange(fine / (exact |> Array.map abs |> Array.max), 0.0, 1e-4)

[<Fact>]
let ``however a ReLU is written, its interactions are the same`` () =
    let written: (int -> Tensor -> Tensor) list = [
        relu
        fun _ z -> Tensor.max z (0.0 * z)
        fun _ z -> (z + abs z) / 2.0
        fun _ z -> Tensor.where (Tensor.less (Tensor.scalar 0.0) z) z (Tensor.scalar 0.0)
        fun _ z -> -(Tensor.min (-z) (Tensor.scalar 0.0))
        fun _ z -> Tensor.relu (Tensor.relu z)
        fun _ z -> z + Tensor.relu (-z)
    ]

    let explanations =
        written
        |> List.map (fun activate ->
            let random = Random 12
            let model = network random activate 5 [ 9; 7 ]
            explain model (uniform random 5) (uniform random 5 |> Array.map ((*) 3.0)))

    for explanation in explanations do
        assertCertified explanation
        assertNear 1e-12 (cells explanations.Head) (cells explanation)

[<Fact>]
let ``the largest of several has an impulse where it passes from one to another`` () =
    // max(x0, x1, x2 - 1) on the way from (1, 0, 0) to (0, 2, 1): x0 until t = 1/3, then x1.
    let model = Model.ofFunction 3 (fun x -> Tensor.maximum (Tensor.stack [ x[0]; x[1]; x[2] - 1.0 ]))
    let explanation = explain model [| 1.0; 0.0; 0.0 |] [| 0.0; 2.0; 1.0 |]
    let t = 1.0 / 3.0
    let factor = entropy t / 3.0
    let before = t - t * log t

    let expected = [|
        factor - before
        factor * 2.0
        0.0
        factor * 2.0
        factor * 4.0 + 2.0 * tail t
        0.0
        0.0
        0.0
        0.0
    |]

    assertNear 1e-14 expected (cells explanation)
    assertCertified explanation

[<Fact>]
let ``a maximum of units that are off passes to the first that comes on`` () =
    // Both are 0 until t = 1/4, where the mask and the largest change together; x1's unit overtakes at t = 3/4.
    let pooled =
        Model.ofFunction 2 (fun x ->
            Tensor.maximum (Tensor.stack [ Tensor.relu (x[0] - 0.25); Tensor.relu (2.0 * x[1] - 1.0) ]))

    let explanation = explain pooled [| 0.0; 0.0 |] [| 1.0; 1.0 |]

    let expected = [|
        entropy 0.25 + (tail 0.25 - tail 0.75) + entropy 0.75
        -2.0 * entropy 0.75
        -2.0 * entropy 0.75
        4.0 * entropy 0.75 + 2.0 * tail 0.75
    |]

    assertNear 1e-13 expected (cells explanation)
    assertCertified explanation

[<Fact>]
let ``features that are treated alike and always tie share alike`` () =
    let model = Model.ofFunction 3 (fun x -> Tensor.max x[0] x[1] + Tensor.relu (x[0] + x[1] - x[2]))
    let explanation = explain model (Array.zeroCreate 3) [| 1.0; 1.0; 0.5 |]
    let gamma = explanation.Interactions.Value
    assertCertified explanation
    Assert.Equal(gamma[0, 0], gamma[1, 1], 1e-14)
    Assert.Equal(gamma[0, 2], gamma[1, 2], 1e-14)

/// Γ of g(ReLU(s)) for s = w·x + b from zeros, with one kink at s = 0, by double exponential quadrature.
let private smoothAfterUnit (g': float -> float) (g'': float -> float) (w: float[]) b (x: float[]) =
    let y = Array.map2 (*) w x
    let slope = Array.sum y
    let t = -b / slope
    let s u = slope * u + b
    let curvature = References.integral t 1.0 (fun u -> entropy u * g'' (s u)) + entropy t * g' 0.0 / slope
    let gradient = References.integral t 1.0 (fun u -> -log u * g' (s u))

    [|
        for i in 0 .. w.Length - 1 do
            for j in 0 .. w.Length - 1 -> y[i] * y[j] * curvature + (if i = j then y[i] * gradient else 0.0)
    |]

[<Fact>]
let ``smooth functions of units are integrated between their kinks`` () =
    let w, b, x = [| 1.0; -0.5; 2.0 |], -1.0, [| 1.0; 0.5; 0.75 |]

    let model =
        Model.ofFunction 3 (fun x -> Tensor.sum (tanh (3.0 * Tensor.relu (Tensor.dot (Tensor.ofArray w) x + b))))

    let slope s = 3.0 * (1.0 - tanh (3.0 * s) ** 2.0)
    let second s = -6.0 * tanh (3.0 * s) * slope s
    let expected = smoothAfterUnit slope second w b x
    let explanation = explain model (Array.zeroCreate 3) x
    assertNear 1e-11 expected (cells explanation)
    assertCertified explanation

[<Fact>]
let ``units of smooth functions switch where these are zero`` () =
    // |sin(7 s)| with s = x0 + x1 / 2 from 0 to 1.5: kinks at s = π/7, 2π/7, 3π/7; everything is a function of s alone.
    let model = Model.ofFunction 2 (fun x -> Tensor.sum (abs (sin (7.0 * (x[0] + 0.5 * x[1])))))
    let input = [| 1.0; 1.0 |]
    let y = [| 1.0; 0.5 |]
    let kinks = [ for k in 1..3 -> Math.PI * float k / 7.0 / 1.5 ]

    let curvature =
        References.integralWith kinks (fun t -> entropy t * -49.0 * abs (sin (10.5 * t)))
        + (kinks |> List.sumBy (fun t -> entropy t * 14.0 / 1.5))

    let gradient =
        References.integralWith kinks (fun t -> -log t * 7.0 * cos (10.5 * t) * float (sign (sin (10.5 * t))))

    let expected = [|
        for i in 0..1 do
            for j in 0..1 -> y[i] * y[j] * curvature + (if i = j then y[i] * gradient else 0.0)
    |]

    let explanation = explain model (Array.zeroCreate 2) input
    assertNear 1e-10 expected (cells explanation)
    assertCertified explanation
    Assert.Equal(Some 3, explanation.Certificate.Kinks)

[<Theory>]
[<InlineData(1)>]
[<InlineData(2)>]
[<InlineData(3)>]
let ``random networks of smooth and piecewise linear layers are complete`` seed =
    let random = Random(seed + 40)
    let mixed i (z: Tensor) = if i % 2 = 0 then tanh z else Tensor.relu z
    let model = network random mixed 4 [ 8; 8; 6 ]
    let baseline, input = uniform random 4, uniform random 4 |> Array.map ((*) 3.0)
    let explanation = explain model baseline input
    assertCertified explanation
    let scale = explanation.Certificate.Scale
    let rows = cells explanation |> Array.chunkBySize 4 |> Array.map Array.sum
    let change = (Model.evaluate model input)[0] - (Model.evaluate model baseline)[0]
    Assert.InRange(abs (Array.sum rows - change) / scale, 0.0, 1e-9)
    let smooth = explain (Model.smooth 3000.0 model) baseline input
    assertNear 1e-3 (cells smooth) (cells explanation)

[<Fact>]
let ``interactions of groups are sums of those of features`` () =
    let random = Random 21
    let model = network random relu 6 [ 12; 9 ]
    let baseline, input = uniform random 6, uniform random 6 |> Array.map ((*) 3.0)
    let groups = Groups.create 6 [ "a", [| 0; 3 |]; "b", [| 1 |]; "c", [| 2; 4; 5 |] ]
    let grouped = IntegratedHessians.explain { accurate with Groups = Some groups } model baseline input
    let single = (explain model baseline input).Interactions.Value

    let expected = [|
        for a in groups.Members do
            for b in groups.Members ->
                Seq.sum (
                    seq {
                        for i in a do
                            for j in b -> single[i, j]
                    }
                )
    |]

    assertNear 1e-12 expected (cells grouped)
    assertCertified grouped

[<Fact>]
let ``results are the same bits together, alone and on several threads`` () =
    let random = Random 22

    for activate in [ relu; (fun i z -> if i = 0 then tanh z else Tensor.relu z) ] do
        let model = network random activate 6 [ 24; 16 ]

        let tasks =
            Array.init 5 (fun row -> {
                Row = row
                Input = uniform random 6 |> Array.map ((*) 3.0)
                Baseline = Array.zeroCreate 6
            })

        let together = IntegratedHessians.explainRows accurate model tasks
        let onThreads = IntegratedHessians.explainRows { accurate with Threads = 3 } model tasks

        for row in 0..4 do
            let alone = IntegratedHessians.explainRows accurate model [| tasks[row] |] |> Array.head
            Assert.Equal<float[]>(cells alone, cells together[row])
            Assert.Equal<float[]>(cells alone, cells onThreads[row])

[<Fact>]
let ``a step in the output is not certified`` () =
    let model =
        Model.ofFunction 2 (fun x -> Tensor.where (Tensor.less (Tensor.scalar 0.5) x[0]) (x[0] + x[1]) x[1])

    let explanation = explain model (Array.zeroCreate 2) [| 1.0; 1.0 |]
    Assert.False(explanation.Certificate.Satisfied, $"{explanation.Certificate}")

[<Fact>]
let ``a model that cannot tell its kinks is refused where they are asked for`` () =
    let oracle = {
        InputSize = 1
        OutputSize = 1
        Value = fun x -> [| abs x[0] |]
        Gradient = fun x output -> [| float (sign x[0]) * output[0] |]
        Curvature = fun _ _ _ -> Array2D.zeroCreate 1 1
    }

    let options = { accurate with Kinks = KinkTreatment.Exact }

    let problem =
        Assert.Throws<ArgumentException>(fun () ->
            IntegratedHessians.explain options (Model.ofOracle oracle) [| -1.0 |] [| 2.0 |] |> ignore)

    Assert.Contains("derivatives come from outside", problem.Message)
