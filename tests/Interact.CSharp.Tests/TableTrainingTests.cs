using System.Security.Cryptography;
using System.Text.Json;

namespace Interact.CSharp.Tests;

/// <summary>Networks trained on tables.</summary>
public class TableTrainingTests
{
    private static readonly string Penguins = Repository.Source("samples/penguins/penguins.csv");

    private static readonly TableTrainingOptions Options = new()
    {
        Data = Penguins,
        Target = "species",
        Drop = ["year"],
        Hidden = [16],
        Epochs = 40,
        Threads = 2,
    };

    private static readonly Lazy<TrainedTable> Trained = new(() => TableTraining.Run(Options));

    [Fact]
    public void Metrics_are_those_of_the_models_outputs_on_the_parts()
    {
        string[] lines = File.ReadAllLines(Penguins);
        Assert.Equal(TableTask.MultiClass, Trained.Value.Task);
        Assert.Equal(["Adelie", "Chinstrap", "Gentoo"], Trained.Value.Classes);
        Assert.Equal(["training", "validation", "test"], Trained.Value.Parts.Select(part => part.Name));
        Assert.Equal(Enumerable.Range(0, 344), Trained.Value.Parts.SelectMany(part => part.Rows).Order());

        foreach (TablePart part in Trained.Value.Parts)
        {
            int right = 0;
            double loss = 0;

            for (int row = 0; row < part.Rows.Count; row++)
            {
                string species = lines[part.Rows[row] + 1].Split(',')[0].Trim('"');
                Assert.Equal(species, Trained.Value.Classes[(int)part.Targets[row]]);
                Assert.Equal(part.Rows[row] + 2, Trained.Value.LineOf(part.Rows[row]));
                double[] outputs = Trained.Value.Model.Evaluate(part.Inputs[row]);
                Assert.Equal(outputs, part.Outputs[row]);
                double[] shares = Trained.Value.Probabilities(outputs);
                Assert.Equal(1, shares.Sum(), 12);
                right += Array.IndexOf(shares, shares.Max()) == (int)part.Targets[row] ? 1 : 0;
                loss -= Math.Log(shares[(int)part.Targets[row]]);
            }

            Assert.Equal((double)right / part.Rows.Count, Value(part.Metrics, TableMetricKind.Accuracy), 12);
            Assert.Equal(loss / part.Rows.Count, Value(part.Metrics, TableMetricKind.LogLoss), 12);
            Assert.Equal(1.0 / 3, Value(part.ConstantMetrics, TableMetricKind.BalancedAccuracy), 12);
        }

        Assert.InRange(Value(Trained.Value.Parts[2].Metrics, TableMetricKind.Accuracy), 0.95, 1);
    }

    [Fact]
    public void The_kept_epoch_is_the_best_one_and_its_loss_that_of_the_validation_part()
    {
        TrainingEpoch best = Trained.Value.Training.History.MinBy(epoch => epoch.ValidationLoss)!;
        Assert.Equal(best.Epoch, Trained.Value.Training.BestEpoch);
        // Training computes in single precision.
        Assert.Equal(Value(Trained.Value.Parts[1].Metrics, TableMetricKind.LogLoss), best.ValidationLoss!.Value, 1e-5);
    }

    [Fact]
    public void Columns_say_what_became_of_them()
    {
        IReadOnlyList<TrainedColumn> columns = Trained.Value.Columns;
        Assert.Equal(File.ReadLines(Penguins).First().Replace("\"", "").Split(','), columns.Select(c => c.Name));
        Assert.Equal(TrainedColumnKind.Target, columns[0].Kind);
        Assert.Equal(["Biscoe", "Dream", "Torgersen"], columns[1].Levels);
        Assert.Equal(2, columns[2].Missing);
        Assert.Equal(11, columns[6].Missing);
        Assert.True(columns[6].HasMissingFeature);
        Assert.Equal("the configuration drops it", columns[7].Reason);
        Assert.Equal(columns.Sum(column => column.Features.Count), Trained.Value.FeatureNames.Count);
        TablePart training = Trained.Value.Parts[0];
        int mass = columns[5].Features[0];
        Assert.Equal(training.Inputs.Average(row => row[mass]), columns[5].Mean!.Value, 1e-9);
    }

