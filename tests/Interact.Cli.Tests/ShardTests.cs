using System.Text.Json;

namespace Interact.Cli.Tests;

public class ShardTests
{
    [Fact]
    public void Parts_hold_the_rows_of_the_whole_in_their_order()
    {
        using var folder = new TemporaryFolder();
        Explain(folder["whole.json"]).Succeeded();

        for (int i = 1; i <= 3; i++)
            Explain(folder["out.json"], "--shard", $"{i}/3").Succeeded();

        string[] parts = ["out.part-1-of-3.json", "out.part-2-of-3.json", "out.part-3-of-3.json"];
        Assert.Equal([.. parts, "whole.json"], folder.Files);
        Assert.Equal([3, 4, 4], parts.Select(part => Rows(folder[part]).Length));
        Assert.Equal(Rows(folder["whole.json"]), parts.SelectMany(part => Rows(folder[part])));
    }

    [Fact]
    public void A_part_that_is_there_is_not_computed_again()
    {
        using var folder = new TemporaryFolder();
        folder.Write("out.part-2-of-3.csv", "before");
        CliResult result = Explain(folder["out.csv"], "--shard", "2/3");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(
            "out.part-2-of-3.csv: there already",
            Assert.Single(result.ErrorLines),
            StringComparison.Ordinal
        );
        Assert.Equal("before", File.ReadAllText(folder["out.part-2-of-3.csv"]));
        Assert.Single(folder.Files);
    }

    [Fact]
    public void A_part_in_another_precision_is_refused()
    {
        using var folder = new TemporaryFolder();
        Explain(folder["out.json"], "--shard", "1/3").Succeeded();

        Explain(folder["out.json"], "--shard", "1/3", "--precision", "single")
            .IsRefused("out.part-1-of-3.json: a part in another precision", "delete it");
    }

    [Fact]
    public void A_part_of_another_run_is_refused_with_what_differs()
    {
        using var folder = new TemporaryFolder();
        string[] lines = File.ReadAllLines(Repository.SampleRows);
        string background = folder.Write("background.csv", string.Join('\n', lines[..31]));
        string shorter = folder.Write("shorter.csv", string.Join('\n', lines[..51]));

        CliResult Run(string data, string draws, string samples, string seed, params string[] options) =>
            Cli.Run([
                "explain",
                Repository.SampleModel,
                data,
                "--method",
                "expected-gradients",
                "--background",
                draws,
                "--samples",
                samples,
                "--seed",
                seed,
                "--rows",
                "5..8",
                "--shard",
                "1/2",
                "--out",
                folder["out.json"],
                .. options,
            ]);

        string rows = Repository.SampleRows;
        Run(rows, background, "4", "1").Succeeded();
        JsonElement settings = ExplanationJson.Read(folder["out.part-1-of-2.json"]).GetProperty("settings");
        Assert.StartsWith("30 rows ", settings.GetProperty("background").GetString(), StringComparison.Ordinal);
        Assert.Equal("4", settings.GetProperty("samples").GetString());
        Assert.Equal("1", settings.GetProperty("seed").GetString());

        CliResult again = Run(rows, background, "4", "1", "--threads", "1");
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("there already", Assert.Single(again.ErrorLines), StringComparison.Ordinal);

        Run(rows, background, "4", "2").IsRefused("a part with another seed (1, not 2)", "delete it");
        Run(rows, background, "6", "1").IsRefused("a part with another samples (4, not 6)");
        Run(rows, shorter, "4", "1").IsRefused("a part with another background (30 rows ", "not 50 rows ");
        Run(rows, $"kmeans:9:{background}", "4", "1").IsRefused("a part with another background");
        Run(rows, "noise:0.1", "4", "1").IsRefused("a part with another background");
        Run(shorter, background, "4", "1").IsRefused("a part with another data");
        Run(rows, background, "4", "1", "--tolerance", "1e-4").IsRefused("a part with another tolerance");
        Run(rows, background, "4", "1", "--smooth", "10").IsRefused("a part with another smooth (none, not 10)");
    }

    [Fact]
    public void A_part_with_other_rows_or_another_baseline_is_refused()
    {
        using var folder = new TemporaryFolder();
        Explain(folder["out.json"], "--shard", "1/11").Succeeded();
        string zeros = folder.Write("zeros.csv", string.Join(',', Enumerable.Repeat("0", 30)));
        string ones = folder.Write("ones.csv", string.Join(',', Enumerable.Repeat("1", 30)));

        Cli.Run(
                "explain",
                Repository.SampleModel,
                Repository.SampleRows,
                "--shard",
                "1/11",
                "--out",
                folder["out.json"]
            )
            .IsRefused("a part with other rows than 0..50", "delete it");

        Explain(folder["out.json"], "--shard", "1/11", "--baseline", "mean")
            .IsRefused("a part with another baseline (zeros, not mean)");

        Explain(folder["point.json"], "--shard", "1/11", "--baseline", zeros).Succeeded();
        Explain(folder["point.json"], "--shard", "1/11", "--baseline", ones)
            .IsRefused("a part with another baseline (one row ");
    }

    [Fact]
    public void More_parts_than_rows_are_refused() =>
        Cli.Run("explain", Repository.SampleModel, Repository.SampleRows, "--rows", "0..2", "--shard", "1/4")
            .IsRefused("--shard 1/4", "3 rows");

    private static CliResult Explain(string file, params string[] options) =>
        Cli.Run([
            "explain",
            Repository.SampleModel,
            Repository.SampleRows,
            "--rows",
            "5..15",
            "--out",
            file,
            .. options,
        ]);

    /// <summary>The lines of the rows, of which each file has one a row.</summary>
    private static string[] Rows(string path) =>
        [
            .. File.ReadLines(path)
                .Where(line => line.StartsWith("{\"row\"", StringComparison.Ordinal))
                .Select(line => line.TrimEnd(',')),
        ];
}
