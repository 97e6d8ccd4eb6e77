namespace Interact.Cli.Tests;

public class BadDataTests
{
    [Theory]
    [InlineData("ragged", "1,2\n3\n", "line 2", "1, not 2")]
    [InlineData("text", "a,b\n1,2\n3,four\n", "line 3, column 2", "\"four\"")]
    [InlineData("NaN", "1,2\nNaN,4\n", "line 2, column 1", "NaN")]
    [InlineData("infinite", "1,2\n3,inf\n", "line 2, column 2", "inf")]
    [InlineData("missing", "1,2\n,4\n", "line 2, column 1", "missing")]
    [InlineData("empty", "", "empty")]
    public void A_table_that_cannot_be_read_is_told_with_the_place(string name, string text, params string[] texts)
    {
        using var folder = new TemporaryFolder();
        string rows = folder.Write($"{name}.csv", text);

        Cli.Run("explain", Repository.SampleModel, rows, "--out", folder["out.json"])
            .IsRefused([$"{name}.csv", .. texts]);
        Assert.Single(folder.Files);
    }

    [Fact]
    public void A_file_that_is_not_there_is_told() =>
        Cli.Run("explain", Repository.SampleModel, "absent.csv").IsRefused("absent.csv", "no such file");

    [Theory]
    [InlineData("explain")]
    [InlineData("verify")]
    public void Another_number_of_columns_is_told_with_both_numbers(string command)
    {
        using var folder = new TemporaryFolder();

        Cli.Run(command, Repository.SampleModel, folder.Write("rows.csv", "1,2\n"))
            .IsRefused("rows.csv", "2 columns", "takes 30", "'x'");
    }

    [Fact]
    public void Rows_that_do_not_exist_are_told() =>
        Cli.Run("explain", Repository.SampleModel, Repository.SampleRows, "--rows", "560..569")
            .IsRefused("--rows 560..569", "569 rows", "to 568");

    [Theory]
    [InlineData("1,2,3\n", "3 columns", "has 2")]
    [InlineData("1,2\n3,4\n", "2 rows", "has 3")]
    [InlineData("b,a\n1,2\n", "column 1", "order")]
    [InlineData("1,x\n", "line 1, column 2")]
    public void A_baseline_that_does_not_fit_is_told(string baseline, params string[] texts)
    {
        using var folder = new TemporaryFolder();
        string model = folder.Write("model.onnx", OnnxModel.Create(2, OnnxModel.Node("tanh", "Tanh", "x", "y")));
        string rows = folder.Write("rows.csv", "a,b\n1,2\n3,4\n5,6\n");

        Cli.Run("explain", model, rows, "--baseline", folder.Write("baseline.csv", baseline))
            .IsRefused(["baseline.csv", .. texts]);
    }

    [Theory]
    [InlineData("{\"a\": [0, 30]}", "feature 30")]
    [InlineData("{\"a\": [0], \"b\": [0]}", "feature 0")]
    [InlineData("[0, 1]", "not an object")]
    [InlineData("{\"a\": ", "line 1", "not JSON")]
    public void Groups_that_do_not_fit_are_told(string groups, params string[] texts)
    {
        using var folder = new TemporaryFolder();

        Cli.Run(
                "explain",
                Repository.SampleModel,
                Repository.SampleRows,
                "--groups",
                folder.Write("groups.json", groups)
            )
            .IsRefused(["groups.json", .. texts]);
    }

    [Fact]
    public void Names_cannot_steer_the_terminal()
    {
        using var folder = new TemporaryFolder();
        string model = folder.Write("model.onnx", OnnxModel.Create(2, OnnxModel.Node("tanh", "Tanh", "x", "y")));
        string rows = folder.Write("rows.csv", "a\e[31m,b\u202e\n1,2\n");

        Assert.DoesNotContain('\e', Cli.Run("explain", model, rows).Succeeded().Output);
        Assert.DoesNotContain('\u202e', Cli.Run("explain", model, rows).Output);
        Assert.DoesNotContain('\e', Cli.Run("explain", "\e[31m.onnx", rows).Error);
    }
}
