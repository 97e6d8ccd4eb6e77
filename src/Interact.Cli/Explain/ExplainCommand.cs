using System.CommandLine;
using System.Diagnostics;

namespace Interact.Cli;

/// <summary>The command that explains rows.</summary>
internal static class ExplainCommand
{
    public static Command Create(CancellationToken cancellationToken)
    {
        var command = new CommandWithExample(
            "explain",
            "Attributions and interactions of every row, each with a certificate of how exact they are.",
            "interact explain model.onnx rows.csv --rows 0..99 --out explanation.json"
        );

        var arguments = new ExplainArguments();
        arguments.AddTo(command);
        command.SetAction(parsed => Execute(arguments.Read(parsed), cancellationToken));
        return command;
    }

    private static int Execute(ExplainOptions options, CancellationToken cancellationToken)
    {
        if (options.Part is not null && !options.Method.HasPairs())
        {
            throw new CommandException(
                $"--method {options.Method.Name()}: it has no interactions; leave out --rows-of and --pairs"
            );
        }

        BackgroundChoice.Check(options);
        Comparators.Check(options);

        string? file = options is { Out: { } path, Shard: { } shard } ? OutputFile.OfShard(path, shard) : options.Out;

        if (file is not null)
        {
            string?[] inputs =
            [
                options.Run.Model,
                options.Run.Data,
                options.Run.Baseline,
                GroupChoice.FileOf(options.Groups),
                .. BackgroundChoice.FilesOf(options.Background),
                .. options.Run.Fixed.Select(input => input.File),
            ];

            OutputFile.Check(file, inputs);
        }

        bool isThere = options.Shard is not null && File.Exists(file);

        if (isThere && !ExistingPart.TellsItsRun(file!))
            return ThereAlready(file!, ExitCode.Success);

        var run = Run.Load(options.Run);
        FeatureGroups? groups = options.Groups is { } choice ? GroupChoice.Choose(choice, run.Model) : null;
        Comparators.CheckSeed(options, run.Model, groups);
        RowRange rows = options.Shard?.Of(run.Rows) ?? run.Rows;
        cancellationToken.ThrowIfCancellationRequested();

        var report = new ExplainReport(options.Top, rows.Count);
        long start = Stopwatch.GetTimestamp();

        using (var progress = new ProgressLine(rows.Count))
        {
            MethodResults results = new MethodRun(run, rows, groups, options, progress, cancellationToken).Start();

            if (file is not null)
                results = results with { Header = RunSettings.AddTo(results.Header, options.Run) };

            if (isThere)
                return ThereAlready(file!, ExistingPart.Accept(file!, options, results.Header, rows));

            Compute(results, report, file);
        }

        TimeSpan time = Stopwatch.GetElapsedTime(start);
        new ExplainRendering(Screen.Open(), options).Show(report, rows, run, time, file);

        return report.Certificates.Uncertified.Count == 0
            ? ExitCode.Success
            : NotCertified(options, report.Certificates);
    }

    private static int ThereAlready(string file, int code)
    {
        StandardError.WriteLine($"{file}: there already, so nothing is computed; delete it to compute it anew");
        return code;
    }

    /// <summary>Computes the results, and writes them to the file if there is one.</summary>
    /// <exception cref="CommandException">The file cannot be written.</exception>
    private static void Compute(MethodResults explanation, ExplainReport report, string? file)
    {
        IEnumerable<AttributionResult> results = report.Watch(explanation.Results);

        if (file is null)
        {
            foreach (AttributionResult _ in results) { }
            return;
        }

        OutputFile.Write(() => ExplanationFile.Write(file, explanation.Header, results));
    }

    private static int NotCertified(ExplainOptions options, CertificateSummary certificates)
    {
        string? start =
            options.Method.IsComparator() ? null
            : options.Method.IsExpected() ? "--background"
            : "--baseline";

        string mend = Advice.For(options.Run, options.Method.HasPairs(), start);
        StandardError.WriteLine($"{certificates.Uncertified} not certified: {mend}");
        return ExitCode.NotCertified;
    }
}
