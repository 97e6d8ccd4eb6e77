using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Interact.Cli.Tests;

public class OutputFileTests
{
    [Fact]
    public void Csv_adds_up_to_the_change_in_the_output()
    {
        using var folder = new TemporaryFolder();
        Explain(folder["out.csv"]);
        string[][] lines = [.. File.ReadLines(folder["out.csv"]).Select(line => line.Split(','))];
        int kind = Array.IndexOf(lines[0], "kind");
        int amount = Array.IndexOf(lines[0], "amount");

        double Sum(string row, params string[] kinds) =>
            lines.Where(line => line[0] == row && kinds.Contains(line[kind])).Sum(line => Number(line[amount]));

        foreach (string row in new[] { "0", "1" })
        {
            string[] first = lines.First(line => line[0] == row);
            double change = Number(first[2]) - Number(first[3]);
            Assert.Equal(change, Sum(row, "attribution"), 1e-5);
            Assert.Equal(change, Sum(row, "main", "interaction"), 1e-5);
        }
    }

    [Fact]
    public void Npz_holds_what_json_holds()
    {
        using var folder = new TemporaryFolder();
        Explain(folder["out.npz"]);
        Explain(folder["out.json"]);
        JsonElement[] rows = ExplanationJson.Rows(folder["out.json"]);

        Assert.Equal(rows.SelectMany(row => row.Numbers("attributions")), Doubles(folder["out.npz"], "attributions"));
        Assert.Equal(
            rows.SelectMany(row => row.Matrix("interactions")).SelectMany(cells => cells),
            Doubles(folder["out.npz"], "interactions")
        );
    }

    [Theory]
    [InlineData("out.txt", "the extension names no format")]
    [InlineData("out", "the extension names no format")]
    [InlineData("absent/out.json", "its folder does not exist")]
    [InlineData("folder.json", "a folder; give the path of a file")]
    public void Files_that_cannot_be_written_are_refused(string file, string problem)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["folder.json"]);

        Cli.Run("explain", Repository.SampleModel, Repository.SampleRows, "--out", folder[file])
            .IsRefused(file, problem);
        Assert.Equal(["folder.json"], folder.Files);
    }

    [Fact]
    public void Folders_that_cannot_be_written_are_refused()
    {
        if (OperatingSystem.IsLinux())
        {
            Cli.Run("explain", Repository.SampleModel, Repository.SampleRows, "--out", "/proc/out.json")
                .IsRefused("/proc/out.json", "its folder cannot be written");
        }
    }

    [Fact]
    public void A_file_that_is_read_is_not_replaced()
    {
        using var folder = new TemporaryFolder();
        string rows = folder.Write("rows.csv", "1,2\n");

        Cli.Run("explain", Repository.SampleModel, rows, "--out", rows).IsRefused("would replace a file that is read");
        Assert.Equal("1,2\n", File.ReadAllText(rows));
    }

    [Fact]
    public void Failure_leaves_what_was_there_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        byte[] model = OnnxModel.Create(2, OnnxModel.Node("logarithm", "Log", "x", "y"));
        folder.Write("model.onnx", model);
        folder.Write("rows.csv", string.Concat(Enumerable.Repeat("1,2\n", 100)) + "1,-2\n");
        folder.Write("ones.csv", "1,1\n");

        foreach (string file in new[] { "out.json", "out.csv", "out.npz" })
        {
            folder.Write(file, "before");

            Cli.Run(
                    "explain",
                    folder["model.onnx"],
                    folder["rows.csv"],
                    "--target",
                    "1",
                    "--baseline",
                    folder["ones.csv"],
                    "--out",
                    folder[file]
                )
                .IsRefused("row 100");

            Assert.Equal("before", File.ReadAllText(folder[file]));
        }

        Assert.Equal(["model.onnx", "ones.csv", "out.csv", "out.json", "out.npz", "rows.csv"], folder.Files);
    }

    private static void Explain(string file) =>
        Cli.Run("explain", Repository.SampleModel, Repository.SampleRows, "--rows", "0..1", "--out", file).Succeeded();

    private static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The doubles of an array in an .npz file.</summary>
    private static double[] Doubles(string path, string name)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        using Stream stream = archive.GetEntry($"{name}.npy")!.Open();
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        byte[] bytes = buffer.ToArray();

        // Magic text (6), version (2), length of the header (2), header, data.
        int start = 10 + BitConverter.ToUInt16(bytes, 8);
        return MemoryMarshal.Cast<byte, double>(bytes.AsSpan(start)).ToArray();
    }
}
