using System.Diagnostics;

namespace Interact.Cli.Tests;

public class InterruptTests
{
    [Theory]
    [InlineData("json")]
    [InlineData("csv")]
    [InlineData("npz")]
    public void Ctrl_C_in_the_middle_leaves_no_file(string extension)
    {
        if (OperatingSystem.IsWindows())
            return;

        using var folder = new TemporaryFolder();
        string[] lines = File.ReadAllLines(Repository.SampleRows);
        IEnumerable<string> many = Enumerable.Repeat(lines[1..], 100).SelectMany(rows => rows);
        File.WriteAllLines(folder["rows.csv"], many.Prepend(lines[0]));
        folder.Write($"out.{extension}", "before");

        using Process process = Cli.Start(
            "explain",
            Repository.SampleModel,
            folder["rows.csv"],
            "--tolerance",
            "1e-12",
            "--out",
            folder[$"out.{extension}"]
        );

        // Rows are being written: a temporary file has grown.
        while (!process.HasExited && folder.Sizes("*.tmp").Sum() < 100_000)
            Thread.Sleep(20);

        Cli.Interrupt(process);
        CliResult result = Cli.Finish(process);

        Assert.Equal("interact: interrupted; no file was written", Assert.Single(result.ErrorLines));
        Assert.Equal("", result.Output);
        Assert.Equal(130, result.ExitCode);
        Assert.Equal([$"out.{extension}", "rows.csv"], folder.Files);
        Assert.Equal("before", File.ReadAllText(folder[$"out.{extension}"]));
    }
}
