using System.Diagnostics;

namespace Interact.Cli.Tests;

/// <summary>The command line, run as a process.</summary>
internal static class Cli
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs a command in the root of the repository, with its output going to pipes.</summary>
    public static CliResult Run(params string[] args)
    {
        using Process process = Start(args);
        return Finish(process);
    }

    /// <summary>Starts a command; <see cref="Finish"/> waits for its end.</summary>
    public static Process Start(params string[] args)
    {
        // Processes that a script starts in the background ignore Ctrl-C, and so would what they start.
        string[] command = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", "dotnet"] : ["dotnet"];

        return Process.Start(
            new ProcessStartInfo(command[0], [.. command[1..], Repository.Command, .. args])
            {
                WorkingDirectory = Repository.Root,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
    }

    public static CliResult Finish(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();

        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            Assert.Fail($"The command did not end within {Patience}.");
        }

        return new CliResult(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>What Ctrl-C does.</summary>
    public static void Interrupt(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        kill.WaitForExit();
    }
}
