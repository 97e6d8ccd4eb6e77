/// Derivatives at the row, contextual decomposition and neural interaction detection.
module Interact.Core.Tests.ComparatorTests

open System
open System.IO
open System.Text.Json
open Interact.Core
open Interact.Core.Onnx
open Interact.Core.Tests.Numbers
open Xunit

let private uniform (random: Random) count = Array.init count (fun _ -> 2.0 * random.NextDouble() - 1.0)

// Derivatives at the row

let private cubic = Model.ofFunction 3 (fun x -> x[0] * x[0] * x[1] + 3.0 * x[1] * x[2])
let private at = [| 2.0; -1.0; 0.5 |]
let private start = [| 1.0; 1.0; 0.0 |]

// By hand at (2, -1, 1/2): gradient (2 x0 x1, x0² + 3 x2, 3 x1), δ = (1, -2, 1/2), f = -5.5, f(x') = 1.
let private slopes = [| -4.0; 5.5; -3.0 |]
let private second = [| -2.0; 4.0; 0.0; 4.0; 0.0; 3.0; 0.0; 3.0; 0.0 |]

[<Fact>]
let ``Gradients and second derivatives are those at the row`` () =
    let gradients = Gradients.explain Gradients.defaults cubic start at
    close 1e-15 slopes gradients.Attributions
    Assert.Equal(None, gradients.Interactions)
    closeTo 1e-15 (abs (-1.5 + 6.5)) gradients.Certificate.CompletenessResidual

    let hessian = InputHessian.explain InputHessian.defaults cubic start at
    close 1e-15 slopes hessian.Attributions
    close 1e-15 second (interactions hessian)

[<Fact>]
let ``Times input is times the distance from the baseline`` () =
    let gradients = Gradients.timesInput Gradients.defaults cubic start at
    close 1e-15 [| -4.0; -11.0; -1.5 |] gradients.Attributions

    let hessian = InputHessian.timesInput InputHessian.defaults cubic start at
    close 1e-15 [| -4.0; -11.0; -1.5 |] hessian.Attributions
    close 1e-15 [| -2.0; -8.0; 0.0; -8.0; 0.0; -3.0; 0.0; -3.0; 0.0 |] (interactions hessian)
    // Σ of the matrix is -24, f(x) - f(x') is -6.5: told, and not judged.
    closeTo 1e-15 17.5 hessian.Certificate.CompletenessResidual
    Assert.True hessian.Certificate.Satisfied

[<Fact>]
let ``Groups add the elements between their members`` () =
    let options = { PathOptions.defaults with Groups = Some(Groups.create 3 [ "a", [| 0; 2 |]; "b", [| 1 |] ]) }
    let plain = InputHessian.explain options cubic start at
    close 1e-15 [| -7.0; 5.5 |] plain.Attributions
    close 1e-15 [| -2.0; 7.0; 7.0; 0.0 |] (interactions plain)
    let scaled = InputHessian.timesInput options cubic start at
    close 1e-15 [| -2.0; -11.0; -11.0; 0.0 |] (interactions scaled)

[<Fact>]
let ``A derivative that is not finite is refused`` () =
    let root = Model.ofFunction 1 (fun x -> sqrt x[0])

    let problem =
        Assert.Throws<NotFiniteException>(fun () ->
            Gradients.explain Gradients.defaults root [| 1.0 |] [| 0.0 |] |> ignore)

    Assert.Contains("at the row", problem.Message)

// Contextual decomposition

/// The layers of a dense network, weights as units x inputs.
type private Layer = { Weights: float[,]; Bias: float[] }

