namespace Interact.Core.Tests

open System
open System.IO
open Interact.Core.Learning
open Interact.Core.Tests.TrainingSamples
open Xunit

/// Time that stands still unless it is moved.
type private StoodStill() =
    inherit TimeProvider()
    member val Seconds = 0.0 with get, set
    override _.TimestampFrequency = 1000L
    override time.GetTimestamp() = int64 (1000.0 * time.Seconds)

/// What training keeps in a file, and goes on from.
module CheckpointTests =

    /// Judged by a measure too, so that no number of the history is missing and histories can be compared.
    let private measured = {
        options with
            Measure = Some(ValidationMeasure.custom "first output" (fun outputs _ -> outputs[0][0]))
    }

    [<Fact>]
    let ``training that goes on from a checkpoint ends with the same bits`` () =
        let folder = Directory.CreateTempSubdirectory().FullName

        try
            let path = Path.Combine(folder, "training.npz")
            let data, validation = sine 40, Some(sine 20)

            let whole = Training.run measured small data validation
            use source = new Threading.CancellationTokenSource()

            let interrupted = {
                measured with
                    Checkpoint = Some path
                    CancellationToken = source.Token
                    Progress = fun progress -> if progress.Epoch = 4 then source.Cancel()
            }

            Assert.Throws<OperationCanceledException>(fun () ->
                Training.run interrupted small data validation |> ignore)
            |> ignore

            let resumed = Training.run { measured with Checkpoint = Some path } small data validation
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
            let image shape = AttributionPrior.smoothness 1.0 shape AttributionPrior.defaults
            let plain = interactions 1 None
            check (Optimizer.adam, plain) (Optimizer.adam, interactions 3 None)
            check (Optimizer.adam, plain) (Optimizer.adam, interactions 1 (Some 5.0))
            check (Optimizer.adam, sparsity None) (Optimizer.adam, sparsity (Some [| [| 0 |]; [| 1 |] |]))
            check (Optimizer.adam, graph 1.0) (Optimizer.adam, graph 2.0)
            check (Optimizer.adam, image [| 1; 2 |]) (Optimizer.adam, image [| 2; 1 |])
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

            let check (first: unit -> unit) (second: unit -> unit) =
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

    /// The state after so many epochs, of one parameter that is their number.
    let private stateAfter epochs : Checkpoint = {
        NextStep = epochs + 1
        Parameters = [| [| float epochs |] |]
        Moments = [||]
        BestEpoch = epochs
        BestLoss = 0.0
        Best = [| [| float epochs |] |]
        History = []
    }

    [<Fact>]
    let ``a state is written at once, then every ten seconds at most, and the last one at the end`` () =
        let folder = Directory.CreateTempSubdirectory().FullName

        try
            let path = Path.Combine(folder, "training.npz")
            let time = StoodStill()
            let keeper = CheckpointKeeper(path, lazy [| 1.0 |], time)

            let inFile () =
                match Checkpoint.read path [| 1.0 |] [| 1 |] [||] with
                | Ok state -> state.BestEpoch
                | Error problem -> failwith problem

            let keep seconds epochs =
                time.Seconds <- seconds
                keeper.Keep(stateAfter epochs)
                inFile ()

            Assert.Equal(1, keep 0.5 1)
            Assert.Equal(1, keep 0.6 2)
            Assert.Equal(1, keep 10.4 3)
            Assert.Equal(4, keep 10.6 4)
            Assert.Equal(4, keep 20.5 5)
            keeper.Finish()
            Assert.Equal(5, inFile ())
            // Nothing is left to write.
            File.Delete path
            keeper.Finish()
            Assert.False(File.Exists path)
        finally
            Directory.Delete(folder, true)

    [<Fact>]
    let ``many short epochs write few checkpoints, and training goes on from each of them to the same bits`` () =
        let folder = Directory.CreateTempSubdirectory().FullName

        try
            let path = Path.Combine(folder, "training.npz")
            let data, validation = sine 20, Some(sine 10)
            let options = { measured with Epochs = 300; Batch = 20; Schedule = Schedule.Constant }
            let whole = Training.run options small data validation
            let written = Collections.Generic.HashSet<string>()
            let clock = Diagnostics.Stopwatch.StartNew()

            let keep _ =
                if File.Exists path then
                    let bytes = File.ReadAllBytes path
                    let name = Convert.ToHexString(Security.Cryptography.SHA256.HashData bytes)
                    if written.Add name then File.WriteAllBytes(Path.Combine(folder, name), bytes)

            let kept = { options with Checkpoint = Some path; Progress = keep }
            Training.run kept small data validation |> ignore
            keep ()
            Assert.InRange(written.Count, 2, 2 + int (clock.Elapsed.TotalSeconds / 10.0))

            for name in written do
                let copy = { options with Checkpoint = Some(Path.Combine(folder, name)) }
                let resumed = Training.run copy small data validation
                Assert.Equal<byte>(Network.toOnnx whole.Network, Network.toOnnx resumed.Network)
                Assert.Equal<EpochRecord list>(whole.History, resumed.History)
        finally
            Directory.Delete(folder, true)
