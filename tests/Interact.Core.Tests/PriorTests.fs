/// Priors on attributions and interactions, against their definitions and central differences.
module Interact.Core.Tests.PriorTests

open System
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Learning
open Xunit

let private numbers seed count =
    let random = Random(seed: int)
    Array.init count (fun _ -> 2.0 * random.NextDouble() - 1.0)

let private examples, features = 4, 6
let private inputs = numbers 1 (examples * features)
let private classes = [| 0.0; 2.0; 1.0; 2.0 |]
let private background = Array.init 5 (fun i -> numbers (10 + i) features)

let private compile (network: Network) penalties =
    TrainingStep.Compile(
        network,
        {
            Loss = Loss.softmaxCrossEntropy
            Penalties = penalties
            Optimizer = Optimizer.sgd 0.0
            GradientNorm = None
            Batch = examples
            TotalExamples = examples
            Precision = Precision.Double
            Threads = 1
        },
        None
    )

/// The terms of a step, and the parameters after it.
let private run (network: Network) penalties seed rate =
    let step = compile network penalties
    let weights = Array.create examples (1.0 / float examples)
    let draw (stream: RandomStream) = background[int (stream.Uniform() * float background.Length)]
    let terms = step.Run(inputs, classes, weights, rate, 1, RandomStream.Of(seed, 3), draw)
    terms, step.ParameterValues

let private smooth =
    Network.create 3 [| features |] [
        Layer.dense 7
        Layer.tanh
        Layer.dropout 0.2
        Layer.dense 5
        Layer.softplus
        Layer.dense 3
    ]

let private rectified = Network.create 3 [| features |] [ Layer.dense 7; Layer.relu; Layer.dense 3 ]

let private attribution = { AttributionPrior.defaults with Target = PriorTarget.TrueClass; Samples = 2 }

let private grouped = {
    attribution with
        Groups = Some [| [| 0; 1 |]; [| 2 |]; [| 3; 4; 5 |] |]
        Factors = Some [| 1.0; 0.5; 2.0 |]
        Target = PriorTarget.Output 1
}

let private interaction = { InteractionPrior.defaults with Target = PriorTarget.TrueClass; Samples = 2 }

let private priors: (string * Network * Penalty) list = [
    "sparsity", smooth, AttributionPrior.sparsity 1.5 attribution
    "sparsity of groups", smooth, AttributionPrior.sparsity 1.5 grouped
    "graph", smooth, AttributionPrior.graph 0.7 [ 0, 1, 1.0; 1, 2, 0.5; 4, 5, 2.0 ] attribution
    "smoothness", smooth, AttributionPrior.smoothness 0.3 [| 2; 3 |] attribution
    "custom", smooth, AttributionPrior.custom "fourth power" 2.0 grouped (fun phi -> Tensor.sum (phi ** 4.0))
    "forbidden pairs", smooth, InteractionPrior.pairs 40.0 [ 0, 3; 2, 5; 0, 1 ] interaction
    "between", smooth, InteractionPrior.between 40.0 [ 0; 1 ] [ 3; 4; 5 ] interaction
    "all", smooth, InteractionPrior.all 40.0 interaction
    "estimated", smooth, InteractionPrior.estimated 40.0 interaction
    "smoothed", rectified, InteractionPrior.all 4.0 { interaction with Smooth = Some 3.0 }
    "absolute", smooth, InteractionPrior.custom "absolute" 5.0 [ 0, 3; 2, 5 ] interaction (abs >> Tensor.sum)
    "L1", smooth, Penalty.l1 0.1 (fun name -> name.EndsWith ".weight")
    "L2", smooth, Penalty.l2 0.1 (fun name -> name.StartsWith "dense1")
]

let names = TheoryData<string>(priors |> List.map (fun (name, _, _) -> name))

let private find name =
    let _, network, penalty = priors |> List.find (fun (other, _, _) -> other = name)
    network, penalty

[<Theory>]
[<MemberData(nameof names)>]
let ``the gradient of a prior by the parameters agrees with central differences`` name =
    let network, penalty = find name
    let initial = [| for parameter in network.Parameters -> parameter.Values |]
    let _, after = run network [ penalty ] 1 1.0
    let random = Random 2
    let mutable largest = 0.0

    for i in 0 .. initial.Length - 1 do
        for _ in 1..5 do
            let j = random.Next initial[i].Length

            let shifted h =
                let values =
                    initial
                    |> Array.mapi (fun k values ->
                        if k = i then Array.mapi (fun l v -> if l = j then v + h else v) values else values)

                (fst (run (network.With values) [ penalty ] 1 0.0))[0]

            let h = 1e-3
            // Of fourth order: Abramowitz, Stegun 25.3.6.
            let slope = (8.0 * (shifted h - shifted -h) - (shifted (2.0 * h) - shifted (-2.0 * h))) / (12.0 * h)
            let step = initial[i][j] - after[i][j]
            let alone = (fst (run network [ penalty ] 1 0.0))[2]
            largest <- max largest (abs alone)

            Assert.True(
                abs (slope - step) < 1e-6 * (1e-3 + abs slope),
                $"{network.Parameters[i].Name}[{j}]: {slope} and {step}"
            )

    Assert.True(largest > 1e-4, "the prior is all but zero")

