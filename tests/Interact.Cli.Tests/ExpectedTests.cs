using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Interact.Cli.Tests;

public class ExpectedTests
{
    private static string Wine(string file) => Repository.Fixture($"wine_mlp_softmax/{file}");

    private static CliResult Explain(string method, params string[] args) =>
        Cli.Run([
            "explain",
            Repository.SampleModel,
            Repository.SampleRows,
            "--rows",
            "0..1",
            "--method",
            method,
            .. args,
        ]);

    [Fact]
    public void The_average_over_a_file_agrees_with_the_reference()
    {
        using var folder = new TemporaryFolder();
        JsonElement reference = ExplanationJson.Read(Wine("expected.json"));
        JsonElement target = reference
            .GetProperty("targets")
            .EnumerateArray()
            .Single(own => own.GetProperty("id").GetString() == "eh_logits");

        Cli.Run(
                "explain",
                Wine("model.onnx"),
                Wine("inputs.csv"),
                "--output",
                target.GetProperty("output").GetString()!,
                "--method",
                "expected-hessians",
                "--background",
                Wine("background.csv"),
                "--tolerance",
                "1e-10",
                "--out",
                folder["out.json"]
            )
            .Succeeded();

        JsonElement written = ExplanationJson.Read(folder["out.json"]);
        Assert.Equal("expected-hessians", written.GetProperty("method").GetString());
        JsonElement[] rows = ExplanationJson.Rows(folder["out.json"]);

        foreach (JsonElement wanted in target.GetProperty("results").EnumerateArray())
        {
            JsonElement row = rows[wanted.GetProperty("row").GetInt32()];
            Assert.Equal(wanted.GetProperty("output_index").GetInt32(), row.GetProperty("target").GetInt32());
            Assert.True(row.IsCertified());
            Assert.False(row.GetProperty("certificate").TryGetProperty("standardError", out _));
            double[] expected = [.. wanted.Matrix("ih").SelectMany(cells => cells)];
            double[] found = [.. row.Matrix("interactions").SelectMany(cells => cells)];
            double largest = expected.Max(Math.Abs);
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-9 * largest));
        }
    }

    [Fact]
    public void Draws_have_a_standard_error_and_repeat_with_their_seed()
    {
        using var folder = new TemporaryFolder();

        string Written(string seed, string file)
        {
            CliResult result = Explain(
                "expected-gradients",
                "--background",
                Repository.SampleRows,
                "--samples",
                "20",
                "--seed",
                seed,
                "--out",
                folder[file]
            );

            Assert.Contains("standard error", result.Succeeded().Output, StringComparison.Ordinal);
            return File.ReadAllText(folder[file]);
        }

        string first = Written("1", "a.json");
        Assert.Equal(first, Written("1", "b.json"));
        Assert.NotEqual(first, Written("2", "c.json"));

        JsonElement row = ExplanationJson.Rows(folder["a.json"])[0];
        Assert.True(row.GetProperty("certificate").Number("standardError") > 0);
        Assert.False(row.TryGetProperty("interactions", out _));
    }

    [Theory]
    [InlineData("kmeans:5:samples/breast-cancer/rows.csv", "expected-hessians", "--rows-of", "mean radius")]
    [InlineData("noise:0.2", "expected-gradients", "--samples", "16")]
    public void Clusters_and_noise_are_backgrounds(string background, string method, string option, string value)
    {
        string printed = Explain(method, "--background", background, option, value).Succeeded().Output;
        Assert.Contains($"background {background}", printed, StringComparison.Ordinal);
        Assert.Contains("✓ 2 rows, all certified", printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--baseline", "median")]
    [InlineData("--baseline", "mean")]
    public void Baselines_of_the_data_are_told_in_the_title(string option, string value)
    {
        string printed = Explain("integrated-gradients", option, value).Succeeded().Output;
        Assert.Contains($"baseline {value}", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_are_compared_with_themselves_blurred()
    {
        string printed = Cli.Run(
                "explain",
                Repository.Fixture("digits_cnn/model.onnx"),
                Repository.Fixture("digits_cnn/inputs.csv"),
                "--method",
                "integrated-gradients",
                "--baseline",
                "blur:1.5"
            )
            .Succeeded()
            .Output;

        Assert.Contains("baseline blur:1.5", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_together_is_refused_with_what_would_mend_it()
    {
        string rows = Repository.SampleRows;
        Explain("expected-hessians").IsRefused("--method expected-hessians", "add --background FILE");
        Explain("expected-hessians", "--background", rows, "--baseline", "zeros").IsRefused("--baseline");
        Explain("expected-gradients", "--background", rows, "--seed", "3").IsRefused("--seed", "--samples");
        Explain("expected-gradients", "--background", rows, "--samples", "1").IsRefused("--samples 1");
        Explain("expected-gradients", "--background", rows, "--rows-of", "0").IsRefused("--method expected-gradients");
        Explain("expected-gradients", "--background", "kmeans:0:" + rows).IsRefused("kmeans:0", "from 1 to 569");
        Explain("expected-gradients", "--background", "noise:-1").IsRefused("noise:-1", "positive");
        Explain("expected-gradients", "--background", "noise:" + rows).IsRefused("569 rows", "one row");
        Explain("expected-gradients", "--background", "nowhere.csv").IsRefused("nowhere.csv", "kmeans:K:FILE");
        Explain("expected-gradients", "--background", "zeros").IsRefused("--background zeros", "noise:SD");
        Explain("expected-gradients", "--background", "kmeans:10").IsRefused("kmeans:10", "kmeans:10:train.csv");
        Explain("expected-gradients", "--background", "kmeans:-1:" + rows).IsRefused("not a number of clusters");
        Explain("expected-gradients", "--background", "noise:").IsRefused("no standard deviation", "noise:0.1");
        Explain("expected-gradients", "--background", Wine("inputs.csv")).IsRefused("13 columns", "30");
        Explain("integrated-hessians", "--background", rows).IsRefused("--background", "--method");
        Explain("integrated-hessians", "--samples", "10").IsRefused("--samples", "--method");
        Cli.Run(
                "explain",
                Repository.Fixture("digits_cnn/model.onnx"),
                Repository.Fixture("digits_cnn/inputs.csv"),
                "--baseline",
                "blur:0"
            )
            .IsRefused("blur:0", "at most 8");
        Explain("integrated-hessians", "--baseline", "blur:2").IsRefused("blur:2", "1 x 30");
    }

    [Fact]
    public void What_would_mend_an_uncertified_row_fits_the_method()
    {
        string Advised(string method, params string[] options)
        {
            CliResult result = Explain(method, [.. options, "--precision", "single", "--tolerance", "1e-13"]);
            Assert.Equal(1, result.ExitCode);
            return Assert.Single(result.ErrorLines);
        }

        // No path over steps adds up.
        using var folder = new TemporaryFolder();
        string steps = folder.Write("steps.onnx", OnnxModel.Create(2, OnnxModel.Node("f", "Floor", "x", "y")));
        string data = folder.Write("rows.csv", "a,b\n1.5,2.5\n0.5,3.5\n");

        string Of(string method, params string[] options)
        {
            CliResult result = Cli.Run(["explain", steps, data, "--target", "0", "--method", method, .. options]);
            Assert.Equal(1, result.ExitCode);
            return Assert.Single(result.ErrorLines);
        }

        Assert.Contains(
            "nearer --background",
            Of("expected-gradients", "--background", data),
            StringComparison.Ordinal
        );
        Assert.Contains("nearer --baseline", Of("integrated-gradients"), StringComparison.Ordinal);
        Assert.Contains("single precision", Advised("shapley-taylor", "--samples", "2"), StringComparison.Ordinal);
    }

    [Fact]
    public void Backgrounds_of_ids_are_checked_as_rows_are()
    {
        static string Two(string file) => Repository.Fixture($"breast_cancer_two_inputs/{file}");
        using var folder = new TemporaryFolder();
        string unknown = folder.Write("unknown.csv", "c0,c1,c2\n1,5,8\n999,1,2\n");

        CliResult With(string background) =>
            Cli.Run([
                "explain",
                Two("model.onnx"),
                Two("codes.csv"),
                "--input",
                "codes",
                "--at",
                "/emb/Gather_output_0",
                "--fix",
                $"numeric={Two("inputs.csv")}",
                "--groups",
                "tokens",
                "--method",
                "expected-gradients",
                "--background",
                background,
            ]);

        With(Two("codes.csv")).Succeeded();
        With(unknown).IsRefused("unknown.csv: row 1: codes[0] is 999", "give whole numbers from 0 to 11");
        With($"kmeans:2:{Two("codes.csv")}").IsRefused("kmeans:2", "whole numbers", "give a file of rows");
    }

    [Fact]
    public void Pairs_that_were_drawn_may_be_off_by_two_cells()
    {
        using var folder = new TemporaryFolder();
        string[] options = ["--background", Repository.SampleRows, "--samples", "4", "--out", folder["o.json"]];
        string printed = Explain("expected-hessians", options).Succeeded().Output;

        double error = ExplanationJson
            .Rows(folder["o.json"])
            .Max(row => row.GetProperty("certificate").Number("standardError"));

        Match told = Regex.Match(printed, "single cell is at most ([0-9.]+), that of a pair's number ([0-9.]+)");
        Assert.Equal(error, Number(told.Groups[1]), 1e-5 * error);
        Assert.Equal(2 * error, Number(told.Groups[2]), 1e-5 * error);

        static double Number(Group digits) => double.Parse(digits.Value, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void A_part_by_an_expected_method_is_known_again()
    {
        using var folder = new TemporaryFolder();
        string[] args = ["--background", "noise:0.1", "--samples", "4", "--shard", "1/2", "--out", folder["o.json"]];

        Explain("expected-gradients", args).Succeeded();
        CliResult again = Explain("expected-gradients", args);
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("there already", again.Error, StringComparison.Ordinal);
        Explain("expected-hessians", args).IsRefused("another method");
    }

    [Fact]
    public void Ctrl_C_in_the_middle_of_a_row_leaves_no_file()
    {
        if (OperatingSystem.IsWindows())
            return;

        using var folder = new TemporaryFolder();

        using System.Diagnostics.Process process = Cli.Start(
            "explain",
            Repository.SampleModel,
            Repository.SampleRows,
            "--rows",
            "0..0",
            "--method",
            "expected-hessians",
            "--background",
            "noise:1",
            "--samples",
            "100000000",
            "--out",
            folder["out.json"]
        );

        // The row takes hours; its file is there as soon as it is begun.
        while (!process.HasExited && !folder.Files.Any())
            Thread.Sleep(20);

        Cli.Interrupt(process);
        CliResult result = Cli.Finish(process);
        Assert.Equal("interact: interrupted; no file was written", Assert.Single(result.ErrorLines));
        Assert.Equal(130, result.ExitCode);
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void The_commands_of_the_documentation_run()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs/expected.md")).ReplaceLineEndings("\n");
        const string Start = "    dotnet run --project src/Interact.Cli -c Release -- ";

        string[] commands =
        [
            .. text.Replace("\\\n", " ", StringComparison.Ordinal)
                .Split('\n')
                .Where(line => line.StartsWith(Start, StringComparison.Ordinal))
                .Select(line => line[Start.Length..]),
        ];

        Assert.NotEmpty(commands);

        foreach (string command in commands)
        {
            string printed = Cli.Run(command.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Succeeded().Output;
            Assert.Contains("5 rows, all certified", printed, StringComparison.Ordinal);
        }
    }
}
