namespace Interact.Cli.Tests;

public class BadModelTests
{
    [Theory]
    [InlineData("explain")]
    [InlineData("verify")]
    [InlineData("inspect")]
    public void A_file_that_is_not_there_is_told(string command) =>
        Explain(command, "absent.onnx").IsRefused("absent.onnx", "no such file");

    [Fact]
    public void A_file_of_another_format_is_told() =>
        Explain("explain", Repository.SampleRows).IsRefused("rows.csv", "not an ONNX model");

    [Fact]
    public void A_truncated_model_is_told()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = File.ReadAllBytes(Repository.SampleModel);

        foreach (string command in new[] { "explain", "inspect" })
        {
            string cut = folder.Write("cut.onnx", whole[..(whole.Length / 2)]);
            Explain(command, cut).IsRefused("cut.onnx", "export it again");
        }
    }

    [Fact]
    public void All_unsupported_operators_are_told_each_on_a_line()
    {
        using var folder = new TemporaryFolder();

        string model = folder.Write(
            "model.onnx",
            OnnxModel.Create(
                30,
                OnnxModel.Node("first", "NonZero", "x", "h"),
                OnnxModel.Node("second", "Tanh", "x", "k"),
                OnnxModel.Node("third", "Fancy", "k", "y", "custom.domain")
            )
        );

        CliResult explained = Explain("explain", model);
        Assert.Equal(2, explained.ExitCode);
        Assert.Equal("", explained.Output);
        Assert.Equal(2, explained.ErrorLines.Length);
        Assert.StartsWith("interact: node 'first' (NonZero): ", explained.ErrorLines[0], StringComparison.Ordinal);
        Assert.StartsWith(
            "interact: node 'third' (custom.domain.Fancy): ",
            explained.ErrorLines[1],
            StringComparison.Ordinal
        );

        CliResult inspected = Explain("inspect", model);
        Assert.Equal(2, inspected.ExitCode);
        Assert.Contains("node 'first' (NonZero): ", inspected.Output, StringComparison.Ordinal);
        Assert.Contains("node 'third' (custom.domain.Fancy): ", inspected.Output, StringComparison.Ordinal);
        Assert.Contains("✗ no: 2 problems", inspected.Output, StringComparison.Ordinal);
        Assert.Contains("cannot be explained", Assert.Single(inspected.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tree_ensemble_is_refused_with_the_reason()
    {
        using var folder = new TemporaryFolder();
        byte[] trees = OnnxModel.Create(30, OnnxModel.Node("trees", "TreeEnsembleRegressor", "x", "y", "ai.onnx.ml"));

        Explain("explain", folder.Write("trees.onnx", trees))
            .IsRefused("node 'trees'", "every gradient is zero", "Shapley");
    }

    [Fact]
    public void An_output_that_does_not_exist_is_told_with_those_that_do() =>
        Explain("explain", Repository.SampleModel, "--output", "odds").IsRefused("'odds'", "'logit'");

    [Fact]
    public void A_target_that_does_not_exist_is_told()
    {
        Explain("explain", Repository.SampleModel, "--target", "1").IsRefused("--target 1", "one element");

        Explain("explain", Repository.Fixture("wine_mlp_softmax/model.onnx"), "--target", "3")
            .IsRefused("--target 3", "3 elements", "from 0 to 2");
    }

    [Theory]
    [InlineData("Log", "1,-1", "1,2", "row 0", "at the input")]
    [InlineData("Reciprocal", "1,1", "1,2", "row 0", "at the baseline")]
    [InlineData("Sqrt", "1,1", "0,1", "row 1", "of the path")]
    public void A_model_that_is_not_finite_is_told_with_row_and_node(
        string type,
        string first,
        string second,
        params string[] texts
    )
    {
        using var folder = new TemporaryFolder();
        byte[] model = OnnxModel.Create(
            2,
            OnnxModel.Node("culprit", type, "x", "h"),
            OnnxModel.Node("sum", "ReduceSum", "h", "y")
        );

        Cli.Run("explain", folder.Write("model.onnx", model), folder.Write("rows.csv", $"{first}\n{second}\n"))
            .IsRefused([.. texts, "node 'culprit'", type]);
    }

    private static CliResult Explain(string command, string model, params string[] options) =>
        Cli.Run([
            command,
            model,
            .. command == "inspect" ? Array.Empty<string>() : [Repository.SampleRows],
            .. options,
        ]);
}