let private dense (activation: Tensor -> Tensor) (layers: Layer list) : Model =
    let n = layers.Head.Weights.GetLength 1

    let apply (layer: Layer) (x: Tensor) =
        let weights =
            Tensor.create [| layer.Weights.GetLength 0; layer.Weights.GetLength 1 |] (flat layer.Weights)

        Tensor.matmul x (Tensor.transpose weights) + Tensor.ofArray layer.Bias

    Model.ofFunction n (fun x ->
        let hidden =
            (x |> Tensor.reshape [| 1; n |], List.take (layers.Length - 1) layers)
            ||> List.fold (fun x layer -> activation (apply layer x))

        apply (List.last layers) hidden)

let private random seed (sizes: int list) =
    let random = Random seed

    [
        for inputs, units in List.pairwise sizes ->
            {
                Weights = Array2D.init units inputs (fun _ _ -> 2.0 * random.NextDouble() - 1.0)
                Bias = uniform random units
            }
    ]

let private product (weights: float[,]) (x: float[]) =
    Array.init (weights.GetLength 0) (fun unit -> Array.sum (Array.map2 (*) weights[unit, *] x))

/// CD of a set by plain loops, straight from the definition.
let private decomposed
    (activation: float -> float)
    (layers: Layer list)
    (baseline: float[])
    (input: float[])
    isIn
    : float =
    let part wanted = Array.mapi2 (fun i x start -> if isIn i = wanted then x - start else 0.0) input baseline

    let parts, _ =
        (((baseline, part true, part false), 1), layers)
        ||> List.fold (fun ((start, own, others), number) layer ->
            let start = Array.map2 (+) (product layer.Weights start) layer.Bias
            let own, others = product layer.Weights own, product layer.Weights others

            if number = layers.Length then
                (start, own, others), number + 1
            else
                let s = activation

                let share b mine theirs = (s (b + mine) - s b + s (b + mine + theirs) - s (b + theirs)) / 2.0

                (Array.map s start, Array.map3 share start own others, Array.map3 share start others own), number + 1)

    let _, own, _ = parts
    own[0]

[<Fact>]
let ``Contextual decomposition of three features that share a unit is as by hand`` () =
    // h = relu(x0 + 2 x1 + 3 x2 - 2) at (1, 1, 1) against 0: CD(0) = 1/2, CD(1) = 1, CD(2) = 2, CD(01) = 2, CD(02) = 3, CD(12) = 7/2.
    let model = Model.ofFunction 3 (fun x -> Tensor.relu (x[0] + 2.0 * x[1] + 3.0 * x[2] - 2.0))

    let actual =
        ContextualDecomposition.explain ContextualDecomposition.defaults model (Array.zeroCreate 3) (Array.create 3 1.0)

    close 1e-15 [| 0.5; 1.0; 2.0 |] actual.Attributions
    close 1e-15 [| 0.5; 0.25; 0.25; 0.25; 1.0; 0.25; 0.25; 0.25; 2.0 |] (interactions actual)
    closeTo 1e-15 1.0 actual.Certificate.CompletenessResidual
    Assert.True actual.Certificate.Satisfied

[<Fact>]
let ``Contextual decomposition of a network is as by plain loops`` () =
    let layers = random 31 [ 5; 7; 6; 4; 1 ]
    let input, baseline = uniform (Random 32) 5, uniform (Random 33) 5
    let gelu x = 0.5 * x * (1.0 + Interact.Core.SpecialFunctions.erf (x / sqrt 2.0))

    for model, activation in
        [ dense Tensor.relu layers, max 0.0; dense tanh layers, tanh; dense Tensor.gelu layers, gelu ] do
        let cd = decomposed activation layers baseline input
        let single = Array.init 5 (fun i -> cd ((=) i))

        let expected =
            Array2D.init 5 5 (fun i j ->
                if i = j then single[i] else (cd (fun k -> k = i || k = j) - single[i] - single[j]) / 2.0)

        let actual = ContextualDecomposition.explain ContextualDecomposition.defaults model baseline input
        close 1e-13 single actual.Attributions
        close 1e-13 (flat expected) (interactions actual)
        closeTo 1e-13 (actual.Value - actual.BaselineValue) (cd (fun _ -> true))
        Assert.True actual.Certificate.Satisfied

