namespace Interact.Cli.Tests;

/// <summary>What a command did.</summary>
internal sealed record CliResult(int ExitCode, string Output, string Error)
{
    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>All went well, and there was nothing to say about it.</summary>
    public CliResult Succeeded()
    {
        Assert.Equal("", Error);
        Assert.Equal(0, ExitCode);
        return this;
    }

    /// <summary>Exit code 2, nothing on standard output, and one line that holds the given texts on standard error.</summary>
    public void IsRefused(params string[] texts)
    {
        string line = Assert.Single(ErrorLines);
        Assert.StartsWith("interact: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", line, StringComparison.Ordinal);
        Assert.Contains("; ", line, StringComparison.Ordinal);

        foreach (string text in texts)
            Assert.Contains(text, line, StringComparison.Ordinal);

        Assert.Equal("", Output);
        Assert.Equal(2, ExitCode);
    }
}
