using System.Text.Json;

namespace Interact.CSharp.Tests;

/// <summary>Configurations of networks for tables.</summary>
public class TableConfigurationTests
{
    [Fact]
    public void The_example_is_the_defaults()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("config.json", TableTrainingOptions.Example);
        TableTrainingOptions read = TableTrainingOptions.Load(path);

        var expected = new TableTrainingOptions
        {
            Data = folder["rows.csv"],
            Target = "outcome",
            Out = folder["config"],
        };

        Assert.Equal(Text(expected), Text(read));
    }

    [Fact]
    public void Every_key_is_taken()
    {
        using var folder = new TemporaryFolder();

        string path = folder.Write(
            "c.json",
            """
            {
              "data": "sub/t.csv", "target": "y", "task": "multi-class", "positive": "b",
              "drop": ["d"], "categorical": ["e"], "numeric": ["f"],
              "hidden": [5, 4], "activation": "relu", "dropout": 0.25, "normalization": "layer",
              "optimizer": { "name": "sgd", "learningRate": 1, "weightDecay": 0, "schedule": "cosine", "warmup": 2 },
              "batch": 7, "epochs": 8, "patience": null,
              "split": { "training": 0.5, "validation": 0.5, "test": 0 },
              "seed": 9, "precision": "double",
              "prior": { "kind": "interactions", "weight": 0.5, "pairs": [["e", "f"]], "samples": 3 },
              "out": "o", // a comment, and a comma too many:
            }
            """
        );

        var expected = new TableTrainingOptions
        {
            Data = folder["sub/t.csv"],
            Target = "y",
            Task = TableTask.MultiClass,
            Positive = "b",
            Drop = ["d"],
            Categorical = ["e"],
            Numeric = ["f"],
            Hidden = [5, 4],
            Activation = TableActivation.Relu,
            Dropout = 0.25,
            Normalization = TableNormalization.Layer,
            Optimizer = new()
            {
                Kind = TableOptimizerKind.Sgd,
                LearningRate = 1,
                WeightDecay = 0,
                Schedule = TableSchedule.Cosine,
                Warmup = 2,
            },
            Batch = 7,
            Epochs = 8,
            Patience = null,
            Split = new()
            {
                Training = 0.5,
                Validation = 0.5,
                Test = 0,
            },
            Seed = 9,
            Precision = Precision.Double,
            Prior = new()
            {
                Kind = TablePriorKind.Interactions,
                Weight = 0.5,
                Pairs = [("e", "f")],
                Samples = 3,
            },
            Out = folder["o"],
        };

        Assert.Equal(Text(expected), Text(TableTrainingOptions.Load(path)));
    }

    [Theory]
    [InlineData("{\"data\": \"a\",\n \"traget\": \"y\"}", "line 2, column 2 (\"traget\")", "nearest is \"target\"")]
    [InlineData("{\"optimiser\": {}}", "line 1, column 2 (\"optimiser\")", "nearest is \"optimizer\"")]
    [InlineData("{\"optimizer\": {\n\"lr\": 1}}", "line 2, column 1 (\"lr\")", "learningRate")]
    [InlineData("{\"optimizer\": 1}", "(\"optimizer\")", "it is a section; write {\"name\": …}")]
    [InlineData("{\"epochs\": 1.5}", "(\"epochs\"): 1.5 does not fit", "an integer of at least 1")]
    [InlineData("{\"hidden\": [8, \"x\"]}", "\"x\" does not fit", "an integer from 1 to 65536")]
    [InlineData("{\"dropout\": 1}", "1 does not fit", "from 0 to 1, excluded")]
    [InlineData("{\"activation\": \"rely\"}", "\"rely\" does not fit", "\"relu\"")]
    [InlineData("{\"drop\": \"a\"}", "\"a\" does not fit", "a list of texts in brackets")]
    [InlineData("{\"prior\": {\"pairs\": [[\"a\"]]}}", "[\"a\"] does not fit", "two texts")]
    [InlineData("{\"seed\": 1, \"seed\": 2}", "(\"seed\")", "the key stands twice")]
    [InlineData("{\"data\": \"a\"}", "\"target\" is missing", "name the column")]
    [InlineData("{\"target\": \"a\"}", "\"data\" is missing", "name the CSV file")]
    [InlineData("[1]", "the text is no object", "write {")]
    [InlineData("{\"data\": }", "line 1, column 10", "not JSON")]
    [InlineData(
        "{\"data\":\"a\",\"target\":\"y\",\"split\":{\"test\":0.5}}",
        "(\"split\"): the shares of \"split\" add up to 1.35",
        "add up to 1"
    )]
    [InlineData(
        "{\"data\":\"a\",\"target\":\"y\",\"prior\":{\"pairs\":[[\"a\",\"b\"]]}}",
        "line 1, column 35 (\"pairs\"): \"prior\" names pairs",
        "interactions"
    )]
    [InlineData(
        "{\"data\":\"a\",\"target\":\"y\",\n\"hidden\": [],\n\"prior\": { \"kind\": \"interactions\", \"weight\": 1 }}",
        "line 3, column 12 (\"kind\"): \"prior\" is on interactions, but \"hidden\" is [], a linear model",
        "add hidden units, or leave the prior out"
    )]
    public void What_does_not_fit_is_told_with_its_place(string text, string problem, string mend)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("c.json", text);
        var refused = Assert.Throws<TableConfigurationException>(() => TableTrainingOptions.Load(path));
        string line = Assert.Single(refused.Problems, found => found.Contains(problem, StringComparison.Ordinal));
        Assert.StartsWith(path, line, StringComparison.Ordinal);
        Assert.Contains(mend, line, StringComparison.Ordinal);
        Assert.Contains("; ", line, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("c.json", "{\n\"hiden\": [],\n\"batch\": 0,\n\"split\": {\"tset\": 1}\n}");
        var refused = Assert.Throws<TableConfigurationException>(() => TableTrainingOptions.Load(path));
        Assert.Equal(3, refused.Problems.Count);
        Assert.Contains("line 2", refused.Problems[0], StringComparison.Ordinal);
        Assert.Contains("line 3", refused.Problems[1], StringComparison.Ordinal);
        Assert.Contains("line 4, column 11", refused.Problems[2], StringComparison.Ordinal);
    }

    private static string Text(TableTrainingOptions options) =>
        JsonSerializer.Serialize(options, new JsonSerializerOptions { IncludeFields = true });
}