[<Theory>]
[<MemberData(nameof names)>]
let ``the weight multiplies the prior in the loss`` name =
    let network, penalty = find name
    let terms, _ = run network [ penalty ] 5 0.0
    Assert.Equal(terms[1] + penalty.Weight * terms[2], terms[0], 1e-12)
    let doubled, _ = run network [ { penalty with Weight = 2.0 * penalty.Weight } ] 5 0.0
    Assert.Equal(terms[2], doubled[2], 1e-12)
    Assert.Equal(terms[1] + 2.0 * penalty.Weight * terms[2], doubled[0], 1e-12)

/// f_c(x) = Σ_k weight_kc (u_k·x)²: its Hessian is 2 Σ_k weight_kc u_k u_kᵀ everywhere.
let private directions = numbers 21 (features * 4)

let private outer = numbers 22 (4 * 3)

let private quadratic =
    let linear = Layer.denseWith (Initializer.Values directions) 4

    let square = Layer(fun draft x -> draft.Apply("Mul", draft.NewName "square", [ x; x ], []))

    Network.create 1 [| features |] [ linear; square; Layer.denseWith (Initializer.Values outer) 3 ]

let private hessian target i j =
    2.0
    * Seq.sum (seq { for k in 0..3 -> outer[k * 3 + target] * directions[i * 4 + k] * directions[j * 4 + k] })

/// Mean of a prior over many draws, and its standard error.
let private average count penalty =
    let step = compile quadratic [ penalty ]
    let weights = Array.create examples (1.0 / float examples)
    let draw (stream: RandomStream) = background[int (stream.Uniform() * float background.Length)]

    let values =
        Array.init count (fun seed -> (step.Run(inputs, classes, weights, 0.0, 1, RandomStream.Of(seed, 3), draw))[2])

    let mean = Array.average values
    let variance = values |> Array.sumBy (fun value -> (value - mean) ** 2.0)
    mean, sqrt (variance / float (count * (count - 1)))

/// The mean over examples and baselines of a function of example and baseline.
let private overPaths f =
    Array.allPairs [| 0 .. examples - 1 |] background
    |> Array.averageBy (fun (example, baseline) ->
        let x = inputs[example * features .. (example + 1) * features - 1]
        f (int classes[example]) (Array.map2 (-) x baseline))

let private agree (mean, error) expected =
    Assert.True(abs (mean - expected) < 5.0 * error + 1e-12, $"{mean} ± {error} where {expected} is due")

[<Fact>]
let ``drawn interactions of a quadratic are those of its Hessian`` () =
    // One baseline alone, so that nothing is left to chance.
    let penalty =
        InteractionPrior.custom "sum" 1.0 [ 1, 4; 0, 2 ] { interaction with Samples = 1 } Tensor.sum

    let expected =
        float examples
        * overPaths (fun target delta ->
            [ 1, 4; 0, 2 ] |> List.sumBy (fun (i, j) -> delta[i] * delta[j] * hessian target i j / 4.0))

    agree (average 4000 penalty) expected

[<Fact>]
let ``the estimate by random divisions has the mean of the whole matrix`` () =
    let options = { interaction with Samples = 1 }

    let expected =
        overPaths (fun target delta ->
            Seq.sum (
                seq {
                    for i in 0 .. features - 1 do
                        for j in i + 1 .. features - 1 do
                            (delta[i] * delta[j] * hessian target i j / 4.0) ** 2.0
                }
            ))

    agree (average 20_000 (InteractionPrior.estimated 1.0 options)) expected
    agree (average 4000 (InteractionPrior.all 1.0 options)) expected

[<Fact>]
let ``drawn attributions of a quadratic have the mean of Expected Gradients`` () =
    // ∫∇f(x' + tδ) dt = H (x' + δ/2) for f = ½xᵀHx.
    let penalty =
        AttributionPrior.custom "one feature" 1.0 { attribution with Samples = 1 } (fun phi ->
            Tensor.sum (phi.Node |> Node.gather 1 [| 2 |] |> Tensor))

    let expected =
        Array.allPairs [| 0 .. examples - 1 |] background
        |> Array.averageBy (fun (example, baseline) ->
            let x = inputs[example * features .. (example + 1) * features - 1]

            (x[2] - baseline[2])
            * Seq.sum (
                seq { for j in 0 .. features - 1 -> hessian (int classes[example]) 2 j * (x[j] + baseline[j]) / 2.0 }
            ))

    agree (average 4000 penalty) (float examples * expected)

