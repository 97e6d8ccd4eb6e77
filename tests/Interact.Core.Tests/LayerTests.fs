namespace Interact.Core.Tests

open System
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Learning
open Interact.Core.Tests.TrainingSamples
open Xunit

/// Layers in training and in use.
module LayerTests =

    /// Networks that have every layer between them, with the shape of an example.
    let private networks: (string * int[] * Layer list) list = [
        "dense",
        [| 4 |],
        [
            Layer.standardize [| 0.1; -0.2; 0.3; 0.0 |] [| 1.5; 0.5; 2.0; 1.0 |]
            Layer.dense 6
            Layer.tanh
            Layer.residual [ Layer.denseWith Initializer.HeNormal 6; Layer.gelu ]
            Layer.layerNormalization
            Layer.linear 5
            Layer.softplus
            Layer.dropout 0.3
            Layer.dense 3
        ]
        "activations",
        [| 5 |],
        [
            Layer.dense 5
            Layer.silu
            Layer.dense 5
            Layer.elu
            Layer.dense 5
            Layer.selu
            Layer.dense 5
            Layer.sigmoid
            Layer.dense 4
            Layer.leakyRelu 0.1
            Layer.dense 3
            Layer.softmax
        ]
        "images",
        [| 2; 6; 6 |],
        [
            Layer.convolution 3 [ 3; 3 ]
            Layer.batchNormalization
            Layer.tanh
            Layer.averagePooling [ 2; 2 ]
            Layer.convolutionWith { Layer.convolutionDefaults 4 [ 2; 2 ] with Padding = Padding.Valid; HasBias = false }
            Layer.softplus
            Layer.maxPooling [ 2; 2 ]
            Layer.flatten
            Layer.dense 2
        ]
        "strides",
        [| 2; 7; 6 |],
        [
            Layer.convolution 3 [ 3; 2 ]
            Layer.tanh
            Layer.convolutionWith { Layer.convolutionDefaults 3 [ 3; 3 ] with Strides = [ 2; 1 ] }
            Layer.tanh
            Layer.convolutionWith {
                Layer.convolutionDefaults 2 [ 2; 3 ] with
                    Strides = [ 2; 3 ]
                    Padding = Padding.Valid
            }
            Layer.flatten
            Layer.dense 2
        ]
        "sequences",
        [| 2; 9 |],
        [
            Layer.convolution 3 [ 3 ]
            Layer.tanh
            Layer.convolution 2 [ 4 ]
            Layer.tanh
            Layer.convolution 2 [ 2 ]
        ]
        "volumes",
        [| 1; 4; 3; 5 |],
        [
            Layer.convolution 2 [ 3; 2; 3 ]
            Layer.tanh
            Layer.convolution 2 [ 2; 3; 3 ]
            Layer.flatten
            Layer.dense 2
        ]
        "tokens",
        [| 3; 4 |],
        [ Layer.residual [ Layer.attention 2 ]; Layer.layerNormalization; Layer.flatten; Layer.dense 2 ]
        "words", [| 3 |], [ Layer.embedding 5 4; Layer.transpose [ 1; 0 ]; Layer.reshape [ 12 ]; Layer.dense 2 ]
        "variational", [| 4 |], [ Layer.dense 6; Layer.tanh; Layer.variational 3 ]
        "channels",
        [| 2; 4; 4 |],
        [ Layer.convolution 3 [ 3; 3 ]; Layer.tanh; Layer.globalAveragePooling; Layer.dense 2 ]
    ]

    let names = TheoryData<string>(networks |> List.map (fun (name, _, _) -> name))

    let private find name =
        let _, shape, layers = networks |> List.find (fun (other, _, _) -> other = name)
        Network.create 7 shape layers

    let private examples (network: Network) seed count =
        let width = Shape.size network.InputShape

        if network.Parameters |> Seq.exists (fun parameter -> parameter.Name.StartsWith "embedding") then
            numbers seed (count * width) |> Array.map (fun x -> floor ((x + 1.0) * 2.499))
        else
            numbers seed (count * width)

    let private settings batch precision threads = {
        Loss = Loss.squaredError
        Penalties = []
        Optimizer = Optimizer.sgd 0.0
        GradientNorm = None
        Batch = batch
        TotalExamples = 100
        Precision = precision
        Threads = threads
    }

    /// The loss of a step that changes nothing, and the parameters after one of rate 1.
    let private stepOf (network: Network) inputs targets rate =
        let step = TrainingStep.Compile(network, settings 3 Precision.Double 1, None)
        let weights = [| 0.5; 0.3; 0.2 |]
        let terms = step.Run(inputs, targets, weights, rate, 1, RandomStream.Of(3, 3), fun _ -> [||])
        terms[0], step.ParameterValues

    [<Theory>]
    [<MemberData(nameof names)>]
    let ``the change of a step of gradient descent agrees with central differences of the loss`` name =
        let network = find name
        let inputs = examples network 1 3
        let targets = numbers 2 (3 * Shape.size network.OutputShape)
        let loss values = fst (stepOf (network.With values) inputs targets 0.0)
        let initial = [| for parameter in network.Parameters -> parameter.Values |]
        let _, after = stepOf network inputs targets 1.0
        let random = Random 5

        for i in 0 .. initial.Length - 1 do
            if network.Parameters[i].IsTrained then
                for _ in 1..4 do
                    let j = random.Next initial[i].Length

                    let shifted h =
                        initial
                        |> Array.mapi (fun k values ->
                            if k = i then Array.mapi (fun l v -> if l = j then v + h else v) values else values)
                        |> loss

                    let h = 1e-4
                    // Of fourth order: Abramowitz, Stegun 25.3.6.
                    let slope = (8.0 * (shifted h - shifted -h) - (shifted (2.0 * h) - shifted (-2.0 * h))) / (12.0 * h)

                    let step = initial[i][j] - after[i][j]

                    Assert.True(
                        abs (slope - step) < 1e-9 * (1.0 + abs slope),
                        $"{network.Parameters[i].Name}[{j}]: {slope} and {step}"
                    )

    [<Theory>]
    [<MemberData(nameof names)>]
    let ``an exported network reads back to the same function`` name =
        let network = find name
        let inputs = examples network 4 2
        let width = Shape.size network.InputShape
        let model = Network.toModel network
        let parameters = network.Parameters |> Seq.map (fun p -> p.Name, Node.constant p.Shape p.Values) |> dict
        let batch = Node.input "x" (Array.append [| 2 |] network.InputShape)
        let output = network.Graph(System.Collections.Generic.Dictionary parameters, batch, None)
        let both = Run.once [ batch, inputs ] [ output ] |> Array.head

        let each = [|
            for row in 0..1 do
                yield! Model.evaluate model inputs[row * width .. (row + 1) * width - 1]
        |]

        Assert.Equal(both.Length, each.Length)
        Array.iter2 (fun (a: float) (b: float) -> Assert.Equal(a, b, 1e-13)) both each

    // Variational layers

    [<Fact>]
    let ``a variational layer finds the posterior of a linear model with known noise`` () =
        // y = 2 x₁ - x₂ + N(0, 0.5²): with a prior N(0, 1) the posterior of each weight has the precision 1 + Σx²/0.25.
        let count = 400
        let inputs = Array.init count (fun i -> numbers i 2)
        let noise = RandomStream.Of(5, 5)

        let targets =
            inputs
            |> Array.map (fun x ->
                let struct (draw, _) = noise.Normals()
                2.0 * x[0] - x[1] + 0.5 * draw)

        // The negative logarithm of the likelihood, but for a constant.
        let loss =
            Loss.custom "normal" 1 (fun y target -> Tensor.sumAlong 1 ((y - target) * (y - target)) / (2.0 * 0.25))

        let network = Network.create 1 [| 2 |] [ Layer.variational 1 ]

        let options = {
            Training.defaults loss with
                Batch = count
                Epochs = 3000
                LearningRate = 0.05
                Schedule = Schedule.Cosine 0
                Precision = Precision.Double
        }

        let trained = (Training.run options network (TrainingData.ofNumbers inputs targets) None).Network

        let values part =
            (trained.Parameters |> Seq.find (fun parameter -> parameter.Name = $"variational1.{part}")).Values

        let precision i = 1.0 + (inputs |> Array.sumBy (fun x -> x[i] * x[i])) / 0.25

        for i in 0..1 do
            let deviation = log (1.0 + exp (values "spread").[i])
            Assert.Equal(1.0 / sqrt (precision i), deviation, 0.05 / sqrt (precision i))

        Assert.Equal(2.0, (values "weight").[0], 4.0 / sqrt (precision 0))
        Assert.Equal(-1.0, (values "weight").[1], 4.0 / sqrt (precision 1))

    [<Fact>]
    let ``the posterior of a variational layer is found under any name of the layer`` () =
        for name in [ "last"; "my.weight"; "x.weights" ] do
            let network = Network.create 1 [| 3 |] [ Layer.tanh; Layer.variational 2 |> Layer.named name ]

            Assert.All(
                Array.concat (VariationalLayer.posterior network).Variance,
                fun v -> Assert.Equal(0.0025, v, 1e-15)
            )
