using System.CommandLine;
using System.Diagnostics;

namespace Interact.Cli;

/// <summary>The command that ranks the interactions of a whole model.</summary>
internal static class DetectCommand
{
    public static Command Create(CancellationToken cancellationToken)
    {
        var command = new CommandWithExample(
            "detect",
            "Which features act together in the whole of a model: sets of features, ranked by their strengths over the rows.",
            "interact detect model.onnx rows.csv --order 3 --top 20 --out ranking.csv"
        );

        var arguments = new DetectArguments();
        arguments.AddTo(command);
        command.SetAction(parsed => Execute(arguments.Read(parsed), cancellationToken));
        return command;
    }

    private static int Execute(DetectChoice choice, CancellationToken cancellationToken)
    {
        Check(choice);

        if (choice.Out is { } file)
        {
            string?[] inputs =
            [
                choice.Run.Model,
                choice.Run.Data,
                choice.Run.Baseline,
                GroupChoice.FileOf(choice.Groups),
                .. BackgroundChoice.FilesOf(choice.Background),
                .. choice.Run.Fixed.Select(input => input.File),
            ];
            OutputFile.CheckFormat(file, [".json", ".csv"], inputs);
        }

        var run = Run.Load(choice.Run);
        int seed = choice.Background.Seed ?? 0;
        Representatives representatives =
            choice.Representatives?.Invoke(seed) ?? Representatives.Drawn(DetectChoice.DefaultRows, seed);
        cancellationToken.ThrowIfCancellationRequested();
        long start = Stopwatch.GetTimestamp();
        var found = new DetectRun(choice, run, representatives, cancellationToken);
        InteractionRanking ranking = found.Rank();

        if (!choice.KeepSubsets)
            ranking = ranking.WithoutSubsets();

        if (choice.Out is { } path)
        {
            IReadOnlyDictionary<string, string> settings = RunSettings.OfResults(choice.Run, ranking.Settings);
            OutputFile.Write(() => ranking.WithSettings(settings).Save(path));
        }

        Show(choice, run, representatives, ranking, Stopwatch.GetElapsedTime(start));

        if (found.Uncertified == 0)
            return ExitCode.Success;

        string mend = Advice.For(choice.Run, hasInteractions: true);
        StandardError.WriteLine($"{Numbers.Count(found.Uncertified, "row")} not certified: {mend}");
        return ExitCode.NotCertified;
    }

    /// <summary>Checks that the options fit each other.</summary>
    private static void Check(DetectChoice choice)
    {
        if (choice.Method == DetectMethod.Explanations)
        {
            BackgroundChoice.Check(choice.ForExplaining);
            Comparators.Check(choice.ForExplaining);

            if (choice.Order > 2)
            {
                throw new CommandException(
                    $"--order {choice.Order}: the method ranks pairs; leave it out, or use --method mixed-partials, mixed-differences or weights"
                );
            }

            return;
        }

        if (choice.Method != DetectMethod.Weights && choice.Order > 12)
            throw new CommandException(
                $"--order {choice.Order}: sets of 12 features at most are ranked; give a lower order"
            );

        string? given =
            choice.Groups is not null ? "--groups"
            : choice.Run.Baseline is not null ? "--baseline"
            : choice.Background.Source is not null ? "--background"
            : choice.Background.Samples is not null ? "--samples"
            : choice.Run.Exact ? "--exact"
            : choice.Run.Tolerance is not null ? "--tolerance"
            : choice.Run.Precision == Precision.Single ? "--precision single"
            : choice.Method == DetectMethod.Weights && choice.Representatives is not null ? "--representatives"
            : choice.Method == DetectMethod.Weights && choice.Aggregation is not null ? "--aggregate"
            : choice.Method == DetectMethod.Weights && choice.Background.Seed is not null ? "--seed"
            : null;

        if (given is not null)
        {
            throw new CommandException(
                $"{given}: the method, which ranks sets of single features, has no use for it; leave it out, or use --method integrated-hessians"
            );
        }
    }

    private static void Show(
        DetectChoice choice,
        Run run,
        Representatives representatives,
        InteractionRanking ranking,
        TimeSpan time
    )
    {
        var screen = Screen.Open();
        screen.Line($"Interactions of {run.Describe(run.Rows)}, ranked by {ranking.Method}");
        screen.Line();

        var table = new Table(
            new Column("rank", IsNumber: true),
            new Column("strength", IsNumber: true),
            new Column("features")
        );

        foreach ((int rank, RankedInteraction set) in ranking.Interactions.Take(choice.Top).Index())
            table.Add($"{rank + 1}", Numbers.Value(set.Strength), string.Join(" x ", set.Names));

        screen.Show(table);
        screen.Line();
        screen.Line(Legend(choice, ranking, representatives));
        screen.Line($"{Numbers.Count(ranking.Interactions.Count, "set")}, {Numbers.Time(time)}");

        if (choice.Out is not null)
            screen.Line($"Written to {choice.Out}");
    }

    /// <summary>What the numbers are.</summary>
    private static string Legend(DetectChoice choice, InteractionRanking ranking, Representatives representatives)
    {
        string aggregate = (choice.Aggregation ?? SetAggregation.Mean).ToString().ToLowerInvariant();
        string rows = $"the {aggregate} over {Numbers.Count(ranking.RowCount, "row")} ({representatives})";

        return choice.Method switch
        {
            DetectMethod.MixedPartials =>
                $"A set's strength is the magnitude of the derivative by all of its features, each in units of its standard deviation: {rows}.",
            DetectMethod.MixedDifferences =>
                $"A set's strength is the magnitude of its mixed difference between a row and a drawn one, over 2 to the half of its size: {rows}.",
            DetectMethod.Weights =>
                "A set's strength sums, over the units of the first layer, the smallest of its features' absolute weights times the later layers' weight of the unit.",
            _ => $"A pair's strength is the magnitude of its interaction, both cells Γij + Γji: {rows}.",
        };
    }
}