/// x·W + b, W row by row.
let private affine (weight: float[]) (bias: float[]) (x: float[]) =
    Array.init bias.Length (fun j ->
        bias[j] + Seq.sum (seq { for i in 0 .. x.Length - 1 -> x[i] * weight[i * bias.Length + j] }))

/// ∂f_c/∂x of a network with one hidden layer of tanh, from its parameters W₁, b₁, W₂, b₂: Σ_k W₁_ik·(1 - h_k²)·W₂_kc.
let private gradientByHand (parameters: float[][]) target (x: float[]) =
    let hidden = affine parameters[0] parameters[1] x |> Array.map tanh
    let units, outputs = hidden.Length, parameters[3].Length

    Array.init x.Length (fun i ->
        Seq.sum (
            seq {
                for k in 0 .. units - 1 ->
                    parameters[0].[i * units + k]
                    * (1.0 - hidden[k] * hidden[k])
                    * parameters[2].[k * outputs + target]
            }
        ))

/// A function of Expected Gradients of the examples at given parameters, with the draws that a step of the seed makes: first a background
/// row for each sample and example, then their places.
let private expectedGradientsByHand (parameters: float[][]) samples seed (omega: float[][] -> float) =
    let stream = RandomStream.Of(seed, 3)

    let baselines =
        Array.init (samples * examples) (fun _ -> background[int (stream.Uniform() * float background.Length)])

    let places = Array.init (samples * examples) (fun _ -> stream.Uniform())

    Array.init examples (fun example ->
        let x = inputs[example * features .. (example + 1) * features - 1]

        let drawn =
            Array.init samples (fun sample ->
                let at = sample * examples + example
                let change = Array.map2 (-) x baselines[at]
                let point = Array.map2 (fun start d -> start + places[at] * d) baselines[at] change
                Array.map2 (*) change (gradientByHand parameters (int classes[example]) point))

        Array.init features (fun i -> drawn |> Array.averageBy (Array.item i)))
    |> omega

[<Fact>]
let ``attribution priors and their gradients are those of Expected Gradients by hand on the same draws`` () =
    let network = Network.create 8 [| features |] [ Layer.dense 5; Layer.tanh; Layer.dense 3 ]
    let initial = [| for parameter in network.Parameters -> parameter.Values |]

    let meanSizes (attributions: float[][]) =
        Array.init features (fun i -> attributions |> Array.averageBy (fun phi -> abs phi[i]))

    // Sparsity by the Gini coefficient of sorted sizes: (2 Σ i·s_i/Σ s_i - p - 1)/p, with s in ascending order and i from 1.
    let gini attributions =
        let sorted = Array.sort (meanSizes attributions)
        let ranked = sorted |> Array.mapi (fun i size -> float (i + 1) * size) |> Array.sum
        (2.0 * ranked / Array.sum sorted - float features - 1.0) / float features

    let graph attributions =
        let sizes = meanSizes attributions
        0.5 * (sizes[0] - sizes[3]) ** 2.0 + 2.0 * (sizes[2] - sizes[5]) ** 2.0

    let cubes (attributions: float[][]) = attributions |> Array.sumBy (Array.sumBy (fun phi -> phi ** 3.0))

    for samples in [ 1; 3 ] do
        let options = { attribution with Samples = samples }

        let cases = [
            AttributionPrior.sparsity 1.0 options, (fun phi -> -(gini phi))
            AttributionPrior.graph 1.0 [ 0, 3, 0.5; 2, 5, 2.0 ] options, graph
            AttributionPrior.custom "cubes" 1.0 options (fun phi -> Tensor.sum (phi * phi * phi)), cubes
        ]

        for penalty, omega in cases do
            let byHand parameters = expectedGradientsByHand parameters samples 5 omega
            let terms, after = run network [ penalty ] 5 1.0
            Numbers.closeTo 1e-12 (byHand initial) terms[2]
            // A step of rate 1 without the prior's part leaves the gradient of the prior.
            let _, without = run network [ { penalty with Weight = 0.0 } ] 5 1.0

            for i in 0 .. initial.Length - 1 do
                for j in 0 .. initial[i].Length - 1 do
                    let shifted h =
                        initial
                        |> Array.mapi (fun k values ->
                            if k = i then Array.updateAt j (values[j] + h) values else values)
                        |> byHand

                    // Short enough that no attribution changes its sign on the way.
                    let h = 1e-5
                    // Of fourth order: Abramowitz, Stegun 25.3.6.
                    let slope = (8.0 * (shifted h - shifted -h) - (shifted (2.0 * h) - shifted (-2.0 * h))) / (12.0 * h)
                    Numbers.closeTo 1e-9 slope (without[i].[j] - after[i].[j])

