using System.Diagnostics;
using System.Text.Json;

namespace Interact.Cli.Tests;

/// <summary>The command `train`.</summary>
public class TrainTests
{
    private static readonly string Penguins = Path.Combine(Repository.Root, "samples/penguins/penguins.csv");

    [Fact]
    public void A_table_becomes_a_network_that_is_explained_in_the_tables_columns()
    {
        using var folder = new TemporaryFolder();
        string configuration = Path.Combine(Repository.Root, "samples/penguins/train.json");
        CliResult result = Cli.Run("train", configuration, "--out", folder["out"]).Succeeded();
        Assert.Contains("balanced acc.", result.Output, StringComparison.Ordinal);
        Assert.Contains("left out: year", result.Output, StringComparison.Ordinal);
        string InFolder(string file) => Path.Combine(folder["out"], file);

        Cli.Run(
                "explain",
                InFolder("model.onnx"),
                InFolder("test.csv"),
                "--baseline",
                "mean",
                "--groups",
                InFolder("groups.json"),
                "--rows",
                "0..4",
                "--out",
                folder["e.json"]
            )
            .Succeeded();

        using var explained = JsonDocument.Parse(File.ReadAllText(folder["e.json"]));
        JsonElement row = explained.RootElement.GetProperty("rows")[0];
        Assert.True(row.GetProperty("certificate").GetProperty("satisfied").GetBoolean());

        Assert.Equal(
            ["island", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex"],
            explained.RootElement.GetProperty("features").EnumerateArray().Select(name => name.GetString())
        );

        using var report = JsonDocument.Parse(File.ReadAllText(InFolder("report.json")));
        JsonElement test = report.RootElement.GetProperty("parts").GetProperty("test").GetProperty("metrics");
        Assert.InRange(test.GetProperty("accuracy").GetDouble(), 0.95, 1);
    }

    [Fact]
    public void What_the_report_proposes_to_do_next_can_be_done()
    {
        using var folder = new TemporaryFolder();
        string configuration = Path.Combine(Repository.Root, "samples/penguins/train.json");
        Cli.Run("train", configuration, "--out", folder["out"]).Succeeded();
        string InFolder(string word) => Path.HasExtension(word) ? Path.Combine(folder["out"], word) : word;

        string[] proposed =
        [
            .. File.ReadAllLines(InFolder("report.md"))
                .Select(line => line.Trim())
                .Where(line => line.StartsWith("interact ", StringComparison.Ordinal)),
        ];

        Assert.Equal(3, proposed.Length);

        foreach (string line in proposed)
            Cli.Run([.. line.Split(' ')[1..].Select(InFolder)]).Succeeded();
    }

    [Fact]
    public void Rows_of_another_table_are_encoded_for_the_trained_network()
    {
        using var folder = new TemporaryFolder();
        string configuration = Path.Combine(Repository.Root, "samples/penguins/train.json");
        string[] command = ["train", configuration, "--out", folder["out"]];
        Cli.Run([.. command, "--encode", Penguins]).IsRefused("report.json", "train the network first");
        Cli.Run(command).Succeeded();
        Cli.Run([.. command, "--encode", Penguins]).Succeeded();
        string[] encoded = File.ReadAllLines(Path.Combine(folder["out"], "penguins-encoded.csv"));
        Assert.Equal(345, encoded.Length);

        // The predictions say from which line of the table each row of a part comes.
        string[] test = File.ReadAllLines(Path.Combine(folder["out"], "test.csv"));

        foreach (string line in File.ReadAllLines(Path.Combine(folder["out"], "predictions.csv")))
        {
            if (line.Split(',') is ["test", var row, var number, ..])
                Assert.Equal(test[int.Parse(row) + 1], encoded[int.Parse(number) - 1]);
        }

        folder.Write("new.csv", "island\nDream\n");
        Cli.Run([.. command, "--encode", folder["new.csv"]]).IsRefused("new.csv", "no column \"bill_length_mm\"");
    }

    [Fact]
    public void The_example_is_a_configuration()
    {
        using var folder = new TemporaryFolder();
        string example = Cli.Run("train", "--example").Succeeded().Output;
        string text = example.Replace("rows.csv", Penguins).Replace("\"outcome\"", "\"species\"");
        folder.Write("c.json", text.Replace("\"epochs\": 200", "\"epochs\": 2"));
        Cli.Run("train", folder["c.json"]).Succeeded();
        Assert.Equal(["c", "c.json"], folder.Files);
    }

    [Fact]
    public void What_cannot_be_learnt_is_refused_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        CliResult Run(string text, params string[] options) =>
            Cli.Run(["train", folder.Write("c.json", text), .. options]);

        folder.Write("t.csv", "a,b,y\n1,x,p\n2,y,q\n3,x,\n");
        Run("""{"data": "t.csv", "target": "y"}""").IsRefused("t.csv: line 4, column 3 (\"y\")", "missing");
        Run("""{"data": "t.csv", "target": "z"}""").IsRefused("no column is named \"z\"");
        Run("""{"data": "u.csv", "target": "y"}""").IsRefused("u.csv: no such file");
        Run("""{"data": "t.csv", "target": "y"}""", "--out", folder["."]).IsRefused("the data are in that folder");
        Cli.Run("train", folder["none.json"]).IsRefused("none.json");
        Cli.Run("train").IsRefused("CONFIG.json is missing");
        CliResult several = Run("{\"data\": 1,\n\"targte\": \"y\"}");
        Assert.Equal(2, several.ExitCode);
        Assert.Equal(2, several.ErrorLines.Length);
        Assert.Contains("line 2, column 1 (\"targte\")", several.ErrorLines[1], StringComparison.Ordinal);
        Assert.Equal(["c.json", "t.csv"], folder.Files);
    }

