using System.Text.Json;

namespace Interact.CSharp.Tests;

public class ExplanationFileTests
{
    private static readonly ExplanationHeader Header = new()
    {
        Method = "integrated-hessians",
        Model = new ModelSource("model.onnx", "abc"),
        FeatureNames = ["plain", "with, comma", "with \"quotes\""],
    };

    private static readonly List<InteractionResult> Results =
    [
        .. Explain.IntegratedHessians(
            Examples.TanhOfProduct,
            Examples.Rows(20),
            new() { FeatureNames = Header.FeatureNames }
        ),
    ];

    [Fact]
    public void Json_reads_back_to_the_same_doubles_by_the_names_of_the_schema()
    {
        using var folder = new TemporaryFolder();
        ExplanationFile.Write(folder["out.json"], Header, Results);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(folder["out.json"]));
        JsonElement root = document.RootElement;

        Assert.Equal(["schema", "model", "method", "features", "rows"], Properties(root));
        Assert.Equal("interact.explanation/1", root.GetProperty("schema").GetString());
        Assert.Equal("{\"file\":\"model.onnx\",\"sha256\":\"abc\"}", root.GetProperty("model").GetRawText());
        Assert.Equal("integrated-hessians", root.GetProperty("method").GetString());
        Assert.Equal(Header.FeatureNames, root.GetProperty("features").Deserialize<string[]>());
        Assert.Equal(20, root.GetProperty("rows").GetArrayLength());

