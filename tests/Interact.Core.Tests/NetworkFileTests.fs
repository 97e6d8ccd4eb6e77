namespace Interact.Core.Tests

open System
open System.IO
open Interact.Core
open Interact.Core.Learning
open Interact.Core.Onnx
open Interact.Core.Tests.TrainingSamples
open Xunit

/// Networks from ONNX files, and back.
module NetworkFileTests =

    let private fixture (path: string) = Path.Combine(__SOURCE_DIRECTORY__, "..", "fixtures", path)

    let private loaded path =
        Network.load (fixture path) |> Result.defaultWith (fun problems -> failwith $"%A{problems}")

    [<Theory>]
    [<InlineData("breast_cancer_mlp_tanh/model.onnx")>]
    [<InlineData("breast_cancer_mixed_residual/model.onnx")>]
    [<InlineData("wine_mlp_softmax/model.onnx")>]
    [<InlineData("digits_cnn/model.onnx")>]
    [<InlineData("digits_cnn_maxpool/model.onnx")>]
    [<InlineData("diabetes_mlp_relu/model.onnx")>]
    let ``a network from a file is the model in the file, and can be trained on`` path =
        let network = loaded path

        let model =
            OnnxModel.load OnnxModel.defaults (fixture path) |> Result.defaultWith (fun _ -> failwith path)

        let rows = Array.init 6 (fun i -> numbers i model.InputSize)
        let same = Network.toModel network

        for row in rows do
            Assert.Equal<float[]>(Model.evaluate model row, Model.evaluate same row)

        // Towards other outputs than its own.
        let outputs = model.OutputSize

        let targets =
            rows |> Array.map (fun row -> Model.evaluate model row |> Array.map (fun y -> 0.5 * y + 0.1))

        let data = TrainingData.create rows targets
        let before = Training.loss Loss.squaredError network data

        let expected =
            rows
            |> Array.averageBy (fun row ->
                Model.evaluate model row |> Array.averageBy (fun y -> (0.5 * y - 0.1) ** 2.0))

        Assert.Equal(expected, before, 1e-12 * (1.0 + expected))
        Assert.Equal(outputs, Shape.size network.OutputShape)

        let options = { Training.defaults Loss.squaredError with Epochs = 5; Batch = 6; LearningRate = 1e-3 }
        let result = Training.run options network data None
        let after = Training.loss Loss.squaredError result.Network data
        Assert.True(after < 0.95 * before, $"{before} became {after}")

        // Running statistics are kept, and trained parameters are those of single precision in the file.
        for old, now in Seq.zip network.Parameters result.Network.Parameters do
            if not old.IsTrained then Assert.Equal<float[]>(old.Values, now.Values)

        let again =
            OnnxModel.ofBytes OnnxModel.defaults "again" (ReadOnlyMemory(Network.toOnnx result.Network))
            |> Result.defaultWith (fun _ -> failwith path)

        Assert.Equal<float[]>(Model.evaluate (Network.toModel result.Network) rows[0], Model.evaluate again rows[0])

    [<Fact>]
    let ``a network with a batch axis of fixed size or several inputs is refused, and why`` () =
        let problems path =
            match Network.load (fixture path) with
            | Ok _ -> failwith "it was loaded"
            | Error problems -> problems |> List.map string |> String.concat " "

        Assert.Contains("one input; it has 'numeric', 'codes'", problems "breast_cancer_two_inputs/model.onnx")
        Assert.Contains("no such file", problems "nowhere.onnx")
        let folder = Directory.CreateTempSubdirectory()

        try
            let path = Path.Combine(folder.FullName, "fixed.onnx")
            let network = Network.create 1 [| 3 |] [ Layer.dense 2 ]
            let proto = OnnxFile.parse (ReadOnlyMemory(Network.toOnnx network)) |> Result.defaultWith failwith

            let withInput dims = {
                proto with
                    Graph = {
                        proto.Graph with
                            Inputs = [| { Name = "input"; Type = TypeProto.Tensor(DataType.Float, Some dims) } |]
                    }
            }

            let problemOf model =
                File.WriteAllBytes(path, ModelWriter.bytes model)

                match Network.load path with
                | Ok _ -> failwith "it was loaded"
                | Error problems -> problems |> List.map string |> String.concat " "

            Assert.Contains("fixed size 1", problemOf (withInput [| Dim.Fixed 1L; Dim.Fixed 3L |]))
            Assert.Contains("dynamic_axes", problemOf (withInput [| Dim.Fixed 1L; Dim.Fixed 3L |]))
            Assert.Contains("is open", problemOf (withInput [| Dim.Symbol "n"; Dim.Symbol "m" |]))

            // A reshape to one example, as exporters write it where they know no batch axis.
            let reshape = {
                Name = "flat"
                OpType = "Reshape"
                Domain = ""
                Inputs = [| proto.Graph.Outputs[0].Name; "shape" |]
                Outputs = [| "flattened" |]
                Attributes = [||]
            }

            let shape = {
                Name = "shape"
                DataType = DataType.Int64
                Dims = [| 1L |]
                Content = TensorContent.Int64s [| -1L |]
            }

            let reshaped = {
                proto with
                    Graph = {
                        proto.Graph with
                            Nodes = Array.append proto.Graph.Nodes [| reshape |]
                            Initializers = Array.append proto.Graph.Initializers [| shape |]
                            Outputs = [| { proto.Graph.Outputs[0] with Name = "flattened" } |]
                    }
            }

            Assert.Contains("first axis is not the batch", problemOf reshaped)
        finally
            folder.Delete true

    [<Fact>]
    let ``constants that operators must know are none to train`` () =
        let network = Network.create 1 [| 3 |] [ Layer.dense 4 ]
        let proto = OnnxFile.parse (ReadOnlyMemory(Network.toOnnx network)) |> Result.defaultWith failwith

        let scales = {
            Name = "scales"
            DataType = DataType.Float
            Dims = [| 3L |]
            Content = TensorContent.Floats [| 1.0f; 1.0f; 2.0f |]
        }

        let axes = {
            Name = "axes"
            DataType = DataType.Int64
            Dims = [| 1L |]
            Content = TensorContent.Int64s [| 1L |]
        }

        let node name operator inputs = {
            Name = name
            OpType = operator
            Domain = ""
            Inputs = inputs
            Outputs = [| name |]
            Attributes = [||]
        }

        let resized = {
            proto with
                Graph = {
                    proto.Graph with
                        Nodes =
                            Array.append proto.Graph.Nodes [|
                                node "channel" "Unsqueeze" [| "output"; "axes" |]
                                node "twice" "Resize" [| "channel"; ""; "scales" |]
                            |]
                        Initializers = Array.append proto.Graph.Initializers [| scales; axes |]
                        Outputs = [| { Name = "twice"; Type = TypeProto.Tensor(DataType.Float, None) } |]
                }
        }

        match NetworkImport.ofModel ImportLimits.defaults 0L None resized with
        | Error problems -> failwith $"%A{problems}"
        | Ok found ->
            Assert.Equal<int[]>([| 1; 8 |], found.OutputShape)
            Assert.Equal<string list>([ "dense1.weight"; "dense1.bias" ], [ for p in found.Parameters -> p.Name ])

    [<Fact>]
    let ``frozen parameters keep their values while others learn`` () =
        let network =
            Network.create 1 [| 3 |] [ Layer.dense 4; Layer.tanh; Layer.dense 1 ]
            |> Network.freeze (fun name -> name.StartsWith "dense1")

        let inputs = Array.init 20 (fun i -> numbers i 3)
        let data = TrainingData.ofNumbers inputs (inputs |> Array.map Array.sum)
        let options = { Training.defaults Loss.squaredError with Epochs = 2; Precision = Precision.Double }
        let result = Training.run options network data None

        for old, now in Seq.zip network.Parameters result.Network.Parameters do
            Assert.Equal(not (old.Name.StartsWith "dense1"), old.IsTrained)

            if old.IsTrained then
                Assert.NotEqual<float[]>(old.Values, now.Values)
            else
                Assert.Equal<float[]>(old.Values, now.Values)

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
    let ``a variational network that is loaded trains as if it had never been saved`` () =
        let folder = Directory.CreateTempSubdirectory()

        try
            let path = Path.Combine(folder.FullName, "network.onnx")

            let network =
                Network.create 1 [| 2 |] [
                    Layer.dense 6
                    Layer.tanh
                    Layer.variational 3
                    Layer.tanh
                    Layer.variational 1
                ]

            Network.save path network |> Result.defaultWith failwith
            let loaded = Network.load path |> Result.defaultWith (fun problems -> failwith $"%A{problems}")
            let trained (network: Network) = [ for p in network.Parameters -> p.Name, p.IsTrained, p.IsUsed ]
            Assert.Equal<(string * bool * bool) list>(trained network, trained loaded)
            Assert.Contains(("variational1.spread", true, false), trained loaded)
            let options = { options with Precision = Precision.Double }
            let values (result: TrainingResult) = [ for p in result.Network.Parameters -> List.ofArray p.Values ]
            let expected = Training.run options network (sine 30) None
            let actual = Training.run options loaded (sine 30) None
            Assert.Equal<float list list>(values expected, values actual)

            // The posterior that RATE takes is that of the spread as trained.
            let variance (result: TrainingResult) = (VariationalLayer.posterior result.Network).Variance
            Assert.Equal<float[][]>(variance expected, variance actual)
            Assert.NotEqual<float[][]>((VariationalLayer.posterior network).Variance, variance actual)
        finally
            folder.Delete true

    [<Fact>]
    let ``constants that nothing uses are not trained`` () =
        let proto =
            Network.create 1 [| 2 |] [ Layer.dense 2; Layer.variational 1 ]
            |> Network.toOnnx
            |> fun bytes -> OnnxFile.parse (ReadOnlyMemory bytes) |> Result.defaultWith failwith

        // As another program may write it: the layer has lost its name, so that its noise could not be told from another's.
        let unnamed = {
            proto with
                Graph = {
                    proto.Graph with
                        Nodes = proto.Graph.Nodes |> Array.map (fun node -> { node with Name = "" })
                }
        }

        match NetworkImport.ofModel ImportLimits.defaults 0L None unnamed with
        | Error problems -> failwith $"%A{problems}"
        | Ok found ->
            let trained = [
                for p in found.Parameters do
                    if p.IsTrained then p.Name
            ]

            Assert.Equal<string list>(
                [ "dense1.weight"; "dense1.bias"; "variational1.weight"; "variational1.bias" ],
                trained
            )

            Assert.Empty found.Rules
