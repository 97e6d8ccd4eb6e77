using System.Globalization;
using System.Text.Json;

namespace Interact.Cli.Tests;

/// <summary>The command `rate`.</summary>
public class RateTests
{
    private const string Tensor = "/tanh2/Tanh_output_0";

    private static readonly string Layer = Repository.Sample("last-layer.npz");

    [Fact]
    public void The_sample_with_a_Bayesian_last_layer_is_rated()
    {
        using var folder = new TemporaryFolder();
        CliResult result = Network("--out", folder["out.json"]).Succeeded();
        using var json = JsonDocument.Parse(File.ReadAllText(folder["out.json"]));
        JsonElement root = json.RootElement;
        Assert.Equal("interact.rate/1", root.GetProperty("schema").GetString());
        Assert.Equal("model.onnx", root.GetProperty("model").GetProperty("file").GetString());
        Assert.Equal(0, root.GetProperty("output").GetInt32());
        double[] rates = Rates(root);
        Assert.Equal(30, rates.Length);
        Assert.Equal(1, rates.Sum(), 1e-12);

        // What the definitions of Δ, the effective sample size and the line make of these shares.
        double gap = rates.Sum(rate => rate > 0 ? rate * Math.Log(30 * rate) : 0);
        Assert.Equal(gap, root.GetProperty("divergenceFromUniform").GetDouble(), 1e-12);
        Assert.Equal(100 / (1 + gap), root.GetProperty("effectiveSampleSize").GetDouble(), 1e-10);
        int above = rates.Count(rate => rate > 1.0 / 30);
        Assert.Contains($"{above} of 30 variables above 1/p = 0.0333333", result.Output, StringComparison.Ordinal);
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"= {100 / (1 + gap):F1}%"),
            result.Output,
            StringComparison.Ordinal
        );

        // The line stands below as many rows of the table as are above it.
        string[] lines = result.Output.Split('\n');
        int head = Array.FindIndex(
            lines,
            line => line.Contains("RATE", StringComparison.Ordinal) && line.Contains("rank", StringComparison.Ordinal)
        );
        int line = Array.FindIndex(lines, text => text.Contains("--- 1/p ---", StringComparison.Ordinal));
        Assert.Equal(above + 1, line - head);
    }

    [Fact]
    public void A_networks_own_last_layer_is_rated_at_its_own_features_alone()
    {
        using var folder = new TemporaryFolder();
        string model = folder["model.onnx"];
        string rows = folder["rows.csv"];
        File.WriteAllBytes(model, OnnxModel.Variational([0.3f, -0.7f, 0.2f]));
        File.WriteAllText(rows, "a,b,c\n1,0.9,0\n0.2,0.1,1\n-1,-0.8,0.3\n0.5,-0.1,-0.6\n");
        CliResult whole = Cli.Run("rate", model, rows).Succeeded();
        Assert.Contains("after 'h'", whole.Output, StringComparison.Ordinal);
        Cli.Run("rate", model, rows, "--at", "h").Succeeded();
        Cli.Run("rate", model, rows, "--at", "y").IsRefused("--at y", "applied to 'h'", "leave --at out");
    }

    [Fact]
    public void Shares_have_the_values_of_the_definition()
    {
        using var folder = new TemporaryFolder();
        using var cases = JsonDocument.Parse(File.ReadAllText(Repository.Fixture("rate/cases.json")));
        JsonElement Case(string name) =>
            cases.RootElement.EnumerateArray().Single(found => found.GetProperty("name").GetString() == name);

        string Csv(string file, JsonElement table)
        {
            IEnumerable<string> rows = table
                .EnumerateArray()
                .Select(row => string.Join(',', row.EnumerateArray().Select(cell => cell.GetRawText())));
            File.WriteAllLines(folder[file], rows);
            return folder[file];
        }

        void AssertShares(JsonElement expected)
        {
            using var json = JsonDocument.Parse(File.ReadAllText(folder["out.json"]));
            double[] values = [.. expected.GetProperty("rates").EnumerateArray().Select(rate => rate.GetDouble())];
            Assert.All(values.Zip(Rates(json.RootElement)), pair => Assert.Equal(1, pair.Second / pair.First, 1e-8));
            Assert.Equal(values.Length, Rates(json.RootElement).Length);
        }

        JsonElement effects = Case("draws");
        string draws = Csv("effects.csv", effects.GetProperty("draws"));
        string[] options = ["--out", folder["out.json"]];
        Cli.Run(["rate", "--draws", draws, "--divergence", "exact", .. options]).Succeeded();
        AssertShares(effects.GetProperty("exact"));

        JsonElement drawn = Case("function draws");
        string data = Csv("data.csv", drawn.GetProperty("data"));
        string values = Csv("values.csv", drawn.GetProperty("draws"));
        Cli.Run(["rate", data, "--draws", values, .. options]).Succeeded();
        AssertShares(drawn.GetProperty("quadratic"));

        JsonElement projected = Case("projected function draws");
        data = Csv("data.csv", projected.GetProperty("data"));
        values = Csv("values.csv", projected.GetProperty("draws"));
        Cli.Run(["rate", data, "--draws", values, "--effect", "projection", "--threads", "1", .. options]).Succeeded();
        AssertShares(projected.GetProperty("quadratic"));
    }

    [Fact]
    public void Groups_are_compared_given_others()
    {
        using var folder = new TemporaryFolder();
        string[] options = ["--groups", Repository.Sample("groups.json"), "--given", "area,0", "--ridge", "1e-4"];
        CliResult result = Network([.. options, "--top", "2", "--out", folder["out.csv"]]).Succeeded();
        Assert.Contains("Given that there is no effect of area, radius", result.Output, StringComparison.Ordinal);
        string[] lines = File.ReadAllLines(folder["out.csv"]);
        Assert.Equal(1 + 8, lines.Length);
        Assert.DoesNotContain(lines, line => line.Contains("area", StringComparison.Ordinal));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var folder = new TemporaryFolder();
        string rows = Repository.SampleRows;
        Cli.Run("rate").IsRefused("--weights", "--draws");
        Cli.Run("rate", Repository.SampleModel, rows).IsRefused("not variational", "--weights");
        Cli.Run("rate", rows, "--weights", Layer).IsRefused("MODEL DATA");
        Cli.Run("rate", rows, "--weights", Layer, "--draws", rows).IsRefused("exclude");
        Cli.Run("rate", rows, rows, "--draws", rows).IsRefused("no network");
        Cli.Run("rate", rows, "--draws", rows).IsRefused("30 columns", "569 rows");
        Cli.Run("rate", "--draws", rows, "--effect", "covariance").IsRefused("--effect");
        Cli.Run("rate", "--draws", rows, "--target", "0").IsRefused("--target");
        Cli.Run("rate", "--draws", folder["none.csv"]).IsRefused("none.csv");
        Cli.Run("rate", Repository.SampleModel, rows, "--weights", Layer).IsRefused("32 rows", "--at");
        Network("--target", "1").IsRefused("--target 1");
        Network("--given", "nothing").IsRefused("--given", "'nothing'");
        Network("--given", string.Join(',', Enumerable.Range(0, 29))).IsRefused("--given");
        Assert.Equal(2, Network("--divergence", "half").ExitCode);
        Assert.Equal(2, Network("--ridge", "0").ExitCode);
        Network("--groups", folder["none.json"]).IsRefused("none.json");
        Network("--out", folder["x.npz"]).IsRefused(".json", ".csv");

        File.WriteAllText(folder["independent.csv"], "1,2\n3,2\n1,4\n3,4\n");
        Cli.Run("rate", "--draws", folder["independent.csv"]).IsRefused("independent.csv", "diagonal");

        double[] numbers = [.. Enumerable.Range(0, 64).Select(i => 1.0 + i)];
        string two = NpzFile.Write(folder["two.npz"], ("mean", [32, 2], numbers), ("variance", [32, 2], numbers));
        Cli.Run("rate", Repository.SampleModel, rows, "--at", Tensor, "--weights", two)
            .IsRefused("--target is missing", "2 outputs");
        string turned = NpzFile.Write(folder["turned.npz"], ("mean", [2, 32], numbers), ("variance", [2, 32], numbers));
        Cli.Run("rate", Repository.SampleModel, rows, "--at", Tensor, "--weights", turned).IsRefused("transpose");
    }

    [Fact]
    public void The_page_shows_what_the_command_prints()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs/rate.md")).ReplaceLineEndings("\n");
        string[] printed = Network("--top", "8").Succeeded().Output.ReplaceLineEndings("\n").Split('\n');
        string[] rows =
        [
            .. printed
                .SkipWhile(line => !line.Contains("rank", StringComparison.Ordinal))
                .TakeWhile(line => line.Length > 0),
        ];
        Assert.Equal(10, rows.Length);
        Assert.Contains(string.Join('\n', rows), page, StringComparison.Ordinal);
    }

    private static CliResult Network(params string[] options) =>
        Cli.Run([
            "rate",
            Repository.SampleModel,
            Repository.SampleRows,
            "--at",
            Tensor,
            "--weights",
            Layer,
            .. options,
        ]);

    private static double[] Rates(JsonElement root) =>
        [
            .. root.GetProperty("variables")
                .EnumerateArray()
                .Select(variable => variable.GetProperty("rate").GetDouble()),
        ];
}