[<Fact>]
let ``A linear network has no contextual interactions`` () =
    let model = dense id (random 34 [ 4; 5; 1 ])
    let input, baseline = uniform (Random 35) 4, uniform (Random 36) 4
    let actual = ContextualDecomposition.explain ContextualDecomposition.defaults model baseline input

    let offDiagonal =
        actual.Interactions.Value |> Array2D.mapi (fun i j x -> if i = j then 0.0 else x) |> flat

    close 1e-14 (Array.zeroCreate 16) offDiagonal
    Assert.True(actual.Certificate.CompletenessResidual < 1e-13)

let notChains =
    TheoryData<string>(
        "a product of features",
        "a skip connection",
        "a softmax before the end",
        "an oracle",
        "a constant"
    )

[<Theory; MemberData(nameof notChains)>]
let ``Networks that are no chain of dense layers are refused`` name =
    let weights = Tensor.create [| 3; 3 |] (uniform (Random 37) 9)
    let row x = x |> Tensor.reshape [| 1; 3 |]

    let model =
        match name with
        | "a product of features" -> Model.ofFunction 3 (fun x -> x[0] * x[1] + x[2])
        | "a constant" -> Model.ofFunction 3 (fun x -> Tensor.sum (0.0 * x) + 1.0)
        | "a skip connection" -> Model.ofFunction 3 (fun x -> tanh (row x + tanh (Tensor.matmul (row x) weights)))
        | "a softmax before the end" ->
            Model.ofFunction 3 (fun x -> Tensor.matmul (Tensor.softmax 1 (Tensor.matmul (row x) weights)) weights)
        | _ ->
            Model.ofOracle {
                InputSize = 3
                OutputSize = 1
                Value = fun x -> [| Array.sum x |]
                Gradient = fun _ _ -> Array.create 3 1.0
                Curvature = fun _ _ directions -> Array2D.zeroCreate directions.Length directions.Length
            }

    let refused (work: unit -> unit) =
        let problem = Assert.Throws<ArgumentException> work
        Assert.Contains("not a chain of dense layers", problem.Message)

    refused (fun () -> NeuralInteractionDetection.pairs 0 model |> ignore)

    refused (fun () ->
        ContextualDecomposition.explain ContextualDecomposition.defaults model (Array.zeroCreate 3) [| 1.0; 2.0; 3.0 |]
        |> ignore)

// Neural interaction detection

let private sets (found: RankedSet[]) =
    found |> Array.map (fun interaction -> List.ofArray interaction.Members, interaction.Strength)

[<Fact>]
let ``Interactions from weights are as by hand`` () =
    let layers = [
        { Weights = array2D [ [ 1.0; -2.0; 0.0 ]; [ 0.5; 1.0; 3.0 ] ]; Bias = [| 5.0; -1.0 |] }
        { Weights = array2D [ [ 2.0; -1.0 ]; [ 1.0; 1.0 ] ]; Bias = [| 0.0; 1.0 |] }
        { Weights = array2D [ [ 7.0; 7.0 ]; [ 1.0; -2.0 ] ]; Bias = [| 0.0; 3.0 |] }
    ]

    // z = |1, -2| · |W2| = (4, 3).
    let model = dense Tensor.relu layers

    let pairs = [| [ 0; 1 ], 4.0 * 1.0 + 3.0 * 0.5; [ 1; 2 ], 3.0 * 1.0; [ 0; 2 ], 3.0 * 0.5 |]
    Assert.Equal<(int list * float)[]>(pairs, NeuralInteractionDetection.pairs 1 model |> sets)

    let any = [| [ 0; 1 ], 4.0; [ 1; 2 ], 3.0; [ 0; 1; 2 ], 1.5 |]
    Assert.Equal<(int list * float)[]>(any, NeuralInteractionDetection.sets 3 10 1 model |> sets)
    Assert.Equal<(int list * float)[]>(any[..1], NeuralInteractionDetection.sets 2 10 1 model |> sets)
    Assert.Equal<(int list * float)[]>(any[..0], NeuralInteractionDetection.sets 3 1 1 model |> sets)