    [Fact]
    public void Training_goes_on_where_Ctrl_C_stopped_it()
    {
        if (OperatingSystem.IsWindows())
            return;

        using var folder = new TemporaryFolder();

        string configuration = folder.Write(
            "c.json",
            JsonSerializer.Serialize(
                new
                {
                    data = Penguins,
                    target = "species",
                    hidden = new[] { 128, 128 },
                    patience = (int?)null,
                    epochs = 150,
                }
            )
        );

        string[] command = ["train", configuration, "--out", folder["stopped"]];
        using Process process = Cli.Start(command);
        string checkpoint = Path.Combine(folder["stopped"], "checkpoint.npz");

        while (!process.HasExited && !File.Exists(checkpoint))
            Thread.Sleep(5);

        Cli.Interrupt(process);
        CliResult stopped = Cli.Finish(process);
        Assert.Equal(130, stopped.ExitCode);
        Assert.Equal("", stopped.Output);
        Assert.Contains("goes on from", Assert.Single(stopped.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(["checkpoint.npz"], Directory.EnumerateFiles(folder["stopped"]).Select(Path.GetFileName));

        CliResult resumed = Cli.Run(command);
        Assert.Equal(0, resumed.ExitCode);
        Assert.Contains("training goes on from there", Assert.Single(resumed.ErrorLines), StringComparison.Ordinal);
        Assert.False(File.Exists(checkpoint));
        Cli.Run("train", configuration, "--out", folder["whole"], "--threads", "1").Succeeded();

        foreach (string file in Directory.EnumerateFiles(folder["whole"]))
        {
            byte[] other = File.ReadAllBytes(Path.Combine(folder["stopped"], Path.GetFileName(file)));
            Assert.Equal(File.ReadAllBytes(file), other);
        }
    }

    [Fact]
    public void Training_that_diverges_says_so()
    {
        using var folder = new TemporaryFolder();

        string configuration = folder.Write(
            "c.json",
            JsonSerializer.Serialize(
                new
                {
                    data = Penguins,
                    target = "body_mass_g",
                    drop = new[] { "year" },
                    activation = "relu",
                    optimizer = new { name = "sgd", learningRate = 1e6 },
                }
            )
        );

        // Two penguins have no mass, so their rows are taken out first.
        string[] lines = [.. File.ReadAllLines(Penguins).Where(line => line.Split(',')[5] != "NA")];
        folder.Write("p.csv", string.Join('\n', lines));
        File.WriteAllText(configuration, File.ReadAllText(configuration).Replace(Penguins, "p.csv"));
        CliResult result = Cli.Run("train", configuration);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("smaller learningRate", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }
}
