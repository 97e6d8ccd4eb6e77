namespace Interact.Core.Tests

open System
open System.IO
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Learning
open Interact.Core.Onnx
open Xunit

module TrainingTests =

    let private numbers seed count =
        let random = Random(seed: int)
        Array.init count (fun _ -> 2.0 * random.NextDouble() - 1.0)

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

    let private sine count =
        let inputs = Array.init count (fun i -> numbers i 2)
        TrainingData.ofNumbers inputs (inputs |> Array.map (fun x -> sin (3.0 * x[0]) * x[1]))

    let private small =
        Network.create 1 [| 2 |] [ Layer.dense 16; Layer.tanh; Layer.dropout 0.1; Layer.dense 1 ]

    let private options = {
        Training.defaults Loss.squaredError with
            Epochs = 6
            Batch = 7
            LearningRate = 0.02
            Seed = 3
            Schedule = Schedule.Cosine 1
            GradientNorm = Some 1.0
    }

    [<Fact>]
    let ``training makes the loss of the validation data small and keeps the best parameters`` () =
        let training, validation = sine 200, sine 60
        let network = Network.create 1 [| 2 |] [ Layer.dense 32; Layer.tanh; Layer.dense 1 ]
        let options = { options with Epochs = 60; Schedule = Schedule.Constant }
        let result = Training.run options network training (Some validation)
        let before = Training.loss Loss.squaredError network validation
        let after = Training.loss Loss.squaredError result.Network validation
        Assert.True(after < 0.05 * before, $"{before} became {after}")
        let best = result.History |> List.map _.ValidationLoss |> List.min
        Assert.Equal(best, result.History[result.BestEpoch - 1].ValidationLoss)
        Assert.Equal(best, after, 1e-6)

    [<Theory>]
    [<InlineData(2)>]
    [<InlineData(3)>]
    let ``the same seed gives the same bytes for any number of threads`` threads =
        let wide =
            Network.create 2 [| 2 |] [ Layer.dense 300; Layer.relu; Layer.dense 300; Layer.relu; Layer.dense 1 ]

        let bytes threads =
            let result =
                Training.run { options with Threads = threads; Epochs = 2; Batch = 64 } wide (sine 150) (Some(sine 20))

            Network.toOnnx result.Network

        Assert.Equal<byte>(bytes 1, bytes threads)

    [<Fact>]
    let ``training that goes on from a checkpoint ends with the same bits`` () =
        let folder = Directory.CreateTempSubdirectory().FullName

        try
            let path = Path.Combine(folder, "training.npz")
            let data, validation = sine 40, Some(sine 20)
            let whole = Training.run options small data validation
            use source = new Threading.CancellationTokenSource()

            let interrupted = {
                options with
                    Checkpoint = Some path
                    CancellationToken = source.Token
                    Progress = fun progress -> if progress.Epoch = 4 then source.Cancel()
            }

            Assert.Throws<OperationCanceledException>(fun () ->
                Training.run interrupted small data validation |> ignore)
            |> ignore

            let resumed = Training.run { options with Checkpoint = Some path } small data validation
            Assert.Equal<byte>(Network.toOnnx whole.Network, Network.toOnnx resumed.Network)
            Assert.Equal<EpochRecord list>(whole.History, resumed.History)
        finally
            Directory.Delete(folder, true)

    [<Fact>]
    let ``a checkpoint of another training is refused`` () =
        let folder = Directory.CreateTempSubdirectory().FullName

        try
            let path = Path.Combine(folder, "training.npz")
            let options = { options with Checkpoint = Some path; Epochs = 1 }
            Training.run options small (sine 40) None |> ignore

            let refused =
                Assert.Throws<ArgumentException>(fun () ->
                    Training.run { options with Seed = 4 } small (sine 40) None |> ignore)

            Assert.Contains("another training", refused.Message)
        finally
            Directory.Delete(folder, true)

    /// The network's penalties by interactions, whose settings are those of the prior.
    let private trainedBy path (optimizer: Optimizer) (penalty: Penalty) =
        let network = Network.create 1 [| 2 |] [ Layer.dense 4; Layer.tanh; Layer.dense 1 ]
        let rows = Array.init 20 (fun row -> numbers row 2)
        let targets = rows |> Array.map (fun row -> row[0] * row[1])

        let options = {
            Training.defaults Loss.squaredError with
                Epochs = 1
                Optimizer = optimizer
                Penalties = [ penalty ]
                Checkpoint = Some path
        }

        Training.run options network (TrainingData.ofNumbers rows targets) None |> ignore

    [<Fact>]
    let ``a checkpoint of other settings of a prior or an optimizer is refused`` () =
        let folder = Directory.CreateTempSubdirectory().FullName

        try
            let path = Path.Combine(folder, "training.npz")

            let check (first: Optimizer * Penalty) (second: Optimizer * Penalty) =
                File.Delete path
                trainedBy path (fst first) (snd first)
                trainedBy path (fst first) (snd first)

                let refused = Assert.Throws<ArgumentException>(fun () -> trainedBy path (fst second) (snd second))

                Assert.Contains("another training", refused.Message)

            let interactions samples smooth =
                InteractionPrior.pairs 1.0 [ 0, 1 ] {
                    InteractionPrior.defaults with
                        Samples = samples
                        Smooth = smooth
                }

            let sparsity groups = AttributionPrior.sparsity 1.0 { AttributionPrior.defaults with Groups = groups }

            let graph strength = AttributionPrior.graph 1.0 [ 0, 1, strength ] AttributionPrior.defaults
            let plain = interactions 1 None
            check (Optimizer.adam, plain) (Optimizer.adam, interactions 3 None)
            check (Optimizer.adam, plain) (Optimizer.adam, interactions 1 (Some 5.0))
            check (Optimizer.adam, sparsity None) (Optimizer.adam, sparsity (Some [| [| 0 |]; [| 1 |] |]))
            check (Optimizer.adam, graph 1.0) (Optimizer.adam, graph 2.0)
            check (Optimizer.sgd 0.9, plain) (Optimizer.sgd 0.5, plain)
            check (Optimizer.adam, plain) (Optimizer.adamWith 0.9 0.999 1e-4 0.0, plain)
        finally
            Directory.Delete(folder, true)

    [<Fact>]
    let ``a checkpoint of other settings of the loss or a layer, or of other frozen parameters, is refused`` () =
        let folder = Directory.CreateTempSubdirectory().FullName

        try
            let path = Path.Combine(folder, "training.npz")

            let train (loss: Loss) (network: Network) =
                let options = { Training.defaults loss with Epochs = 1; Checkpoint = Some path }
                Training.run options network (sine 20) None |> ignore

            let check first second =
                File.Delete path
                first ()
                first ()
                let refused = Assert.Throws<ArgumentException>(fun () -> second ())
                Assert.Contains("another training", refused.Message)

            let withDropout probability =
                Network.create 1 [| 2 |] [ Layer.dense 4; Layer.dropout probability; Layer.dense 1 ]

            check (fun () -> train (Loss.huber 1.0) small) (fun () -> train (Loss.huber 0.5) small)

            check (fun () -> train Loss.squaredError (withDropout 0.1)) (fun () ->
                train Loss.squaredError (withDropout 0.2))

            // Both biases have two elements, so that all arrays have the same lengths.
            let frozen layer =
                Network.create 1 [| 2 |] [ Layer.dense 2; Layer.dense 2; Layer.dense 1 ]
                |> Network.freeze ((=) $"{layer}.bias")

            check (fun () -> train Loss.squaredError (frozen "dense1")) (fun () ->
                train Loss.squaredError (frozen "dense2"))
        finally
            Directory.Delete(folder, true)

    [<Fact>]
    let ``a checkpoint whose arrays have other lengths is refused by the array's name`` () =
        let folder = Directory.CreateTempSubdirectory().FullName

        try
            let path = Path.Combine(folder, "training.npz")
            let options = { options with Checkpoint = Some path; Epochs = 1 }
            Training.run options small (sine 40) None |> ignore
            let whole = File.ReadAllBytes path

            for name in [ "state"; "history"; "parameter0"; "best0"; "moment1" ] do
                File.WriteAllBytes(path, whole)

                do
                    use archive = Compression.ZipFile.Open(path, Compression.ZipArchiveMode.Update)

                    for entry in archive.Entries |> Seq.filter (fun entry -> entry.Name = $"{name}.npy") |> Array.ofSeq do
                        entry.Delete()

                    use stream = archive.CreateEntry($"{name}.npy").Open()

                    // One row of three numbers: NumPy's format, version 1.0.
                    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 3), }".PadRight 117 + "\n"
                    stream.Write(ReadOnlySpan [| 0x93uy; byte 'N'; byte 'U'; byte 'M'; byte 'P'; byte 'Y'; 1uy; 0uy |])
                    stream.Write(ReadOnlySpan [| 118uy; 0uy |])
                    stream.Write(ReadOnlySpan(Text.Encoding.ASCII.GetBytes header))
                    stream.Write(ReadOnlySpan(Array.zeroCreate<byte> 24))

                let refused =
                    Assert.Throws<ArgumentException>(fun () -> Training.run options small (sine 40) None |> ignore)

                Assert.Contains($"array \"{name}\" has 3 numbers", refused.Message)
        finally
            Directory.Delete(folder, true)

    [<Fact>]
    let ``parameters that leave the range of numbers in an epoch's last step are not kept`` () =
        let data = sine 40

        for epochs in [ 1; 3 ] do
            let result =
                Training.run { options with LearningRate = 1e200; Batch = 40; Epochs = epochs } small data None

            for parameter in result.Network.Parameters do
                Assert.All(parameter.Values, fun value -> Assert.True(Double.IsFinite value))

            Assert.Equal(0, result.BestEpoch)

    [<Fact>]
    let ``the posterior of a variational layer is found under any name of the layer`` () =
        for name in [ "last"; "my.weight"; "x.weights" ] do
            let network = Network.create 1 [| 3 |] [ Layer.tanh; Layer.variational 2 |> Layer.named name ]

            Assert.All(
                Array.concat (VariationalLayer.posterior network).Variance,
                fun v -> Assert.Equal(0.0025, v, 1e-15)
            )

    [<Fact>]
    let ``a layer with more parameters than an array holds is refused by its name`` () =
        let refused =
            Assert.Throws<ArgumentException>(fun () ->
                Network.create 1 [| 2 |] [ Layer.dense 65536; Layer.dense 65536 ] |> ignore)

        Assert.Contains("'dense2.weight' would have", refused.Message)

    [<Fact>]
    let ``more steps than can be counted are refused`` () =
        let refused =
            Assert.Throws<ArgumentException>(fun () ->
                Training.run { options with Epochs = Int32.MaxValue } small (sine 400) None |> ignore)

        Assert.Contains("take fewer epochs", refused.Message)

    [<Fact>]
    let ``a model that was read and written again is the same function`` () =
        let folder = Path.Combine(__SOURCE_DIRECTORY__, "..", "fixtures")
        let files = Directory.GetFiles(folder, "*.onnx", SearchOption.AllDirectories)
        Assert.True(files.Length > 20)
        let mutable compared = 0

        for path in files do
            let bytes = ReadOnlyMemory(File.ReadAllBytes path)
            let proto = OnnxFile.parse bytes |> Result.defaultWith (fun problem -> failwith problem)
            let load = OnnxModel.ofBytes OnnxModel.defaults path

            match load bytes, load (ReadOnlyMemory(ModelWriter.bytes proto)) with
            | Ok model, Ok again when (Model.missing model).IsEmpty ->
                let row = numbers 3 model.InputSize
                Assert.Equal<float[]>(Model.evaluate model row, Model.evaluate again row)
                compared <- compared + 1
            | Ok _, Ok _ -> ()
            | Error problems, Error again -> Assert.Equal<ImportProblem list>(problems, again)
            | _ -> Assert.Fail path

        Assert.True(compared > 20)

    [<Fact>]
    let ``named columns of a table are targets and the others inputs`` () =
        let text = "a,y,b\n1,2,3\n4,5,6\n"
        use stream = new MemoryStream(Text.Encoding.UTF8.GetBytes text)
        let table = Interact.Core.Data.Csv.read "f.csv" stream |> Result.defaultWith failwith
        let data = TrainingData.ofTable [ "y" ] table
        Assert.Equal<float[][]>([| [| 1.0; 3.0 |]; [| 4.0; 6.0 |] |], data.Inputs)
        Assert.Equal<float[][]>([| [| 2.0 |]; [| 5.0 |] |], data.Targets)
        let missing = Assert.Throws<ArgumentException>(fun () -> TrainingData.ofTable [ "z" ] table |> ignore)
        Assert.Contains("f.csv has no column 'z'", missing.Message)
