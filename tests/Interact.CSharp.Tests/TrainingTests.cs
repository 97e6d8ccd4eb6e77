namespace Interact.CSharp.Tests;

/// <summary>Networks written and trained in C#.</summary>
public class TrainingTests
{
    private static readonly Random Random = new(5);

    /// <summary>Rows of two elements between -2 and 2.</summary>
    private static readonly double[][] Rows = Examples.Rows(120, 2);

    private static double Sine(double[] row) => Math.Sin(2 * row[0]) * row[1];

    private static TrainingData Sines(int from, int count) =>
        TrainingData.Create(Rows.Skip(from).Take(count), Rows.Skip(from).Take(count).Select(Sine));

    private static Network Small(int seed = 1) =>
        Network.Create([2], [Layer.Dense(16).Named("hidden"), Layer.Tanh, Layer.Dense(1)], seed);

    private static TrainingOptions Options(int epochs) =>
        new()
        {
            Loss = Loss.SquaredError,
            LearningRate = 0.02,
            Epochs = epochs,
            Batch = 16,
            Threads = 1,
        };

    [Fact]
    public void Training_makes_the_loss_small_and_the_result_explains_itself()
    {
        TrainingData validation = Sines(100, 20);
        TrainingResult result = Training.Run(Small(), Sines(0, 100), validation, Options(150));
        Assert.Equal(TrainingEnd.Finished, result.End);
        Assert.Equal(150, result.History.Count);

        double before = Training.MeanLoss(Small(), validation, Loss.SquaredError);
        double after = Training.MeanLoss(result.Network, validation, Loss.SquaredError);
        Assert.True(after < 0.1 * before, $"{before} became {after}");
        Assert.Equal(
            result.History.Min(epoch => epoch.ValidationLoss),
            result.History[result.BestEpoch - 1].ValidationLoss
        );

        Model model = result.Network.ToModel();
        InteractionResult explained = Explain.IntegratedHessians(model, Rows[0]);
        double change = model.Evaluate(Rows[0])[0] - model.Evaluate([0, 0])[0];
        Assert.Equal(change, explained.Interactions.ToArray().Cast<double>().Sum(), 1e-5);
    }

    [Fact]
    public void The_mean_loss_is_that_of_the_models_outputs()
    {
        Network network = Small();
        Model model = network.ToModel();
        double[] weights = [.. Rows.Select((_, i) => i % 3.0)];

        double mean =
            Rows.Select((row, i) => weights[i] * Math.Pow(model.Evaluate(row)[0] - Sine(row), 2)).Sum() / weights.Sum();

        TrainingData data = TrainingData.Create(Rows, Rows.Select(Sine), weights);
        Assert.Equal(mean, Training.MeanLoss(network, data, Loss.SquaredError), 1e-12);
    }

    [Fact]
    public void Examples_come_from_tables_with_named_columns()
    {
        using var folder = new TemporaryFolder();
        RowTable table = RowTable.Load(folder.Write("data.csv", "a,y,b\n1,10,2\n3,20,4\n"));
        TrainingData data = TrainingData.FromTable(table, "y");
        Assert.Equal(2, data.Count);

        // The sum of both inputs, so the error is 7 and 13.
        Network sum = Network.Create([2], [Layer.Dense(1, Initializer.Ones)]);
        Assert.Equal((49 + 169) / 2.0, Training.MeanLoss(sum, data, Loss.SquaredError));
        Assert.Throws<ArgumentException>("targets", () => TrainingData.FromTable(table, "z"));
        Assert.Throws<ArgumentException>("targets", () => TrainingData.FromTable(table, "a", "y", "b"));
    }