[<Fact>]
let ``the Gini coefficient is 0 where all have as much and 1 - 1/p where one has everything`` () =
    let ofFeature (kept: int -> float) =
        // f = Σ w_i x_i: the attribution of i is w_i (x_i - x'_i).
        let weights = Array.init features kept
        let network = Network.create 1 [| features |] [ Layer.denseWith (Initializer.Values weights) 1 ]

        let step =
            TrainingStep.Compile(
                network,
                {
                    Loss = Loss.squaredError
                    Penalties = [ AttributionPrior.sparsity 1.0 AttributionPrior.defaults ]
                    Optimizer = Optimizer.sgd 0.0
                    GradientNorm = None
                    Batch = 1
                    TotalExamples = 1
                    Precision = Precision.Double
                    Threads = 1
                },
                None
            )

        let zeros = Array.zeroCreate features
        (step.Run(Array.create features 1.0, [| 0.0 |], [| 1.0 |], 0.0, 1, RandomStream.Of(1, 1), fun _ -> zeros))[2]

    Assert.Equal(0.0, ofFeature (fun _ -> 0.3), 1e-12)
    Assert.Equal(-(1.0 - 1.0 / float features), ofFeature (fun i -> if i = 2 then 0.3 else 0.0), 1e-12)

[<Fact>]
let ``a network without second derivatives is refused, and why`` () =
    let linear = Network.create 1 [| features |] [ Layer.dense 4; Layer.dense 3 ]

    for network, reason in [ rectified, "smooth activations instead of ReLU"; linear, "is linear in its inputs" ] do
        let refused =
            Assert.Throws<ArgumentException>(fun () ->
                run network [ InteractionPrior.all 1.0 interaction ] 1 0.0 |> ignore)

        Assert.Contains(reason, refused.Message)

/// dense, batch normalisation, dropout, dense, of which the normalisation has statistics that no batch here has.
let private normalized =
    let made =
        Network.create 4 [| features |] [ Layer.dense 5; Layer.batchNormalization; Layer.dropout 0.5; Layer.dense 3 ]

    made.With [|
        for parameter in made.Parameters ->
            match parameter.Name.Split('.') |> Array.last with
            | "mean" -> numbers 31 5
            | "variance" -> numbers 32 5 |> Array.map (fun value -> 2.0 + value)
            | "scale" -> numbers 33 5
            | _ -> parameter.Values
    |]

/// The parameters of `normalized` by the ends of their names, in the order of the layers.
let private valuesOf (ending: string) = [
    for parameter in normalized.Parameters do
        if parameter.Name.EndsWith ending then parameter.Values
]

[<Fact>]
let ``a prior sees the network as it will be used: kept statistics, and nothing dropped out`` () =
    let first, last = valuesOf ".weight" |> fun weights -> weights[0], weights[1]
    let scale, variance = (valuesOf ".scale").Head, (valuesOf ".variance").Head

    /// In use the network is affine: ∂f_c/∂x_i = Σ_h W1_ih · scale_h/√(variance_h + 10⁻⁵) · W2_hc.
    let slope feature target =
        Seq.sum (
            seq {
                for h in 0..4 ->
                    first[feature * 5 + h] * scale[h] / sqrt (variance[h] + float 1e-5f) * last[h * 3 + target]
            }
        )

    let expected =
        Array.init examples (fun example ->
            Array.init features (fun feature ->
                (inputs[example * features + feature] - 0.5) * slope feature (int classes[example])))

    // The fourth powers tell the attributions apart, not only their sum.
    let penalty =
        AttributionPrior.custom "powers" 1.0 { attribution with Samples = 1 } (fun phi -> Tensor.sum (phi ** 4.0))

    let step = compile normalized [ penalty ]
    let weights = Array.create examples (1.0 / float examples)
    let baseline = Array.create features 0.5
    let terms = step.Run(inputs, classes, weights, 0.0, 1, RandomStream.Of(1, 3), (fun _ -> baseline))
    let sum = expected |> Array.sumBy (Array.sumBy (fun phi -> phi ** 4.0))
    Assert.Equal(sum, terms[2], 1e-10 * sum)

[<Fact>]
let ``points of a prior's paths do not move the statistics of batch normalisation`` () =
    let statistics (values: float[][]) = [
        for parameter, values in Seq.zip normalized.Parameters values do
            if parameter.Name.EndsWith ".mean" || parameter.Name.EndsWith ".variance" then values
    ]

    let _, without = run normalized [] 1 0.0
    let _, own = run normalized [ AttributionPrior.sparsity 1.0 attribution ] 1 0.0
    Assert.Equal<float[] list>(statistics without, statistics own)
    let before = [| for parameter in normalized.Parameters -> parameter.Values |]
    Assert.NotEqual<float[] list>(statistics before, statistics own)
