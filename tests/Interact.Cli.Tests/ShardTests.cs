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