[<Fact>]
let ``A set within a stronger one is left out`` () =
    // Three units of weights (2, 2, 2) propose {0, 1} and {0, 1, 2} with 2 each; a fourth adds 1 to {0, 1, 2}, and proposes {1, 2} with 1.
    let first = array2D [ [ 2.0; 2.0; 2.0 ]; [ 2.0; 2.0; 2.0 ]; [ 2.0; 2.0; 2.0 ]; [ 1.0; 1.0; 1.0 ] ]
    let first = Array2D.mapi (fun h i w -> if h = 3 && i > 0 then 1.5 else w) first

    let layers = [
        { Weights = first; Bias = Array.zeroCreate 4 }
        { Weights = Array2D.create 1 4 1.0; Bias = [| 0.0 |] }
    ]

    let found = NeuralInteractionDetection.sets 3 10 0 (dense tanh layers) |> sets
    Assert.Equal<(int list * float)[]>([| [ 0; 1; 2 ], 7.0 |], found)

[<Fact>]
let ``Constants that scale units belong to the weights, those of an activation do not`` () =
    let layers = random 41 [ 4; 5; 1 ]
    let scales = Tensor.ofArray [| 0.5; 1.0; 2.0; 3.0; 4.0 |]
    let plain = layers.Tail.Head

    let scaled = {
        plain with
            Weights = plain.Weights |> Array2D.mapi (fun _ unit w -> w * [| 0.5; 1.0; 2.0; 3.0; 4.0 |][unit])
    }

    let expected = NeuralInteractionDetection.pairs 0 (dense Tensor.gelu [ layers.Head; scaled ])
    let actual = NeuralInteractionDetection.pairs 0 (dense (fun z -> Tensor.gelu z * scales) layers)

    Assert.Equal<int[][]>(
        expected |> Array.map (fun (set: RankedSet) -> set.Members),
        actual |> Array.map (fun (set: RankedSet) -> set.Members)
    )

    close 1e-13 (expected |> Array.map _.Strength) (actual |> Array.map _.Strength)

[<Fact>]
let ``A network without a hidden layer is refused`` () =
    let problem =
        Assert.Throws<ArgumentException>(fun () ->
            NeuralInteractionDetection.pairs 0 (dense tanh (random 42 [ 4; 1 ])) |> ignore)

    Assert.Contains("no hidden layer", problem.Message)

[<Fact>]
let ``The ranking of the sample's pairs and sets is that of a program of its own`` () =
    let folder = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))

    let model =
        match OnnxModel.load OnnxModel.defaults (Path.Combine(folder, "samples", "breast-cancer", "model.onnx")) with
        | Ok model -> model
        | Error problems -> invalidOp $"%A{problems}"

    use document =
        File.ReadAllText(Path.Combine(folder, "tests", "fixtures", "sample_breast_cancer", "weights.json"))
        |> JsonDocument.Parse

    let expected (name: string) =
        document.RootElement.GetProperty(name).EnumerateArray()
        |> Seq.map (fun entry ->
            entry.GetProperty("features").EnumerateArray() |> Seq.map _.GetInt32() |> Array.ofSeq,
            entry.GetProperty("strength").GetDouble())
        |> Array.ofSeq

    for name, found in
        [
            "pairs", NeuralInteractionDetection.pairs 0 model
            "sets", NeuralInteractionDetection.sets 30 100 0 model
        ] do
        let features, strengths = expected name |> Array.unzip

        Assert.Equal<int[][]>(
            features,
            found |> Array.truncate features.Length |> Array.map (fun (set: RankedSet) -> set.Members)
        )

        close 1e-13 strengths (found |> Array.truncate features.Length |> Array.map _.Strength)

