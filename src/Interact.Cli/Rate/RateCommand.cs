using System.CommandLine;
using System.Diagnostics;

namespace Interact.Cli;

/// <summary>The command that compares the variables of a Bayesian model.</summary>
internal static class RateCommand
{
    public static Command Create(CancellationToken cancellationToken)
    {
        var command = new CommandWithExample(
            "rate",
            "Which variables matter in a Bayesian model: RATE, the relative centrality of each variable's effect size, from a network with a Bayesian last layer or from draws of any posterior.",
            "interact rate model.onnx rows.csv --at features --weights last-layer.npz --out rate.csv"
        );

        var arguments = new RateArguments();
        arguments.AddTo(command);
        command.SetAction(parsed => Execute(arguments.Read(parsed), cancellationToken));
        return command;
    }

    private static int Execute(RateChoice choice, CancellationToken cancellationToken)
    {
        choice.Check();

        if (choice.Out is { } file)
        {
            IEnumerable<string?> inputs =
            [
                .. choice.Files,
                choice.Weights,
                choice.Draws,
                choice.Groups,
                .. choice.Fixed.Select(input => input.File),
            ];
            OutputFile.CheckFormat(file, [".json", ".csv"], inputs);
        }

        RateRun run = RateRun.Load(choice, cancellationToken);
        long start = Stopwatch.GetTimestamp();
        RateResult result = run.Compute();

        if (choice.Out is { } path)
            OutputFile.Write(() => result.Save(path));

        Show(choice, run, result, Stopwatch.GetElapsedTime(start));
        return ExitCode.Success;
    }

    private static void Show(RateChoice choice, RateRun run, RateResult result, TimeSpan time)
    {
        var screen = Screen.Open();
        string what = choice.Groups is null ? "variable" : "group";
        screen.Line($"RATE of {run.Description}");

        if (result.Given.Count > 0)
            screen.Line($"Given that there is no effect of {string.Join(", ", result.Given)}");

        screen.Line();

        var table = new Table(
            new Column("rank", IsNumber: true),
            new Column(what),
            new Column("RATE", IsNumber: true),
            new Column("divergence", IsNumber: true)
        );

        IReadOnlyList<RatedVariable> strongest = result.Strongest(result.Variables.Count);
        int above = strongest.Count(variable => variable.Rate > result.UniformRate);

        foreach ((int rank, RatedVariable variable) in strongest.Take(choice.Top).Index())
        {
            if (rank == above)
                table.Add("", "--- 1/p ---", Numbers.Value(result.UniformRate), "");

            table.Add($"{rank + 1}", variable.Name, Numbers.Value(variable.Rate), Numbers.Value(variable.Divergence));
        }

        screen.Show(table);
        screen.Line();

        screen.Line(
            $"{Numbers.Count(above)} of {Numbers.Count(strongest.Count, what)} above 1/p = {Numbers.Value(result.UniformRate)}, what each would have if all were alike."
        );
        screen.Line(
            $"Δ = {Numbers.Value(result.DivergenceFromUniform)} from all alike (ln p = {Numbers.Value(Math.Log(strongest.Count))} where one has all); effective sample size 100/(1 + Δ) = {result.EffectiveSampleSize:F1}%"
        );
        screen.Line(
            result.Divergence == RateDivergence.Exact
                ? "A divergence is the Kullback-Leibler divergence of the others' effect sizes from what they are when this one is 0."
                : "A divergence is ½ μ² α, how far the others' mean effect sizes move when this one is 0, in units of their covariance."
        );
        screen.Line(Numbers.Time(time));

        if (choice.Out is not null)
            screen.Line($"Written to {choice.Out}");
    }
}
