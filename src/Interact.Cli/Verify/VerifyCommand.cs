using System.CommandLine;
using System.Diagnostics;

namespace Interact.Cli;

/// <summary>The command that checks the axioms on rows.</summary>
internal static class VerifyCommand
{
    public static Command Create(CancellationToken cancellationToken)
    {
        var command = new CommandWithExample(
            "verify",
            "Checks on every row that its Integrated Hessians satisfy the axioms; takes about seven times as long as to explain it.",
            "interact verify model.onnx rows.csv --rows 0..9"
        );

        var arguments = new RunArguments();
        arguments.AddTo(command);
        command.SetAction(parsed => Execute(arguments.Read(parsed), cancellationToken));
        return command;
    }

    private static int Execute(RunOptions options, CancellationToken cancellationToken)
    {
        if (options.Precision == Precision.Single)
            throw new CommandException("--precision single: axioms are checked in double precision; leave it out");

        var run = Run.Load(options);
        var method = run.Configure(new IntegratedHessiansOptions(), run.Rows);
        Dictionary<Axiom, AxiomSummary> summaries = Enum.GetValues<Axiom>()
            .ToDictionary(axiom => axiom, _ => new AxiomSummary());
        long start = Stopwatch.GetTimestamp();

        using (var progress = new ProgressLine(run.Rows.Count))
        {
            foreach (AxiomReport report in Axioms.Check(run.Model, run.Table, method, progress, cancellationToken))
            {
                foreach (AxiomResidual residual in report.Residuals)
                    summaries[residual.Axiom].Add(report.Row, residual);
            }
        }

        VerifyRendering.Show(Screen.Open(), run, summaries, Stopwatch.GetElapsedTime(start));
        Axiom[] broken = [.. summaries.Keys.Where(axiom => summaries[axiom].Failed.Count > 0)];

        if (broken.Length == 0)
            return ExitCode.Success;

        string names = string.Join(
            ", ",
            broken.Select(axiom => $"{VerifyRendering.NameOf(axiom)} ({summaries[axiom].Failed})")
        );
        string count = $"{broken.Length} of {summaries.Count} axioms";
        StandardError.WriteLine($"{count} not satisfied: {names}; {Advice.For(options, hasInteractions: true)}");
        return ExitCode.NotCertified;
    }
}
