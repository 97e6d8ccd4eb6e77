namespace Interact.Core.Tests

open System
open Interact.Core
open Interact.Core.Learning
open Xunit

/// First values, schedules, names, what is refused, and what large networks take.
module NetworkTests =

    let initializers =
        let data = TheoryData<string, float, bool>()
        // Of a dense layer from 30 to 50: fan-in 30, fan-out 50.
        data.Add("GlorotUniform", 2.0 / 80.0, true)
        data.Add("GlorotNormal", 2.0 / 80.0, false)
        data.Add("HeUniform", 2.0 / 30.0, true)
        data.Add("HeNormal", 2.0 / 30.0, false)
        data.Add("LeCunUniform", 1.0 / 30.0, true)
        data.Add("LeCunNormal", 1.0 / 30.0, false)
        data.Add("Uniform", 0.25 / 3.0, true)
        data.Add("Normal", 0.25, false)
        data

    let private initializer name =
        match name with
        | "GlorotUniform" -> Initializer.GlorotUniform
        | "GlorotNormal" -> Initializer.GlorotNormal
        | "HeUniform" -> Initializer.HeUniform
        | "HeNormal" -> Initializer.HeNormal
        | "LeCunUniform" -> Initializer.LeCunUniform
        | "LeCunNormal" -> Initializer.LeCunNormal
        | "Uniform" -> Initializer.Uniform 0.5
        | _ -> Initializer.Normal 0.5

    [<Theory>]
    [<MemberData(nameof initializers)>]
    let ``first values have the mean, the variance and the fourth moment of their distribution``
        name
        variance
        isUniform
        =
        let values = [|
            for seed in 1..100 do
                let network = Network.create seed [| 30 |] [ Layer.denseWith (initializer name) 50 ]
                yield! network.Parameters[0].Values
        |]

        let count = float values.Length
        Assert.Equal(100 * 30 * 50, values.Length)
        let moment k = values |> Array.averageBy (fun value -> value ** float k)
        // E z⁴ and E z⁸ of z with variance 1: 9/5 and 9 for the uniform distribution, 3 and 105 for the normal one.
        let fourth, eighth = if isUniform then 1.8, 9.0 else 3.0, 105.0

        let within what expected actual error =
            Assert.True(
                abs (actual - expected) < 4.0 * error,
                $"{what} is {actual}; expected {expected} with a standard error of {error}"
            )

        // Four standard errors: one draw in 16,000 lies beyond, and seeds are fixed.
        within "mean" 0.0 (moment 1) (sqrt (variance / count))
        within "variance" variance (moment 2) (variance * sqrt ((fourth - 1.0) / count))
        let square = variance * variance
        within "fourth moment" (fourth * square) (moment 4) (square * sqrt ((eighth - fourth * fourth) / count))
        if isUniform then Assert.True((values |> Array.map abs |> Array.max) <= sqrt (3.0 * variance))

    [<Fact>]
    let ``fans of a convolution are its windows times channels`` () =
        let values = [|
            for seed in 1..60 do
                let layer = { Layer.convolutionDefaults 8 [ 3; 2 ] with Initializer = Initializer.HeNormal }
                yield! (Network.create seed [| 5; 4; 4 |] [ Layer.convolutionWith layer ]).Parameters[0].Values
        |]

        let variance = values |> Array.averageBy (fun value -> value * value)
        let expected = 2.0 / float (5 * 3 * 2)
        Assert.Equal(expected, variance, 4.0 * expected * sqrt (2.0 / float values.Length))

    [<Fact>]
    let ``constants, given values and standard parameters are what they say`` () =
        let values initializer = (Network.create 1 [| 2 |] [ Layer.denseWith initializer 3 ]).Parameters[0].Values
        Assert.Equal<float[]>(Array.create 6 0.0, values Initializer.Zeros)
        Assert.Equal<float[]>(Array.create 6 1.0, values Initializer.Ones)
        Assert.Equal<float[]>(Array.create 6 0.3, values (Initializer.Constant 0.3))
        let given = [| 1.0 .. 6.0 |]
        Assert.Equal<float[]>(given, values (Initializer.Values given))

        Assert.Throws<ArgumentException>(fun () -> values (Initializer.Values [| 1.0 |]) |> ignore)
        |> ignore

        // The same seed draws the same, whatever comes behind; another seed draws others.
        let weights seed layers = (Network.create seed [| 2 |] (Layer.dense 3 :: layers)).Parameters[0].Values
        Assert.Equal<float[]>(weights 4 [], weights 4 [ Layer.relu; Layer.dense 2 ])
        Assert.NotEqual<float[]>(weights 4 [], weights 5 [])

    [<Fact>]
    let ``schedules follow their formulas`` () =
        let epochs, steps = 12, 5

        for step in 1 .. epochs * steps do
            let factor = Schedule.factor epochs steps step
            let epoch = (step - 1) / steps
            Assert.Equal(1.0, factor Schedule.Constant)
            Assert.Equal(0.8 ** float epoch, factor (Schedule.Exponential 0.8), 1e-15)
            Assert.Equal(0.5 ** floor (float epoch / 3.0), factor (Schedule.Steps(3, 0.5)), 1e-15)
            let passed = float (step - 1) / float (epochs * steps)
            Assert.Equal(cos (Math.PI * passed / 2.0) ** 2.0, factor (Schedule.Cosine 0), 1e-15)

            let rising = 2 * steps

            let expected =
                if step <= rising then
                    float step / 10.0
                else
                    0.5 + 0.5 * cos (Math.PI * float (step - rising - 1) / 50.0)

            Assert.Equal(expected, factor (Schedule.Cosine 2), 1e-15)

        Assert.Equal(0.1, Schedule.factor epochs steps 1 (Schedule.Cosine 2), 1e-15)
        Assert.Equal(1.0, Schedule.factor 2 steps 10 (Schedule.Cosine 2))

    [<Fact>]
    let ``layers bear the names they are given, and others are numbered by kind`` () =
        let network =
            Network.create 1 [| 4 |] [
                Layer.dense 4 |> Layer.named "dense1"
                Layer.dense 4
                Layer.residual [ Layer.dense 4 |> Layer.named "inner"; Layer.relu; Layer.dense 4 ]
                |> Layer.named "block"
                Layer.sequence [ Layer.dense 4; Layer.dense 3 ] |> Layer.named "head"
            ]

        let names = [ for parameter in network.Parameters -> parameter.Name ]
        let both name = [ $"{name}.weight"; $"{name}.bias" ]

        let expected =
            [ "dense1"; "dense2"; "block.inner"; "block.dense1"; "head.dense1"; "head.dense2" ]
            |> List.collect both

        Assert.Equal<string list>(expected, names)
        Assert.Equal("output", network.Output)

        let twice =
            Assert.Throws<ArgumentException>(fun () ->
                let layer = Layer.relu |> Layer.named "a"
                Network.create 1 [| 4 |] [ layer; layer ] |> ignore)

        Assert.Contains("'a'", twice.Message)

    let refusals: TheoryData<string, string> =
        let data = TheoryData<string, string>()

        for name, part in
            [
                "convolution",
                "edges needs examples of shape channels x height x width; what comes before it has shape 6."
                "window", "node 'edges' (Conv): a window of 5 elements"
                "pooling window", "change the layer or what comes before it"
                "strides", "Strides has 1 numbers and Kernel 2"
                "pooling", "pool needs examples of shape channels x length"
                "heads", "attention1: a width of 4 cannot be divided among 3 heads; take"
                "tokens", "attention1 needs examples of shape tokens x width"
                "residual", "block: its layers make 5 of a value of shape 4"
                "reshape", "reshape1: shape 2 x 2 does not hold the 6 elements"
                "transpose", "transpose1: the order"
                "standardize", "standardize1 has 2 means for values of shape 4; give one"
                "deviation", "deviations[1] is 0"
                "nothing", "at least one layer"
                "name", "empty; give it one"
            ] do
            data.Add(name, part)

        data

    let private refused name =
        let create shape layers = Network.create 1 (Array.ofList shape) layers |> ignore

        match name with
        | "convolution" -> create [ 6 ] [ Layer.convolution 2 [ 3; 3 ] |> Layer.named "edges" ]
        | "window" ->
            let wide = { Layer.convolutionDefaults 2 [ 5; 5 ] with Padding = Padding.Valid }
            create [ 1; 3; 3 ] [ Layer.convolutionWith wide |> Layer.named "edges" ]
        | "pooling window" -> create [ 1; 3 ] [ Layer.maxPooling [ 4 ] ]
        | "strides" -> Layer.convolutionWith { Layer.convolutionDefaults 2 [ 2; 2 ] with Strides = [ 1 ] } |> ignore
        | "pooling" -> create [ 6 ] [ Layer.maxPooling [ 2 ] |> Layer.named "pool" ]
        | "heads" -> create [ 3; 4 ] [ Layer.attention 3 ]
        | "tokens" -> create [ 4 ] [ Layer.attention 2 ]
        | "residual" -> create [ 4 ] [ Layer.residual [ Layer.dense 5 ] |> Layer.named "block" ]
        | "reshape" -> create [ 6 ] [ Layer.reshape [ 2; 2 ] ]
        | "transpose" -> create [ 6 ] [ Layer.transpose [ 1; 0 ] ]
        | "standardize" -> create [ 4 ] [ Layer.standardize [| 0.0; 0.0 |] [| 1.0; 1.0 |] ]
        | "deviation" -> create [ 2 ] [ Layer.standardize [| 0.0; 0.0 |] [| 1.0; 0.0 |] ]
        | "nothing" -> create [ 2 ] []
        | _ -> Layer.named "" Layer.relu |> ignore

    [<Theory>]
    [<MemberData(nameof refusals)>]
    let ``what does not fit is refused by the name of the layer, with the mend`` name (part: string) =
        let refusal = Assert.Throws<ArgumentException>(fun () -> refused name)
        Assert.Contains(part, refusal.Message)
        Assert.DoesNotContain("\n", refusal.Message)

    let private numbers seed count =
        let random = Random(seed: int)
        Array.init count (fun _ -> 2.0 * random.NextDouble() - 1.0)

    [<Fact>]
    let ``ids that are in no table are refused by their row`` () =
        let network = Network.create 1 [| 2 |] [ Layer.embedding 5 3; Layer.flatten; Layer.dense 1 ]
        let data = TrainingData.ofNumbers [| [| 0.0; 4.0 |]; [| 5.0; 1.0 |] |] [| 1.0; 2.0 |]

        let refusal =
            Assert.Throws<ArgumentException>(fun () ->
                Training.run (Training.defaults Loss.squaredError) network data None |> ignore)

        Assert.Contains(
            "training.Inputs[1] holds 5, which is looked up in a table of 5; give whole numbers from 0 to 4",
            refusal.Message
        )

    [<Fact>]
    let ``a training step allocates next to nothing`` () =
        let network = Network.create 1 [| 20 |] [ Layer.dense 64; Layer.relu; Layer.dropout 0.1; Layer.dense 1 ]

        let step =
            TrainingStep.Compile(
                network,
                {
                    Loss = Loss.squaredError
                    Penalties = []
                    Optimizer = Optimizer.adam
                    GradientNorm = Some 1.0
                    Batch = 128
                    TotalExamples = 128
                    Precision = Precision.Single
                    Threads = 1
                },
                None
            )

        let inputs, targets, weights = numbers 1 (128 * 20), numbers 2 128, Array.create 128 (1.0 / 128.0)
        let run i = step.Run(inputs, targets, weights, 1e-3, i, RandomStream.Of(1, i), fun _ -> [||]) |> ignore

        for i in 1..20 do
            run i

        let before = GC.GetAllocatedBytesForCurrentThread()

        for i in 21..120 do
            run i

        // The parameters, moments and activations take a megabyte.
        let each = (GC.GetAllocatedBytesForCurrentThread() - before) / 100L
        Assert.True(each < 2000L, $"{each} bytes a step")

    [<Fact>]
    let ``a dense layer of 4096 x 4096 trains`` () =
        let size = 4096
        let network = Network.create 1 [| size |] [ Layer.dense size; Layer.tanh; Layer.dense 1 ]
        let inputs = Array.init 8 (fun i -> numbers i size)
        let data = TrainingData.ofNumbers inputs (inputs |> Array.map (fun x -> x[0] + x[1]))

        let options = {
            Training.defaults Loss.squaredError with
                Epochs = 3
                Batch = 8
                LearningRate = 2e-6
                Threads = 2
        }

        let result = Training.run options network data None
        let losses = result.History |> List.map _.TrainingLoss
        Assert.True(losses[1] < losses[0] && losses[2] < losses[1], $"%A{losses}")
        Assert.Equal(int64 size * int64 size + 2L * int64 size + 1L, network.ParameterCount)