        foreach ((InteractionResult wanted, JsonElement row) in Results.Zip(root.GetProperty("rows").EnumerateArray()))
        {
            JsonElement certificate = row.GetProperty("certificate");

            Assert.Equal(
                ["row", "target", "value", "baselineValue", "attributions", "interactions", "certificate"],
                Properties(row)
            );
            Assert.Equal(
                ["satisfied", "completenessResidual", "rowResidual", "errorEstimate", "evaluations", "method"],
                Properties(certificate)
            );
            Assert.Equal(wanted.Row, row.GetProperty("row").GetInt32());
            Assert.Equal(wanted.Target, row.GetProperty("target").GetInt32());
            AssertSame([wanted.Value], [row.GetProperty("value").GetDouble()]);
            AssertSame([wanted.BaselineValue], [row.GetProperty("baselineValue").GetDouble()]);
            AssertSame(wanted.Attributions, row.GetProperty("attributions").Deserialize<double[]>()!);
            AssertSame(
                wanted.Interactions.ToArray().Cast<double>(),
                row.GetProperty("interactions").Deserialize<double[][]>()!.SelectMany(cells => cells)
            );
            Assert.Equal(wanted.Certificate.Satisfied, certificate.GetProperty("satisfied").GetBoolean());
            AssertSame(
                [wanted.Certificate.CompletenessResidual, wanted.Certificate.RowResidual!.Value],
                [
                    certificate.GetProperty("completenessResidual").GetDouble(),
                    certificate.GetProperty("rowResidual").GetDouble(),
                ]
            );
            AssertSame([wanted.Certificate.ErrorEstimate], [certificate.GetProperty("errorEstimate").GetDouble()]);
            Assert.Equal(wanted.Certificate.Evaluations, certificate.GetProperty("evaluations").GetInt32());
            Assert.Equal("gauss-log", certificate.GetProperty("method").GetString());
        }
    }

    [Fact]
    public void Json_of_attributions_has_no_interactions()
    {
        using var folder = new TemporaryFolder();
        Explain.IntegratedGradients(Examples.TanhOfProduct, Examples.Rows(2)).Save(folder["out.json"]);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(folder["out.json"]));
        JsonElement row = document.RootElement.GetProperty("rows")[0];

        Assert.Equal(["row", "target", "value", "baselineValue", "attributions", "certificate"], Properties(row));
        Assert.DoesNotContain("rowResidual", Properties(row.GetProperty("certificate")));
        Assert.Equal("{\"file\":null,\"sha256\":null}", document.RootElement.GetProperty("model").GetRawText());
    }

    [Fact]
    public void Json_has_one_row_a_line()
    {
        using var folder = new TemporaryFolder();
        ExplanationFile.Write(folder["some.json"], Header, Results);
        ExplanationFile.Write(folder["none.json"], Header, []);

        Assert.Equal(22, File.ReadAllLines(folder["some.json"]).Length);
        using JsonDocument none = JsonDocument.Parse(File.ReadAllText(folder["none.json"]));
        Assert.Equal(0, none.RootElement.GetProperty("rows").GetArrayLength());
    }

    [Fact]
    public void Csv_amounts_add_up_to_the_change_in_the_output()
    {
        using var folder = new TemporaryFolder();
        ExplanationFile.Write(folder["out.csv"], Header, Results);
        string[] lines = File.ReadAllLines(folder["out.csv"]);

        Assert.Equal(
            "row,target,value,baselineValue,kind,first,second,amount,"
                + "satisfied,completenessResidual,rowResidual,errorEstimate,evaluations,method,standardError",
            lines[0]
        );
        Assert.Equal(1 + 20 * (3 + 3 + 3), lines.Length);
        Assert.Contains(",interaction,\"with, comma\",\"with \"\"quotes\"\"\",", lines[9], StringComparison.Ordinal);

        InteractionResult first = Results[0];
        double change = first.Value - first.BaselineValue;
        Assert.Equal(change, lines[1..4].Sum(Amount), 1e-9);
        Assert.Equal(change, lines[4..10].Sum(Amount), 1e-9);
        Assert.Equal(first.Attributions[0], Amount(lines[1]));
        Assert.Equal(2 * first.Interactions[0, 1], Amount(lines[7]));
    }

    [Fact]
    public void Csv_of_attributions_has_no_interactions()
    {
        using var folder = new TemporaryFolder();
        Explain.IntegratedGradients(Examples.TanhOfProduct, Examples.Rows(2)).Save(folder["out.csv"]);
        string[] lines = File.ReadAllLines(folder["out.csv"]);

        Assert.Equal(1 + 2 * 3, lines.Length);
        Assert.StartsWith("0,0,", lines[1], StringComparison.Ordinal);
        Assert.Contains(",attribution,x0,,", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Csv_has_the_standard_error_of_what_was_drawn()
    {
        using var folder = new TemporaryFolder();
        Background background = Background.Rows(Examples.Rows(30)).Draw(6, seed: 2);
        var options = new ExpectedGradientsOptions { Background = background };
        Explanation<AttributionResult> drawn = Explain.ExpectedGradients(
            Examples.TanhOfProduct,
            Examples.Rows(2),
            options
        );
        drawn.Save(folder["drawn.csv"]);
        Explain.IntegratedGradients(Examples.TanhOfProduct, Examples.Rows(2)).Save(folder["exact.csv"]);

        double?[] errors = [.. drawn.SelectMany(row => Enumerable.Repeat(row.Certificate.StandardError, 3))];
        Assert.All(errors, error => Assert.True(error > 0));
        Assert.Equal(
            errors.Select(error => error!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            File.ReadLines(folder["drawn.csv"]).Skip(1).Select(line => line.Split(',')[^1])
        );
        Assert.All(File.ReadLines(folder["exact.csv"]).Skip(1), line => Assert.Equal("", line.Split(',')[^1]));
    }

    [Fact]
    public void Settings_tell_runs_apart_and_nothing_else_does()
    {
        double[][] rows = Examples.Rows(9);

        IReadOnlyDictionary<string, string> Of(Background background, int threads = 1) =>
            Explain
                .ExpectedHessians(
                    Examples.TanhOfProduct,
                    rows,
                    new ExpectedHessiansOptions { Background = background, Threads = threads }
                )
                .Header.Settings;

        double[] weights = [.. Enumerable.Range(1, 9).Select(i => (double)i)];
        double[] others = [.. weights.Reverse()];
        double[][] changed = [.. rows[..8], [1, 2, 3.5]];

        IReadOnlyDictionary<string, string>[] different =
        [
            Of(Background.Rows(rows)),
            Of(Background.Rows(changed)),
            Of(Background.Rows(rows[..8])),
            Of(Background.Rows(rows, weights)),
            Of(Background.Rows(rows, others)),
            Of(Background.KMeans(rows, 3)),
            Of(Background.KMeans(rows, 3, seed: 1)),
            Of(Background.Rows(rows).Draw(4)),
            Of(Background.Rows(rows).Draw(4, seed: 1)),
            Of(Background.Rows(rows).Draw(6)),
            Of(Background.Noise(1, 4)),
            Of(Background.Noise(2, 4)),
            Of(Background.Noise(1, 4, seed: 1)),
            Of(Background.Generated(9, i => rows[i])),
        ];

        string Text(IReadOnlyDictionary<string, string> settings) =>
            string.Join(' ', settings.Select(own => $"{own.Key}={own.Value}"));

        Assert.Equal(different.Length, different.Select(Text).Distinct().Count());
        double[][] copies = [.. rows.Select(row => row.ToArray())];
        Assert.Equal(Text(different[7]), Text(Of(Background.Rows(copies).Draw(4), threads: 2)));
    }

    [Fact]
    public void A_file_is_there_whole_or_not_at_all()
    {
        using var folder = new TemporaryFolder();

        foreach (string file in new[] { "out.json", "out.csv", "out.npz" })
        {
            Assert.Throws<InvalidTimeZoneException>(() => ExplanationFile.Write(folder[file], Header, Failing()));
            Assert.Empty(folder.Files);
        }

        folder.Write("out.json", "before");
        Assert.Throws<InvalidTimeZoneException>(() => ExplanationFile.Write(folder["out.json"], Header, Failing()));
        Assert.Equal("before", File.ReadAllText(folder["out.json"]));

        foreach (string file in new[] { "out.JSON", "out.csv", "out.npz" })
            ExplanationFile.Write(folder[file], Header, Results);

        Assert.Equal(["out.JSON", "out.csv", "out.json", "out.npz"], folder.Files.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Cancellation_leaves_no_file()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();

        IEnumerable<double[]> Rows()
        {
            while (true)
            {
                yield return [1, 2, 3];
                cancellation.Cancel();
            }
        }

        Assert.ThrowsAny<OperationCanceledException>(() =>
            Explain
                .IntegratedHessians(Examples.TanhOfProduct, Rows(), cancellationToken: cancellation.Token)
                .Save(folder["out.npz"])
        );
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void What_cannot_be_written_is_told()
    {
        using var folder = new TemporaryFolder();
        AttributionResult[] mixed = [Results[0], Explain.IntegratedGradients(Examples.TanhOfProduct, [1, 2, 3])];

        var problem = Assert.Throws<IOException>(() =>
            ExplanationFile.Write(folder["absent/out.json"], Header, Results)
        );

        Assert.Contains("folder does not exist", problem.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("path", () => ExplanationFile.Write(folder["out.txt"], Header, Results));
        Assert.Throws<ArgumentException>("results", () => ExplanationFile.Write(folder["out.csv"], Header, mixed));
        Assert.Throws<ArgumentException>(
            "results",
            () => ExplanationFile.Write(folder["out.csv"], Header with { FeatureNames = ["a"] }, Results)
        );
        Assert.Empty(folder.Files);
    }

    private static IEnumerable<AttributionResult> Failing()
    {
        foreach (InteractionResult result in Results)
            yield return result;

        throw new InvalidTimeZoneException();
    }

    private static double Amount(string line) =>
        double.Parse(line.Split(',')[^8], System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<string> Properties(JsonElement element) =>
        element.EnumerateObject().Select(property => property.Name);

    private static void AssertSame(IEnumerable<double> expected, IEnumerable<double> found) =>
        Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), found.Select(BitConverter.DoubleToInt64Bits));
}