    [Fact]
    public void A_loss_of_ones_own_trains_as_the_one_it_repeats()
    {
        Loss own = Loss.Custom(
            "squares",
            1,
            (outputs, targets) =>
            {
                Tensor difference = outputs - targets;
                return Tensor.Sum(difference * difference, 1);
            }
        );

        TrainingOptions options = Options(3) with { Precision = Precision.Double };
        TrainingResult expected = Training.Run(Small(), Sines(0, 100), options);
        TrainingResult result = Training.Run(Small(), Sines(0, 100), options with { Loss = own });

        Assert.All(
            expected.Network.Parameters.Zip(result.Network.Parameters),
            pair =>
                Assert.All(pair.First.ToArray().Zip(pair.Second.ToArray()), v => Assert.Equal(v.First, v.Second, 1e-12))
        );
    }

    [Fact]
    public void Parameters_are_named_after_their_layers()
    {
        Network network = Network.Create(
            [3],
            [Layer.Residual(Layer.Dense(3), Layer.Relu).Named("block"), Layer.Dense(2), Layer.Dense(1).Named("head")]
        );

        Assert.Equal(
            ["block.dense1.weight", "block.dense1.bias", "dense1.weight", "dense1.bias", "head.weight", "head.bias"],
            network.Parameters.Select(parameter => parameter.Name)
        );

        Assert.Equal("output", network.OutputName);
        Assert.Equal([2, 1], network.Parameters[4].Shape);
        Assert.Equal(9 + 3 + 6 + 2 + 2 + 1, network.ParameterCount);
    }

    [Fact]
    public void Frozen_parameters_stay_as_they_are()
    {
        Network network = Small().Freeze(name => name.StartsWith("hidden", StringComparison.Ordinal));
        Network trained = Training.Run(network, Sines(0, 100), Options(2)).Network;
        Assert.Equal([false, false, true, true], trained.Parameters.Select(parameter => parameter.IsTrained));

        // What is not trained is kept in single precision, too.
        foreach ((NetworkParameter old, NetworkParameter now) in network.Parameters.Zip(trained.Parameters))
        {
            double[] rounded = [.. old.ToArray().Select(value => (double)(float)value)];

            if (old.IsTrained)
                Assert.NotEqual(rounded, now.ToArray());
            else
                Assert.Equal(rounded, now.ToArray());
        }

        Assert.Throws<ArgumentException>("chosen", () => network.Freeze(_ => true));
    }

    [Fact]
    public void A_saved_network_can_be_loaded_and_trained_on()
    {
        using var folder = new TemporaryFolder();
        Network first = Training.Run(Small(), Sines(0, 100), Options(2)).Network;
        first.Save(folder["network.onnx"]);
        Network loaded = Network.Load(folder["network.onnx"]);
        Assert.Equal(first.ToOnnx(), loaded.ToOnnx());

        TrainingData data = Sines(0, 100);
        Network further = Training.Run(first, data, Options(2)).Network;
        Network again = Training.Run(loaded, data, Options(2)).Network;
        Assert.Equal(further.ToOnnx(), again.ToOnnx());
        Assert.Equal(further.ToModel().Evaluate(Rows[3]), Model.Load(Saved(again, folder)).Evaluate(Rows[3]));
    }

    private static string Saved(Network network, TemporaryFolder folder)
    {
        network.Save(folder["again.onnx"]);
        return folder["again.onnx"];
    }

    [Fact]
    public void Progress_is_told_and_training_can_be_cancelled_and_resumed()
    {
        using var folder = new TemporaryFolder();
        using var source = new CancellationTokenSource();
        var told = new List<TrainingProgress>();
        TrainingOptions options = Options(6) with { Checkpoint = folder["state.npz"] };

        var progress = new Synchronous(state =>
        {
            told.Add(state);

            if (state.Epoch == 3)
                source.Cancel();
        });

        Assert.Throws<OperationCanceledException>(() =>
            Training.Run(Small(), Sines(0, 100), Sines(100, 20), options, progress, source.Token)
        );
        Assert.Equal(6 * 7, told[0].Steps);
        Assert.Null(told[0].ValidationLoss);
        Assert.NotNull(told[^1].ValidationLoss);

        TrainingResult resumed = Training.Run(Small(), Sines(0, 100), Sines(100, 20), options);
        TrainingResult whole = Training.Run(Small(), Sines(0, 100), Sines(100, 20), Options(6));
        Assert.Equal(whole.Network.ToOnnx(), resumed.Network.ToOnnx());
        Assert.Equal(6, resumed.History.Count);
    }

