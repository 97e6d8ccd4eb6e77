namespace Interact.Core.Tests

open System
open System.IO
open System.Text.Json
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Learning
open Xunit

/// Layers, losses and steps of training as PyTorch computes them in double precision.
module TrainingReferenceTests =

    let private read file : JsonElement list =
        let path = Path.Combine(__SOURCE_DIRECTORY__, "..", "fixtures", "training", file)
        use document = JsonDocument.Parse(File.ReadAllText path)
        [ for record in document.RootElement.EnumerateArray() -> record.Clone() ]

    let private get (name: string) (record: JsonElement) = record.GetProperty name

    let private floats (element: JsonElement) = [| for value in element.EnumerateArray() -> value.GetDouble() |]

    let private text name record = string ((get name record).GetString())
    let private numbers name record = floats (get name record)

    /// Sums run in another order than in PyTorch: a few units of the last place, relative to the largest number.
    let private assertNear tolerance (what: string) (expected: float[]) (actual: float[]) =
        Assert.Equal(expected.Length, actual.Length)
        let scale = 1.0 + (expected |> Array.map abs |> Array.max)

        for i in 0 .. expected.Length - 1 do
            Assert.True(
                abs (expected[i] - actual[i]) < tolerance * scale,
                $"{what}[{i}] is {actual[i]}, in PyTorch {expected[i]}"
            )

    let private convolution axes stride padding =
        let kernel = [ [ 3 ]; [ 3; 2 ]; [ 2; 3; 2 ] ][axes - 1]

        Layer.convolutionWith {
            Layer.convolutionDefaults 3 kernel with
                Strides = stride :: List.replicate (axes - 1) 1
                Padding = padding
        }

    let private window axes = List.take axes [ 2; 3; 2 ]

    let private layers =
        dict [
            "dense", Layer.dense 4
            "dense over tokens", Layer.dense 4
            "linear", Layer.linear 4
            for axes in 1..3 do
                for stride in 1..2 do
                    $"convolution {axes} {stride} same", convolution axes stride Padding.Same
                    $"convolution {axes} {stride} valid", convolution axes stride Padding.Valid

                $"max pooling {axes}", Layer.maxPooling (window axes)
                $"average pooling {axes}", Layer.averagePooling (window axes)
            "global average pooling", Layer.globalAveragePooling
            "layer normalization", Layer.layerNormalization
            "batch normalization", Layer.batchNormalization
            "batch normalization of images", Layer.batchNormalization
            "embedding", Layer.embedding 6 4
            "attention", Layer.attention 2
            "relu", Layer.relu
            "tanh", Layer.tanh
            "sigmoid", Layer.sigmoid
            "softplus", Layer.softplus
            "leaky relu", Layer.leakyRelu 0.1
            "elu", Layer.elu
            "selu", Layer.selu
            "silu", Layer.silu
            "gelu", Layer.gelu
            "softmax", Layer.softmax
        ]

    let layerNames = TheoryData<string>(layers.Keys)

    let private layerRecords = lazy (read "layers.json")

    /// The network with the values that a record gives for the parameters, of those that it names.
    let private withValues (network: Network) (values: JsonElement) =
        network.With [|
            for parameter in network.Parameters ->
                match values.TryGetProperty parameter.Name with
                | true, found -> floats found
                | false, _ -> parameter.Values
        |]

    let private parameterNodes (network: Network) =
        network.Parameters
        |> Seq.map (fun parameter -> parameter.Name, Node.constant parameter.Shape parameter.Values)
        |> dict
        |> Collections.Generic.Dictionary

    [<Theory>]
    [<MemberData(nameof layerNames)>]
    let ``layers compute what PyTorch computes`` name =
        let record = layerRecords.Value |> List.find (fun record -> text "name" record = name)
        let example = numbers "inputShape" record |> Array.map int
        let network = withValues (Network.create 1 example [ layers[name] ]) (get "parameters" record)
        let named = [ for property in (get "parameters" record).EnumerateObject() -> property.Name ]

        for parameter in named do
            Assert.Contains(network.Parameters, (fun (known: Parameter) -> known.Name = parameter))

        let inputs = numbers "inputs" record
        let batch = Node.input "x" (Array.append [| inputs.Length / Shape.size example |] example)
        let parameters = parameterNodes network
        let outputs = network.Graph(parameters, batch, None)
        assertNear 1e-13 name (numbers "outputs" record) (Run.once [ batch, inputs ] [ outputs ] |> Array.head)

        match record.TryGetProperty "outputsInTraining" with
        | true, expected ->
            let context = TrainingContext(parameters, batch.Shape[0], batch.Shape[0])
            let inTraining = network.Graph(parameters, batch, Some context)
            let after = get "after" record
            let renewed = [ for KeyValue(parameter, node) in context.Renewed -> parameter, node ]
            let results = Run.once [ batch, inputs ] (inTraining :: List.map snd renewed)
            assertNear 1e-13 "in training" (floats expected) results[0]
            Assert.Equal(2, renewed.Length)

            for (parameter, _), values in Seq.zip renewed results[1..] do
                assertNear 1e-13 parameter (numbers parameter after) values
        | false, _ -> ()

    let private losses =
        dict [
            "squared error", Loss.squaredError
            "absolute error", Loss.absoluteError
            "Huber", Loss.huber 0.7
            "binary cross-entropy", Loss.binaryCrossEntropy
            "softmax cross-entropy", Loss.softmaxCrossEntropy
            "Poisson", Loss.poisson
        ]

    let lossNames = TheoryData<string>(losses.Keys)

    [<Theory>]
    [<MemberData(nameof lossNames)>]
    let ``losses and their gradients are those of PyTorch`` name =
        let record = read "losses.json" |> List.find (fun record -> text "name" record = name)
        let outputs = Node.input "outputs" [| 5; 3 |]
        let targets = numbers "targets" record
        let loss = losses[name]
        Assert.Equal(name, loss.Name)
        let width = loss.TargetSize 3

        for target in Array.chunkBySize width targets do
            Assert.Equal(None, loss.WhyNotTarget 3 target)

        let values = loss.OfExamples (Tensor outputs) (Tensor.create [| 5; width |] targets)
        let weights = Tensor.ofArray (numbers "weights" record)

        let gradient =
            Transform.Vjp.cotangents [ outputs ] (Tensor.dot values weights).Node (Node.scalar 1.0) outputs

        let results = Run.once [ outputs, numbers "outputs" record ] [ values.Node; gradient.Value ]
        assertNear 1e-14 "loss" (numbers "losses" record) results[0]
        assertNear 1e-14 "gradient" (numbers "gradient" record) results[1]

    let private optimizer name =
        match name with
        | "SGD" -> Optimizer.sgd 0.0
        | "momentum" -> Optimizer.sgd 0.9
        | "Adam" -> Optimizer.adam
        | _ -> Optimizer.adamW 0.05

    let trajectories =
        let data = TheoryData<string, bool, bool>()

        for name in [ "SGD"; "momentum"; "Adam"; "AdamW" ] do
            for normalized in [ false; true ] do
                data.Add(name, normalized, false)
                data.Add(name, normalized, true)

        data

    [<Theory>]
    [<MemberData(nameof trajectories)>]
    let ``five steps lead where they lead in PyTorch`` name normalized clipped =
        let largestNorm (record: JsonElement) =
            match (get "largestNorm" record).ValueKind with
            | JsonValueKind.Null -> None
            | _ -> Some((get "largestNorm" record).GetDouble())

        let record =
            read "trajectories.json"
            |> List.find (fun record ->
                text "optimizer" record = name
                && (get "normalized" record).GetBoolean() = normalized
                && (largestNorm record).IsSome = clipped)

        let network =
            Network.create 1 [| 4 |] [
                if normalized then
                    Layer.linear 6
                    Layer.batchNormalization
                else
                    Layer.dense 6
                Layer.tanh
                Layer.dense 3
            ]

        let step =
            TrainingStep.Compile(
                withValues network (get "start" record),
                {
                    Loss = Loss.softmaxCrossEntropy
                    Penalties = []
                    Optimizer = optimizer name
                    GradientNorm = largestNorm record
                    Batch = 8
                    TotalExamples = 8
                    Precision = Precision.Double
                    Threads = 1
                },
                None
            )

        let records part = [| for batch in (get part record).EnumerateArray() -> batch |]
        let inputBatches, targetBatches = records "inputs", records "targets"
        let losses = numbers "losses" record
        let weights = Array.create 8 (1.0 / 8.0)

        for i in 0..4 do
            let inputs, targets = floats inputBatches[i], floats targetBatches[i]
            let rate = (get "rate" record).GetDouble()
            let terms = step.Run(inputs, targets, weights, rate, i + 1, RandomStream.Of(1, i), fun _ -> [||])
            assertNear 1e-12 "loss" [| losses[i] |] [| terms[0] |]
            let expected = (records "steps")[i]

            for parameter, values in Seq.zip network.Parameters step.ParameterValues do
                assertNear 1e-11 $"{parameter.Name} after step {i + 1}" (numbers parameter.Name expected) values

    [<Fact>]
    let ``some steps of the trajectories are clipped, and some are not`` () =
        let clipped =
            read "trajectories.json"
            |> List.filter (fun record -> (get "largestNorm" record).ValueKind <> JsonValueKind.Null)

        for record in clipped do
            let largest = (get "largestNorm" record).GetDouble()
            let over = numbers "norms" record |> Array.filter (fun norm -> norm > largest)
            Assert.InRange(over.Length, 1, 4)
