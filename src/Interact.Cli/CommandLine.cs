using System.CommandLine;
using System.CommandLine.Help;
using System.Text;

namespace Interact.Cli;

/// <summary>The commands, and what a run of one comes to: an exit code, and on failure a line on standard error.</summary>
internal static class CommandLine
{
    private const string ExitCodes = """
        Exit codes:
          0    all went well: all rows are certified, all axioms hold
          1    some row is not certified, some axiom does not hold, some operator case fails, or training diverged;
               results are written all the same
          2    bad arguments, data or model; one line on standard error says what would mend it
          130  interrupted by Ctrl-C; no file is left half written
        """;

    public static int Run(IReadOnlyList<string> args)
    {
        // The consoles of Windows start with a code page that has no ✓.
        if (OperatingSystem.IsWindows())
            Console.OutputEncoding = Encoding.UTF8;

        using var interrupt = new Interrupt();

        try
        {
            // No response files: an argument that starts with @ is a file like any other.
            ParseResult parsed = Create(interrupt.Token)
                .Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });

            ParseProblem.Check(parsed);

            return parsed.Invoke(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }
            );
        }
        catch (OperationCanceledException problem) when (interrupt.Token.IsCancellationRequested)
        {
            StandardError.WriteLine(
                problem is InterruptedException ? problem.Message : "interrupted; no file was written"
            );
            return interrupt.ExitCode;
        }
        catch (Exception problem)
        {
            foreach (string line in Failure.Lines(problem))
                StandardError.WriteLine(line);

            return ExitCode.Refused;
        }
    }

    private static RootCommand Create(CancellationToken cancellationToken)
    {
        var root = new RootCommand("Explains trained networks by the interactions of their features.")
        {
            ExplainCommand.Create(cancellationToken),
            InspectCommand.Create(),
            VerifyCommand.Create(cancellationToken),
            DetectCommand.Create(cancellationToken),
            TaylorCamCommand.Create(cancellationToken),
            RateCommand.Create(cancellationToken),
            TrainCommand.Create(cancellationToken),
            ConformanceCommand.Create(cancellationToken),
        };

        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExample((HelpAction)help.Action!, ExitCodes);
        return root;
    }
}