    [Fact]
    public void Patience_ends_training_and_penalties_are_in_the_history()
    {
        // The validation data contradict the training data, so that nothing becomes better.
        TrainingData against = TrainingData.Create(Rows.Take(100), Rows.Take(100).Select(row => 20 - Sine(row)));

        TrainingOptions options = Options(100) with
        {
            Patience = 3,
            Penalties = [Penalty.L2(1e-3), Penalty.L1(1e-3, name => name == "hidden.weight")],
        };

        Network start = Training.Run(Small(), against, Options(60) with { LearningRate = 0.1 }).Network;
        TrainingResult result = Training.Run(start, Sines(0, 100), against, options);
        Assert.Equal(TrainingEnd.StoppedEarly, result.End);
        Assert.Equal(result.BestEpoch + 3, result.History.Count);
        Assert.Equal(["L2", "L1"], result.PenaltyNames);

        // Before the first step of an epoch of one step.
        TrainingResult one = Training.Run(
            start,
            Sines(0, 100),
            options with
            {
                Patience = null,
                Epochs = 1,
                Batch = 100,
            }
        );
        double[] all = [.. start.Parameters.SelectMany(parameter => parameter.ToArray())];
        Assert.Equal(all.Sum(v => v * v), one.History[0].Penalties[0], 1e-3);
        Assert.Equal(start.Parameters[0].ToArray().Sum(Math.Abs), one.History[0].Penalties[1], 1e-3);
    }

    [Fact]
    public void The_epoch_with_the_largest_measure_is_kept()
    {
        // The larger the worse, so that the measure asks for another epoch than the loss does.
        ValidationMeasure error = ValidationMeasure.Custom(
            "squared error",
            (outputs, targets) => outputs.Zip(targets, (y, t) => Math.Pow(y[0] - t[0], 2)).Sum()
        );
        TrainingOptions options = Options(6) with { Measure = error };
        TrainingData validation = Sines(100, 20);
        TrainingResult result = Training.Run(Small(), Sines(0, 100), validation, options);

        double?[] errors = [.. result.History.Select(epoch => epoch.ValidationMeasure)];
        Assert.Equal(errors.Max(), errors[result.BestEpoch - 1]);
        Assert.All(
            result.History,
            epoch => Assert.Equal(20 * epoch.ValidationLoss!.Value, epoch.ValidationMeasure!.Value, 1e-4)
        );
        Assert.Equal(errors.Max()!.Value, 20 * Training.MeanLoss(result.Network, validation, Loss.SquaredError), 1e-4);
        Assert.NotEqual(errors.Min(), errors.Max());

        Assert.Null(Training.Run(Small(), Sines(0, 100), validation, Options(1)).History[0].ValidationMeasure);
        ArgumentException refused = Assert.Throws<ArgumentException>(() =>
            Training.Run(Small(), Sines(0, 100), options)
        );
        Assert.Contains("give validation data", refused.Message, StringComparison.Ordinal);
        Assert.Equal("ROC-AUC", ValidationMeasure.RocAuc.ToString());
    }

