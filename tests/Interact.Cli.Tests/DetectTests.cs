using System.Security.Cryptography;
using System.Text.Json;

namespace Interact.Cli.Tests;

/// <summary>The command `detect`.</summary>
public class DetectTests
{
    [Theory]
    [InlineData("mixed-partials")]
    [InlineData("mixed-differences")]
    [InlineData("integrated-hessians", "--baseline", "mean", "--representatives", "median:4")]
    [InlineData(
        "expected-hessians",
        "--background",
        "samples/breast-cancer/rows.csv",
        "--samples",
        "8",
        "--seed",
        "1",
        "--tolerance",
        "1"
    )]
    [InlineData("shapley-interactions", "--groups", "samples/breast-cancer/groups.json")]
    [InlineData("input-hessian")]
    public void Pairs_of_the_sample_are_ranked(string method, params string[] options)
    {
        using var folder = new TemporaryFolder();
        CliResult result = Run(["--method", method, "--rows", "0..9", .. options, "--out", folder["out.json"]]);
        Assert.InRange(result.ExitCode, 0, 1);
        using var json = JsonDocument.Parse(File.ReadAllText(folder["out.json"]));
        Assert.Equal(method, json.RootElement.GetProperty("method").GetString());
        Assert.Equal(method == "integrated-hessians" ? 4 : 10, json.RootElement.GetProperty("rowCount").GetInt32());

        double[] strengths =
        [
            .. json
                .RootElement.GetProperty("interactions")
                .EnumerateArray()
                .Select(set => set.GetProperty("strength").GetDouble()),
        ];

        int features = options.Contains("--groups") ? 10 : 30;
        Assert.Equal(features * (features - 1) / 2, strengths.Length);
        Assert.Equal(strengths.OrderDescending(), strengths);
        Assert.True(strengths[0] > 0);
    }

    [Fact]
    public void Sets_within_stronger_ones_are_left_out_unless_kept()
    {
        using var folder = new TemporaryFolder();
        string[] options = ["--rows", "0..3", "--order", "3", "--out"];
        Run([.. options, folder["pruned.csv"]]).Succeeded();
        Run([.. options, folder["all.csv"], "--keep-subsets"]).Succeeded();
        int all = File.ReadAllLines(folder["all.csv"]).Length - 1;
        int pruned = File.ReadAllLines(folder["pruned.csv"]).Length - 1;
        Assert.Equal((30 * 29 / 2) + (30 * 29 * 28 / 6), all);
        Assert.InRange(pruned, 30 * 29 * 28 / 6, all);
    }

    [Fact]
    public void Rankings_tell_what_their_numbers_depend_on()
    {
        using var folder = new TemporaryFolder();

        Dictionary<string, string> Settings(params string[] options)
        {
            Run([.. options, "--out", folder["out.json"]]);
            using var json = JsonDocument.Parse(File.ReadAllText(folder["out.json"]));
            return json.RootElement.GetProperty("settings").Deserialize<Dictionary<string, string>>()!;
        }

        string data = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Repository.SampleRows)))[..12];
        Dictionary<string, string> differences = Settings("--rows", "0..9", "--order", "3", "--seed", "4");
        Assert.Equal(data, differences["data"]);
        Assert.Equal("0..9", differences["rows"]);
        Assert.Equal("3", differences["order"]);
        Assert.Equal("4", differences["seed"]);
        Assert.Equal("drawn:256, seed 4", differences["representatives"]);

        Dictionary<string, string> explained = Settings(
            "--method",
            "integrated-hessians",
            "--baseline",
            "mean",
            "--representatives",
            "median:2"
        );
        Assert.Equal("mean", explained["baseline"]);
        Assert.Equal("median:2", explained["representatives"]);
        Assert.False(explained.ContainsKey("rows"));

        Assert.Equal(["data", "target", "order"], Settings("--method", "weights").Keys);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var folder = new TemporaryFolder();
        Run("--method", "integrated-hessians", "--order", "3").IsRefused("--order 3");
        Run("--order", "13").IsRefused("--order 13");
        Run("--method", "mixed-partials", "--order", "13").IsRefused("--order 13");
        Run("--method", "mixed-partials", "--order", "12").IsRefused("lower order");
        Run("--method", "weights", "--aggregate", "mean").IsRefused("--aggregate");
        Run("--groups", "tokens").IsRefused("--groups");
        Run("--baseline", "mean").IsRefused("--baseline");
        Run("--background", "x.csv").IsRefused("--background");
        Run("--method", "expected-hessians").IsRefused("--background");
        Run("--out", folder["x.npz"]).IsRefused(".json", ".csv");
        Run("--representatives", "mean:0").IsRefused("mean:10");
        string relu = Repository.Fixture("diabetes_mlp_relu");
        Cli.Run(
                "detect",
                Path.Combine(relu, "model.onnx"),
                Path.Combine(relu, "inputs.csv"),
                "--method",
                "mixed-partials"
            )
            .IsRefused("kink", "smooth");
        Assert.Empty(folder.Files);
    }

    private static CliResult Run(params string[] options) =>
        Cli.Run(["detect", Repository.SampleModel, Repository.SampleRows, .. options]);
}
