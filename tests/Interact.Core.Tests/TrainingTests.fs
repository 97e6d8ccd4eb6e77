namespace Interact.Core.Tests

open System
open System.IO
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Learning
open Interact.Core.Onnx
open Interact.Core.Tests.TrainingSamples
open Xunit

module TrainingTests =

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
    let ``parameters that leave the range of numbers in an epoch's last step are not kept`` () =
        let data = sine 40

        for epochs in [ 1; 3 ] do
            let result =
                Training.run { options with LearningRate = 1e200; Batch = 40; Epochs = epochs } small data None

            for parameter in result.Network.Parameters do
                Assert.All(parameter.Values, fun value -> Assert.True(Double.IsFinite value))

            Assert.Equal(0, result.BestEpoch)

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
    let ``named columns of a table are targets and the others inputs`` () =
        let text = "a,y,b\n1,2,3\n4,5,6\n"
        use stream = new MemoryStream(Text.Encoding.UTF8.GetBytes text)
        let table = Interact.Core.Data.Csv.read "f.csv" stream |> Result.defaultWith failwith
        let data = TrainingData.ofTable [ "y" ] table
        Assert.Equal<float[][]>([| [| 1.0; 3.0 |]; [| 4.0; 6.0 |] |], data.Inputs)
        Assert.Equal<float[][]>([| [| 2.0 |]; [| 5.0 |] |], data.Targets)
        let missing = Assert.Throws<ArgumentException>(fun () -> TrainingData.ofTable [ "z" ] table |> ignore)
        Assert.Contains("f.csv has no column 'z'", missing.Message)
