using System.CommandLine;

namespace Interact.Cli;

/// <summary>The command that runs operator cases.</summary>
internal static class ConformanceCommand
{
    public static Command Create(CancellationToken cancellationToken)
    {
        var command = new CommandWithExample(
            "conformance",
            "Runs every case folder below a folder, in the layout of the ONNX backend tests: model.onnx and test_data_set_*.",
            "interact conformance cases"
        );

        Argument<string> folder = Parsing.File("DIR", "The folder of the cases.");
        command.Add(folder);
        command.SetAction(parsed => Execute(parsed.GetRequiredValue(folder), cancellationToken));
        return command;
    }

    private static int Execute(string folder, CancellationToken cancellationToken)
    {
        var screen = Screen.Open();
        int passed = 0;
        int failed = 0;
        int skipped = 0;
        bool unreadable = false;

        foreach (ConformanceResult result in Interact.Conformance.Run(folder, cancellationToken))
        {
            switch (result.Outcome)
            {
                case ConformanceOutcome.Passed:
                    passed++;
                    break;
                case ConformanceOutcome.Failed:
                    failed++;
                    screen.Line($"failed {result.Case}: {result.Reason}");
                    break;
                case ConformanceOutcome.Skipped:
                    skipped++;
                    screen.Line($"skipped {result.Case}: {result.Reason}");
                    break;
                case ConformanceOutcome.Unreadable:
                    failed++;
                    unreadable = true;
                    screen.Line($"failed {result.Case}: its files cannot be read");
                    StandardError.WriteLine(result.Reason);
                    break;
            }
        }

        screen.Line($"{passed} passed, {failed} failed, {skipped} skipped");

        return unreadable ? ExitCode.Refused
            : failed > 0 ? ExitCode.NotCertified
            : ExitCode.Success;
    }
}