// What the documentation says of small functions

/// A function at ones against zeros, and by each method a cell off the diagonal and one on it.
let private small: (string * int * (Tensor -> Tensor) * (float * float) list) list =
    let ln2 = log 2.0

    [
        "x0 x1", 2, (fun x -> x[0] * x[1]), [ 1.0 / 4.0, 1.0 / 4.0; 0.5, 0.0; 0.5, 0.0; 1.0, 0.0 ]
        "x0 x1 x2",
        3,
        (fun x -> x[0] * x[1] * x[2]),
        [ 1.0 / 9.0, 1.0 / 9.0; 1.0 / 4.0, -1.0 / 6.0; 1.0 / 6.0, 0.0; 1.0, 0.0 ]
        "x0² beside nothing", 2, (fun x -> x[0] * x[0] + 0.0 * x[1]), [ 0.0, 1.0; 0.0, 1.0; 0.0, 1.0; 0.0, 2.0 ]
        "relu(x0 + x1 - 1)",
        2,
        (fun x -> Tensor.relu (x[0] + x[1] - 1.0)),
        [ ln2 / 4.0, 0.5 - ln2 / 4.0; 0.5, 0.0; 0.5, 0.0; 0.0, 0.0 ]
    ]

let smallNames = TheoryData<string>(small |> List.map (fun (name, _, _, _) -> name))

[<Theory; MemberData(nameof smallNames)>]
let ``Methods differ on small functions as the documentation says`` name =
    let _, n, f, expected = small |> List.find (fun (other, _, _, _) -> other = name)
    let model = Model.ofFunction n f
    let zeros, ones = Array.zeroCreate<float> n, Array.create n 1.0
    let accurate = { PathOptions.defaults with Tolerance = 1e-11 }

    let found =
        [
            IntegratedHessians.explain accurate model zeros ones
            ShapleyInteractions.explain ShapleyInteractions.defaults model zeros ones
            ShapleyTaylor.explain ShapleyTaylor.defaults model zeros ones
            InputHessian.timesInput InputHessian.defaults model zeros ones
        ]
        |> List.map (fun explanation -> explanation.Interactions.Value[0, 1], explanation.Interactions.Value[0, 0])

    for (offDiagonal, diagonal), (actualOff, actualOn) in List.zip expected found do
        closeTo 1e-10 offDiagonal actualOff
        closeTo 1e-10 diagonal actualOn

[<Fact>]
let ``Layers that change nothing change contextual decomposition, and weights that cancel are detected`` () =
    let both = { Weights = array2D [ [ 1.0; 1.0 ]; [ -1.0; -1.0 ] ]; Bias = [| 0.0; 0.0 |] }
    let first = { Weights = array2D [ [ 1.0; 0.0 ] ]; Bias = [| 0.0 |] }
    let one = { Weights = array2D [ [ 1.0 ] ]; Bias = [| 0.0 |] }
    let zeros, row = [| 0.0; 0.0 |], [| 1.0; -2.0 |]

    for layers, expected in [ [ both; first ], 0.5; [ both; first; one ], 0.25 ] do
        let model = dense Tensor.relu layers
        let actual = ContextualDecomposition.explain ContextualDecomposition.defaults model zeros row
        closeTo 1e-15 expected actual.Attributions[0]
        Assert.Equal(0.0, actual.Value)

    let same = { both with Weights = array2D [ [ 1.0; 2.0 ]; [ 1.0; 2.0 ] ] }
    let cancelling = dense Tensor.relu [ same; { first with Weights = array2D [ [ 1.0; -1.0 ] ] } ]
    close 0.0 [| 0.0 |] (Model.evaluate cancelling [| 0.3; 0.4 |])
    let pair = NeuralInteractionDetection.pairs 0 cancelling |> Array.exactlyOne
    Assert.Equal(2.0, pair.Strength)
