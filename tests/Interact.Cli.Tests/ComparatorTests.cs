using System.Text.Json;

namespace Interact.Cli.Tests;

/// <summary>The methods that Integrated Hessians are compared with.</summary>
public class ComparatorTests
{
    private static readonly string Groups = Repository.Sample("groups.json");

    private static CliResult Explain(string method, params string[] options) =>
        Cli.Run(["explain", Repository.SampleModel, Repository.SampleRows, "--method", method, .. options]);

    [Theory]
    [InlineData("shapley-interactions")]
    [InlineData("shapley-taylor")]
    public void Shapley_interactions_of_groups_add_up(string method)
    {
        using var folder = new TemporaryFolder();
        Explain(method, "--rows", "0..2", "--groups", Groups, "--out", folder["out.json"]).Succeeded();
        JsonElement result = ExplanationJson.Read(folder["out.json"]);
        Assert.Equal(method, result.GetProperty("method").GetString());
        int players = result.GetProperty("features").GetArrayLength();

        foreach (JsonElement row in result.GetProperty("rows").EnumerateArray())
        {
            double[][] matrix = row.Matrix("interactions");
            double change = row.Number("value") - row.Number("baselineValue");
            JsonElement certificate = row.GetProperty("certificate");

            Assert.Equal(change, matrix.SelectMany(cells => cells).Sum(), 1e-12);
            Assert.Equal(change, row.Numbers("attributions").Sum(), 1e-12);
            Assert.All(
                matrix.Zip(row.Numbers("attributions")),
                pair => Assert.Equal(pair.Second, pair.First.Sum(), 1e-12)
            );
            Assert.True(row.IsCertified());
            Assert.Equal("exact", certificate.GetProperty("method").GetString());
            Assert.Equal(1 << players, certificate.GetProperty("evaluations").GetInt32());
        }
    }

    [Fact]
    public void Drawn_interactions_tell_their_standard_error_in_files_and_on_the_terminal()
    {
        using var folder = new TemporaryFolder();
        string[] options = ["--rows", "0..1", "--samples", "3", "--seed", "5", "--out"];
        string printed = Explain("shapley-taylor", [.. options, folder["a.json"]]).Succeeded().Output;
        Explain("shapley-taylor", [.. options, folder["b.json"]]).Succeeded();
        JsonElement certificate = ExplanationJson.Rows(folder["a.json"])[1].GetProperty("certificate");

        Assert.Contains("Shapley Taylor of", printed, StringComparison.Ordinal);
        Assert.Contains(
            "the standard error of an attribution or a single cell is at most",
            printed,
            StringComparison.Ordinal
        );
        Assert.True(certificate.Number("standardError") > 0);
        Assert.Equal("sampled", certificate.GetProperty("method").GetString());
        Assert.Equal(File.ReadAllText(folder["a.json"]), File.ReadAllText(folder["b.json"]));
    }

    [Fact]
    public void Derivatives_at_the_row_are_told_without_judging_what_they_add_up_to()
    {
        using var folder = new TemporaryFolder();
        string[] rows = ["--rows", "3..4", "--out"];
        Explain("gradients", [.. rows, folder["gradients.json"]]).Succeeded();
        Explain("gradient-times-input", [.. rows, folder["times.json"]]).Succeeded();
        Explain("hessian-times-input", [.. rows, folder["hessian.json"]]).Succeeded();
        string printed = Explain("input-hessian", [.. rows, folder["plain.json"]]).Succeeded().Output;

        Assert.Contains("does not promise", printed, StringComparison.Ordinal);
        double[] input = [.. Numbers(File.ReadLines(Repository.SampleRows).ElementAt(1 + 3))];
        JsonElement gradients = ExplanationJson.Rows(folder["gradients.json"])[0];
        JsonElement times = ExplanationJson.Rows(folder["times.json"])[0];
        double[][] hessian = ExplanationJson.Rows(folder["hessian.json"])[0].Matrix("interactions");
        double[][] plain = ExplanationJson.Rows(folder["plain.json"])[0].Matrix("interactions");

        Assert.False(gradients.TryGetProperty("interactions", out _));
        Assert.True(gradients.IsCertified());

        for (int i = 0; i < input.Length; i++)
        {
            Assert.Equal(input[i] * gradients.Numbers("attributions")[i], times.Numbers("attributions")[i], 1e-13);

            for (int j = 0; j < input.Length; j++)
                Assert.Equal(input[i] * plain[i][j] * input[j], hessian[i][j], 1e-13);
        }
    }

    [Fact]
    public void Contextual_decomposition_explains_the_sample_and_refuses_what_is_no_chain_of_layers()
    {
        using var folder = new TemporaryFolder();
        Explain("contextual-decomposition", "--rows", "0..0", "--out", folder["out.csv"]).Succeeded();
        Assert.Contains("interaction", File.ReadAllText(folder["out.csv"]), StringComparison.Ordinal);

        Cli.Run(
                "explain",
                Repository.Fixture("breast_cancer_mixed_residual/model.onnx"),
                Repository.Fixture("breast_cancer_mixed_residual/inputs.csv"),
                "--method",
                "contextual-decomposition"
            )
            .IsRefused("not a chain of dense layers", "use integrated Hessians");
    }

    [Fact]
    public void Options_without_a_meaning_for_the_method_are_refused()
    {
        (string Method, string Samples, string Expected)[] unreadable =
        [
            ("shapley-values", "2", "--method shapley-values: give integrated-hessians"),
            (
                "shapley-taylor",
                "1",
                "--samples 1: a standard error takes two draws at least; give an integer from 2 to 1000000000"
            ),
            (
                "shapley-taylor",
                "99999999999",
                "--samples 99999999999: more than are drawn; give an integer from 2 to 1000000000"
            ),
        ];

        foreach ((string method, string samples, string expected) in unreadable)
        {
            CliResult result = Explain(method, "--samples", samples);
            Assert.Equal(2, result.ExitCode);
            Assert.Contains(expected, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        }

        Explain("gradients", "--samples", "10").IsRefused("--method gradients", "leave out --samples");
        Explain("input-hessian", "--rows-of", "0").IsRefused("--method input-hessian", "leave out --rows-of");
        Explain("gradients", "--pairs", "0:1").IsRefused("--method gradients", "it has no interactions");
        Explain("shapley-taylor", "--exact").IsRefused("leave out --exact");
        Explain("shapley-taylor", "--groups", Groups, "--seed", "3")
            .IsRefused("--seed", "all coalitions of the 10 groups", "add --samples N, or leave it out");

        // Of thirty features pairs are drawn.
        Explain("shapley-taylor", "--rows", "0..0", "--seed", "3").Succeeded();
    }

    private static IEnumerable<double> Numbers(string line) =>
        line.Split(',').Select(field => double.Parse(field, System.Globalization.CultureInfo.InvariantCulture));
}
