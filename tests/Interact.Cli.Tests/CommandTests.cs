using System.Diagnostics;

namespace Interact.Cli.Tests;

public class CommandTests
{
    [Fact]
    public void Help_is_printed_with_exit_code_0()
    {
        // tests/Interact.Cli.Tests/bin/CONFIGURATION/net10.0 -> src/Interact.Cli/bin/CONFIGURATION/net10.0
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        string command = Path.Combine(
            output.FullName,
            "../../../../../src/Interact.Cli/bin",
            output.Parent!.Name,
            output.Name,
            "interact.dll"
        );

        using Process process = Process.Start(
            new ProcessStartInfo("dotnet", [command, "--help"]) { RedirectStandardOutput = true }
        )!;
        string printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.Equal(0, process.ExitCode);
        Assert.Contains("interact", printed, StringComparison.Ordinal);
    }
}