    [Fact]
    public void A_network_of_every_layer_runs_and_reads_back()
    {
        Network images = Network.Create(
            [1, 6, 6],
            [
                Layer.Convolution(3, [3, 3], new() { Strides = [1, 1], Initializer = Initializer.HeNormal }),
                Layer.BatchNormalization,
                Layer.Elu,
                Layer.MaxPooling(2, 2),
                Layer.Convolution(2, [2, 2], new() { Padding = Padding.Valid, HasBias = false }),
                Layer.LeakyRelu(0.1),
                Layer.AveragePooling(2, 2),
                Layer.Flatten,
                Layer.Dense(3, Initializer.LeCunNormal),
            ]
        );

        Network words = Network.Create(
            [4],
            [
                Layer.Embedding(7, 4),
                Layer.Residual(Layer.Attention(2)),
                Layer.LayerNormalization,
                Layer.Transpose(1, 0),
                Layer.GlobalAveragePooling,
                Layer.Sequence(Layer.Dense(6), Layer.Gelu, Layer.Linear(6), Layer.Silu, Layer.Dropout(0.2)),
                Layer.Standardize([0, 0, 0, 0, 0, 0], [1, 2, 1, 2, 1, 2]),
                Layer.Reshape(2, 3),
                Layer.Selu,
                Layer.Softplus,
                Layer.Sigmoid,
                Layer.Flatten,
                Layer.Variational(2),
                Layer.Softmax,
            ]
        );

        Assert.Equal([3], images.OutputShape);
        double[][] pictures = Examples.Rows(12, 36);
        double[][] sentences = [.. Enumerable.Range(0, 12).Select(_ => Words())];
        TrainingOptions options = Options(2) with { Loss = Loss.SoftmaxCrossEntropy };
        Network trained = Training.Run(images, TrainingData.Create(pictures, Classes(3)), options).Network;
        Assert.Equal(3, trained.ToModel().Evaluate(pictures[0]).Length);
        Network read = Training.Run(words, TrainingData.Create(sentences, Classes(2)), options).Network;
        Assert.Equal(1, read.ToModel().Evaluate(sentences[0]).Sum(), 1e-6);

        static double[] Words() => [.. Enumerable.Range(0, 4).Select(_ => (double)Random.Next(7))];

        static IEnumerable<double> Classes(int count) => Enumerable.Range(0, 12).Select(i => (double)(i % count));
    }

    [Fact]
    public void Bad_choices_are_refused_by_name()
    {
        Assert.Throws<ArgumentOutOfRangeException>("units", () => Layer.Dense(0));
        Assert.Throws<ArgumentOutOfRangeException>("probability", () => Layer.Dropout(1));
        Assert.Throws<ArgumentOutOfRangeException>("momentum", () => Optimizer.Sgd(1));
        Assert.Throws<ArgumentOutOfRangeException>("threshold", () => Loss.Huber(0));
        Assert.Throws<ArgumentException>("layers", () => Network.Create([3], []));
        Assert.Throws<ArgumentException>("targets", () => TrainingData.Create(Rows, [1.0, 2]));

        ArgumentException layer = Assert.Throws<ArgumentException>(() =>
            Network.Create([3], [Layer.Dense(4), Layer.Convolution(2, [3]).Named("edges")])
        );
        Assert.Contains("edges", layer.Message, StringComparison.Ordinal);

        ArgumentException range = Assert.Throws<ArgumentException>(
            "options",
            () => Training.Run(Small(), Sines(0, 20), Options(1) with { Batch = 0 })
        );
        Assert.Contains("Batch is 0", range.Message, StringComparison.Ordinal);

        TrainingData three = TrainingData.Create(Examples.Rows(4), [1.0, 2, 3, 4]);
        Assert.Throws<ArgumentException>(() => Training.Run(Small(), three, Options(1)));
    }

    [Fact]
    public void Schedules_give_factors_of_the_rate()
    {
        Assert.Equal(0.25, Schedule.Steps(2, 0.5).Factor(10, 3, 1 + (4 * 3)));
        Assert.Equal(Math.Pow(0.9, 4), Schedule.Exponential(0.9).Factor(10, 3, 4 * 3 + 2), 1e-15);
        Assert.Equal(1.0 / 6, Schedule.Cosine(2).Factor(10, 3, 1), 1e-15);
        Assert.Equal(0.5, Schedule.Cosine().Factor(10, 4, 1 + 20), 1e-15);
        Assert.Equal(1, Schedule.Constant.Factor(10, 4, 39));
    }

    private sealed class Synchronous(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
