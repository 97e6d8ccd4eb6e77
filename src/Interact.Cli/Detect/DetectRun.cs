namespace Interact.Cli;

/// <summary>A ranking by the method that is asked for.</summary>
internal sealed class DetectRun(
    DetectChoice choice,
    Run run,
    Representatives representatives,
    CancellationToken cancellationToken
)
{
    /// <summary>Rows whose explanations were not certified.</summary>
    public int Uncertified { get; private set; }

    /// <exception cref="CommandException">The method does not fit the model.</exception>
    public InteractionRanking Rank()
    {
        try
        {
            return choice.Method switch
            {
                DetectMethod.MixedPartials => ByMixedPartials(),
                DetectMethod.Weights => ByWeights(),
                DetectMethod.IntegratedHessians => Watched(progress =>
                    Explain.IntegratedHessians(
                        run.Model,
                        run.Table,
                        Configure(new IntegratedHessiansOptions()),
                        progress,
                        cancellationToken
                    )
                ),
                DetectMethod.ExpectedHessians => Watched(progress =>
                    Explain.ExpectedHessians(
                        run.Model,
                        run.Table,
                        Configure(
                            new ExpectedHessiansOptions { Background = BackgroundChoice.Choose(choice.Background, run) }
                        ),
                        progress,
                        cancellationToken
                    )
                ),
                _ => throw new InvalidOperationException($"Method {choice.Method} is not dispatched."),
            };
        }
        catch (ArgumentException problem)
        {
            string why = problem.Message.Split(" (Parameter")[0].TrimEnd('.');
            string mend = why.Contains("; ", StringComparison.Ordinal) ? "" : "; choose another --method";
            throw new CommandException($"{choice.Run.Model}: {why}{mend}");
        }
    }

    private SetAggregation Aggregation => choice.Aggregation ?? SetAggregation.Mean;

    private TOptions Configure<TOptions>(TOptions defaults)
        where TOptions : PathMethodOptions
    {
        FeatureGroups? groups = choice.Groups is { } text ? GroupChoice.Choose(text, run.Model) : null;
        PathMethodOptions options = run.Configure(defaults, run.Rows, groups);
        int[] chosen = representatives.Choose(run.Table.Skip(run.Rows.First).Take(run.Rows.Count));
        return (TOptions)(options with { RowNumbers = Array.ConvertAll(chosen, number => number + run.Rows.First) });
    }

    private InteractionRanking Watched(Func<IProgress<ExplainProgress>, Explanation<InteractionResult>> start)
    {
        using var progress = new ProgressLine(run.Rows.Count);
        var counted = new CountedProgress(progress);
        InteractionRanking ranking = Detect.ByExplanations(start(counted), Aggregation);
        Uncertified = counted.Uncertified;
        return ranking;
    }

    private InteractionRanking ByMixedPartials()
    {
        PathMethodOptions path = run.Configure(new IntegratedHessiansOptions(), run.Rows);

        var options = new DetectOptions
        {
            Order = choice.Order,
            Aggregation = Aggregation,
            Representatives = representatives,
            FixedInputs = path.FixedInputs,
            Target = path.Target,
            FeatureNames = run.Model.StartsInside ? null : run.Table.Columns,
            Threads = path.Threads,
            Memory = path.Memory,
        };

        return Detect.ByMixedPartials(
            run.Model,
            run.Table.Skip(run.Rows.First).Take(run.Rows.Count),
            options,
            cancellationToken
        );
    }

    private InteractionRanking ByWeights()
    {
        if (choice.Run.Target.Index is null && run.Model.OutputSize > 1)
        {
            throw new CommandException(
                $"--method weights: the output has {run.Model.OutputSize} elements, and weights tell of no row which one is predicted; give one with --target"
            );
        }

        return Detect.ByWeights(
            run.Model,
            choice.Run.Target.Index ?? 0,
            choice.Order,
            featureNames: run.Model.StartsInside ? null : run.Table.Columns
        );
    }

    /// <summary>Passes progress on, and remembers how many rows were not certified.</summary>
    private sealed class CountedProgress(IProgress<ExplainProgress> inner) : IProgress<ExplainProgress>
    {
        public int Uncertified { get; private set; }

        public void Report(ExplainProgress value)
        {
            Uncertified = value.Uncertified;
            inner.Report(value);
        }
    }
}