    [Fact]
    public void The_folder_holds_all_that_explaining_takes_and_the_same_bytes_every_time()
    {
        using var folder = new TemporaryFolder();
        Trained.Value.Save(folder["one"]);
        TableTraining.Run(Options with { Threads = 1, Checkpoint = folder["c.npz"] }).Save(folder["two"]);
        string[] files = [.. Directory.EnumerateFiles(folder["one"]).Select(file => Path.GetFileName(file)!).Order()];

        Assert.Equal(
            [
                "groups.json",
                "model.onnx",
                "predictions.csv",
                "report.json",
                "report.md",
                "test.csv",
                "training.csv",
                "validation.csv",
            ],
            files
        );

        foreach (string file in files)
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(folder["one"], file));
            Assert.Equal(bytes, File.ReadAllBytes(Path.Combine(folder["two"], file)));
        }

        var model = Model.Load(Path.Combine(folder["one"], "model.onnx"));
        RowTable rows = RowTable.Load(Path.Combine(folder["one"], "training.csv"));
        Assert.Equal(Trained.Value.FeatureNames, rows.Columns);
        Assert.Equal(Trained.Value.Parts[0].Inputs, rows);
        Assert.Equal(Trained.Value.Parts[0].Outputs[3], model.Evaluate(rows[3]));
        var groups = FeatureGroups.Load(Path.Combine(folder["one"], "groups.json"), model.InputSize);
        Assert.Equal(Trained.Value.Groups.Names, groups.Names);
        Assert.Equal(Trained.Value.Columns[6].Features, groups.Members(5));
    }

    [Fact]
    public void The_report_says_what_was_learnt_from_what_and_how_well()
    {
        using var folder = new TemporaryFolder();
        Trained.Value.Save(folder["out"]);
        using var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder["out"], "report.json")));
        JsonElement root = report.RootElement;
        Assert.Equal("interact.training/1", root.GetProperty("schema").GetString());
        Assert.Equal(HashOf(Penguins), root.GetProperty("data").GetProperty("sha256").GetString());

        Assert.Equal(
            HashOf(Path.Combine(folder["out"], "model.onnx")),
            root.GetProperty("model").GetProperty("sha256").GetString()
        );

        JsonElement test = root.GetProperty("parts").GetProperty("test");
        double accuracy = Value(Trained.Value.Parts[2].Metrics, TableMetricKind.Accuracy);
        Assert.Equal(accuracy, test.GetProperty("metrics").GetProperty("accuracy").GetDouble());
        Assert.Equal(
            Trained.Value.Training.History.Count,
            root.GetProperty("training").GetProperty("history").GetArrayLength()
        );
        Assert.Equal(8, root.GetProperty("columns").GetArrayLength());
        JsonElement configuration = root.GetProperty("configuration");
        Assert.Equal("penguins.csv", configuration.GetProperty("data").GetString());
        Assert.Equal(0.7, configuration.GetProperty("split").GetProperty("training").GetDouble());

        string[] predictions = File.ReadAllLines(Path.Combine(folder["out"], "predictions.csv"));
        Assert.Equal(345, predictions.Length);
        string wrong =
            $"{predictions.Count(line => line.StartsWith("test,", StringComparison.Ordinal) && line.Split(',')[3] == line.Split(',')[4])}";
        Assert.Equal($"{(int)Math.Round(accuracy * Trained.Value.Parts[2].Rows.Count)}", wrong);
    }

    [Fact]
    public void New_rows_are_encoded_as_the_training_part_was()
    {
        using var folder = new TemporaryFolder();

        string path = folder.Write(
            "new.csv",
            "sex,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g\nmale,Dream,40,NA,190,4000\nother,Elsewhere,40,18,190,4000\n"
        );

        RowTable encoded = Trained.Value.Encoding.Encode(path);
        Assert.Equal(Trained.Value.FeatureNames, encoded.Columns);
        int Feature(string name) => Trained.Value.FeatureNames.ToList().IndexOf(name);
        Assert.Equal(1, encoded[0][Feature("island=Dream")]);
        Assert.Equal(1, encoded[0][Feature("bill_depth_mm=(missing)")]);
        Assert.Equal(Trained.Value.Columns[3].Median, encoded[0][Feature("bill_depth_mm")]);
        int[] levels = [.. Trained.Value.Columns[1].Features, .. Trained.Value.Columns[6].Features];
        Assert.All(levels, level => Assert.Equal(0, encoded[1][level]));

        // The report holds all that it takes.
        Trained.Value.Save(folder["out"]);
        string report = Path.Combine(folder["out"], "report.json");
        Assert.Equal(encoded, TableEncoding.Load(report).Encode(path));
        TableEncoding.Load(report).Save(path, folder["encoded.csv"]);
        Assert.Equal(encoded, RowTable.Load(folder["encoded.csv"]));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"schema\": \"interact.explanation/1\", \"columns\": []}")]
    [InlineData(
        "{\"schema\": \"interact.training/1\", \"columns\": [{\"name\": \"a\", \"kind\": \"categorical\", \"missing\": 0, \"levels\": [\"x\"], \"hasMissingFeature\": false, \"features\": [3]}]}"
    )]
    [InlineData("not JSON")]
    public void What_is_no_report_of_a_training_is_refused(string text)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("report.json", text);
        string problem = Assert.Throws<DataFormatException>(() => TableEncoding.Load(path)).Message;
        Assert.StartsWith(path, problem, StringComparison.Ordinal);
        Assert.Contains("no report of a training", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_goes_on_after_it_was_stopped()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        TableTrainingOptions options = Options with { Checkpoint = folder["c.npz"] };
        var progress = new Reporting(told =>
        {
            if (told.Epoch > 3)
                stop.Cancel();
        });

        Assert.ThrowsAny<OperationCanceledException>(() =>
            TableTraining.Run(options with { Epochs = 4000, Patience = null }, progress, stop.Token)
        );
        Assert.True(File.Exists(folder["c.npz"]));
        string refusal = Assert.Throws<ArgumentException>(() => TableTraining.Run(options)).Message;
        Assert.Contains("another training", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Regressions_are_in_the_targets_units()
    {
        TrainedTable trained = TableTraining.Run(
            Options with
            {
                Data = Masses(out TemporaryFolder folder),
                Target = "body_mass_g",
                Activation = TableActivation.Relu,
                Normalization = TableNormalization.Batch,
                Dropout = 0.1,
                Prior = new() { Kind = TablePriorKind.Sparsity, Weight = 0.01 },
                Split = new()
                {
                    Training = 0.8,
                    Validation = 0.2,
                    Test = 0,
                },
            }
        );

        using (folder)
        {
            Assert.Equal(TableTask.Regression, trained.Task);
            Assert.Equal(2, trained.Parts.Count);
            Assert.Empty(trained.Classes);
            Assert.InRange(Value(trained.Parts[1].Metrics, TableMetricKind.RSquared), 0.6, 1);
            Assert.InRange(Value(trained.Parts[1].Metrics, TableMetricKind.MeanAbsoluteError), 100, 500);
            Assert.Single(trained.Training.PenaltyNames);
            Assert.All(trained.Training.History, epoch => Assert.InRange(Assert.Single(epoch.Penalties), -1, 0));
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        void Refused(TableTrainingOptions options, string text) =>
            Assert.Contains(
                text,
                Assert.Throws<ArgumentException>(() => TableTraining.Run(options)).Message,
                StringComparison.Ordinal
            );

        Refused(Options with { Hidden = [0] }, "Hidden");
        Refused(Options with { Dropout = 1 }, "Dropout");
        Refused(Options with { Split = new() { Test = 0.5 } }, "add up to 1.35");
        Refused(
            Options with
            {
                Optimizer = new() { Kind = TableOptimizerKind.Sgd, WeightDecay = 1 },
            },
            "weightDecay"
        );
        Refused(Options with { Prior = new() { Pairs = [("a", "a")] } }, "pairs");

        string Problem(TableTrainingOptions options) =>
            Assert.Throws<DataFormatException>(() => TableTraining.Run(options)).Message;

        Assert.Contains("no such file", Problem(Options with { Data = "none.csv" }), StringComparison.Ordinal);
        Assert.Contains("\"species\"", Problem(Options with { Target = "specie" }), StringComparison.Ordinal);
    }

    /// <summary>The penguins with a mass.</summary>
    private static string Masses(out TemporaryFolder folder)
    {
        folder = new TemporaryFolder();
        IEnumerable<string> lines = File.ReadLines(Penguins).Where(line => line.Split(',')[5] != "NA");
        return folder.Write("masses.csv", string.Join('\n', lines));
    }

    private static double Value(IReadOnlyList<TableMetric> metrics, TableMetricKind kind) =>
        metrics.Single(metric => metric.Kind == kind).Value;

    private static string HashOf(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    private sealed class Reporting(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action(value);
    }
}
