using System.Text.Json;

namespace Interact.Cli.Tests;

public class ExplainTests
{
    private static string Relu(string file) => Repository.Fixture($"diabetes_mlp_relu/{file}");

    [Fact]
    public void The_command_of_the_readme_shows_every_row_with_its_strongest_pairs()
    {
        string printed = Cli.Run(
                "explain",
                "samples/breast-cancer/model.onnx",
                "samples/breast-cancer/rows.csv",
                "--rows",
                "0..4"
            )
            .Succeeded()
            .Output;

        string[] lines = printed.ReplaceLineEndings("\n").Split('\n');
        Assert.Contains("rows 0..4 of the 569", lines[0], StringComparison.Ordinal);
        Assert.Matches(@"^row +target +f\(x\) +f\(baseline\) +strongest pairs +certificate$", lines[2]);
        Assert.Matches(@"^ +0 +0 +5\.9654 +-0\.725666 +-0\.3491 +radius error × area error +✓ \S+ \(\d+\)$", lines[3]);
        Assert.Equal(5 * 5, lines.Count(line => line.Contains(" × ", StringComparison.Ordinal)));
        Assert.Contains("Γij + Γji", printed, StringComparison.Ordinal);
        Assert.Contains("✓ 5 rows, all certified", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_piped_is_plain_text_of_any_width()
    {
        string printed = Cli.Run("explain", Repository.SampleModel, Repository.SampleRows, "--rows", "0..1").Output;

        Assert.DoesNotContain('\e', printed);
        Assert.DoesNotContain(printed, character => character is >= '\u2500' and <= '\u259F');
        Assert.Contains(printed.Split('\n'), line => line.Length > 120);
    }

    [Fact]
    public void Json_agrees_with_the_reference()
    {
        using var folder = new TemporaryFolder();

        Cli.Run(
                "explain",
                Repository.SampleModel,
                Repository.SampleRows,
                "--rows",
                "0..100",
                "--tolerance",
                "1e-11",
                "--out",
                folder["out.json"]
            )
            .Succeeded();

        JsonElement[] rows = ExplanationJson.Rows(folder["out.json"]);
        Assert.Equal(101, rows.Length);

        foreach (JsonElement wanted in ExplanationJson.SampleReference())
        {
            JsonElement row = rows[wanted.GetProperty("row").GetInt32()];
            double[][] matrix = wanted.Matrix("ih");
            double allowed = 1e-9 * matrix.SelectMany(cells => cells).Max(Math.Abs);

            Assert.True(row.IsCertified());
            AssertClose(
                [wanted.Number("f_x"), wanted.Number("f_baseline")],
                [row.Number("value"), row.Number("baselineValue")],
                allowed
            );
            AssertClose(wanted.Numbers("ig"), row.Numbers("attributions"), allowed);
            AssertClose(
                matrix.SelectMany(cells => cells),
                row.Matrix("interactions").SelectMany(cells => cells),
                allowed
            );
        }
    }

    [Fact]
    public void Integrated_gradients_have_attributions_only()
    {
        using var folder = new TemporaryFolder();

        string printed = Cli.Run(
                "explain",
                Repository.SampleModel,
                Repository.SampleRows,
                "--method",
                "integrated-gradients",
                "--rows",
                "0..1",
                "--tolerance",
                "1e-11",
                "--out",
                folder["out.json"]
            )
            .Succeeded()
            .Output;

        Assert.Contains("strongest features", printed, StringComparison.Ordinal);
        Assert.Equal(
            "integrated-gradients",
            ExplanationJson.Read(folder["out.json"]).GetProperty("method").GetString()
        );
        JsonElement row = ExplanationJson.Rows(folder["out.json"])[0];
        Assert.False(row.TryGetProperty("interactions", out _));
        AssertClose(ExplanationJson.SampleReference()[0].Numbers("ig"), row.Numbers("attributions"), 1e-9);
    }

    [Fact]
    public void Groups_gather_the_interactions_of_their_features()
    {
        using var folder = new TemporaryFolder();
        string groups = Repository.Sample("groups.json");

        Cli.Run(
                "explain",
                Repository.SampleModel,
                Repository.SampleRows,
                "--rows",
                "0..0",
                "--groups",
                groups,
                "--tolerance",
                "1e-11",
                "--out",
                folder["out.json"]
            )
            .Succeeded();

        JsonElement root = ExplanationJson.Read(folder["out.json"]);
        JsonProperty[] wanted = [.. ExplanationJson.Read(groups).EnumerateObject()];
        Assert.Equal(wanted.Select(group => group.Name), root.GetProperty("features").Deserialize<string[]>());

        int[][] members = [.. wanted.Select(group => group.Value.Deserialize<int[]>()!)];
        double[][] single = ExplanationJson.SampleReference()[0].Matrix("ih");
        double[][] found = root.GetProperty("rows")[0].Matrix("interactions");

        for (int i = 0; i < members.Length; i++)
        {
            double[] sums = [.. members.Select(others => members[i].Sum(k => others.Sum(l => single[k][l])))];
            AssertClose(sums, found[i], 1e-9);
        }
    }

    [Fact]
    public void The_mean_baseline_is_that_of_all_rows()
    {
        using var folder = new TemporaryFolder();

        double[] BaselineValues(string file, string rows, string baseline)
        {
            Cli.Run(
                    "explain",
                    Repository.SampleModel,
                    Repository.SampleRows,
                    "--rows",
                    rows,
                    "--baseline",
                    baseline,
                    "--out",
                    folder[file]
                )
                .Succeeded();

            return [.. ExplanationJson.Rows(folder[file]).Select(row => row.Number("baselineValue"))];
        }

        double[] means = BaselineValues("mean.json", "0..2", "mean");
        double[] zeros = BaselineValues("zeros.json", "0..2", Repository.Fixture("sample_breast_cancer/baseline.csv"));

        Assert.Single(means.Distinct());
        Assert.Equal(means[..1], BaselineValues("one.json", "7..7", "mean"));
        Assert.NotEqual(means, zeros);
        Assert.Equal(-0.7256655222016034, zeros[0], 1e-12);
    }

    [Fact]
    public void Rows_that_are_not_certified_are_written_all_the_same()
    {
        using var folder = new TemporaryFolder();
        string[] sharp = ["explain", Relu("model.onnx"), Relu("inputs.csv"), "--smooth", "1e9"];
        CliResult result = Cli.Run([.. sharp, "--out", folder["out.json"]]);

        Assert.Equal(1, result.ExitCode);
        string line = Assert.Single(result.ErrorLines);
        Assert.StartsWith("interact: rows 0, 1, 2 not certified: ", line, StringComparison.Ordinal);
        Assert.Contains("lower --smooth", line, StringComparison.Ordinal);
        Assert.Contains("✗ 3 rows, 3 of them not certified", result.Output, StringComparison.Ordinal);

        JsonElement[] rows = ExplanationJson.Rows(folder["out.json"]);
        Assert.Equal(3, rows.Length);
        Assert.DoesNotContain(rows, row => row.IsCertified());
    }

    [Theory]
    [InlineData]
    [InlineData("--exact")]
    public void Kinks_are_counted_in_exactly(params string[] options)
    {
        using var folder = new TemporaryFolder();
        string[] arguments =
        [
            "explain",
            Relu("model.onnx"),
            Relu("inputs.csv"),
            "--baseline",
            Relu("baseline.csv"),
            "--out",
            folder["out.json"],
        ];
        Cli.Run([.. arguments, .. options]).Succeeded();

        JsonElement[] rows = ExplanationJson.Rows(folder["out.json"]);
        Assert.All(
            rows,
            row => Assert.Equal("exact", row.GetProperty("certificate").GetProperty("method").GetString())
        );

        // As many as PyTorch found.
        Assert.Equal([49, 61, 65], rows.Select(row => row.GetProperty("certificate").GetProperty("kinks").GetInt32()));
    }

    [Fact]
    public void Smoothing_certifies_a_network_of_relus() =>
        Assert.Contains(
            "ReLU smoothed by β = 10",
            Cli.Run("explain", Relu("model.onnx"), Relu("inputs.csv"), "--smooth", "10").Succeeded().Output,
            StringComparison.Ordinal
        );

    [Fact]
    public void Each_row_is_explained_for_its_largest_output_unless_a_target_is_given()
    {
        string model = Repository.Fixture("wine_mlp_softmax/model.onnx");
        string rows = Repository.Fixture("wine_mlp_softmax/inputs.csv");
        using var folder = new TemporaryFolder();

        int[] Targets(string file, params string[] options)
        {
            Cli.Run(["explain", model, rows, "--out", folder[file], .. options]).Succeeded();
            return [.. ExplanationJson.Rows(folder[file]).Select(row => row.GetProperty("target").GetInt32())];
        }

        Assert.Equal([2, 0, 2], Targets("default.json"));
        Assert.Equal([2, 0, 2], Targets("predicted.json", "--target", "predicted", "--output", "probs"));
        Assert.Equal([1, 1, 1], Targets("one.json", "--target", "1"));
    }

    [Fact]
    public void Of_many_rows_the_means_are_shown()
    {
        using var folder = new TemporaryFolder();

        string printed = Cli.Run(
                "explain",
                Repository.SampleModel,
                Repository.SampleRows,
                "--top",
                "3",
                "--out",
                folder["out.json"]
            )
            .Succeeded()
            .Output;

        JsonElement[] rows = ExplanationJson.Rows(folder["out.json"]);
        Assert.Equal(Enumerable.Range(0, 569), rows.Select(row => row.GetProperty("row").GetInt32()));
        Assert.All(rows, row => Assert.True(row.IsCertified()));

        double[][][] matrices = [.. rows.Select(row => row.Matrix("interactions"))];
        double largest = Enumerable
            .Range(0, 30)
            .SelectMany(i =>
                Enumerable.Range(i + 1, 29 - i).Select(j => matrices.Average(matrix => Math.Abs(2 * matrix[i][j])))
            )
            .Max();

        string[] lines = printed.ReplaceLineEndings("\n").Split('\n');
        Assert.Matches("^mean magnitude +mean +strongest pairs$", lines[2]);
        Assert.StartsWith(
            largest.ToString("F5", System.Globalization.CultureInfo.InvariantCulture),
            lines[3].Trim(),
            StringComparison.Ordinal
        );
        Assert.Equal(3, lines.Count(line => line.Contains(" × ", StringComparison.Ordinal)));
        Assert.Contains("✓ 569 rows, all certified", printed, StringComparison.Ordinal);
    }

    private static void AssertClose(IEnumerable<double> wanted, IEnumerable<double> found, double allowed) =>
        Assert.All(wanted.Zip(found), pair => Assert.Equal(pair.First, pair.Second, allowed));
}
