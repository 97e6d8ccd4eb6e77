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
                DetectMethod.Weights => ByWeights(),
                DetectMethod.Explanations => ByExplanations(),
                _ => BySets(),
            };
        }
        catch (ArgumentException problem)
        {
            string why = Failure.Reason(problem);
            string mend = why.Contains("; ", StringComparison.Ordinal) ? "" : "; choose another --method";
            bool isOfRows = problem.ParamName is "table" or "rows";
            throw new CommandException($"{(isOfRows ? choice.Run.Data : choice.Run.Model)}: {why}{mend}");
        }
    }

    private SetAggregation Aggregation => choice.Aggregation ?? SetAggregation.Mean;

    private InteractionRanking ByExplanations()
    {
        FeatureGroups? groups = choice.Groups is { } text ? GroupChoice.Choose(text, run.Model) : null;
        int[] chosen = representatives.Choose(run.Table.Skip(run.Rows.First).Take(run.Rows.Count));
        ExplainOptions options = choice.ForExplaining with
        {
            RowNumbers = Array.ConvertAll(chosen, number => number + run.Rows.First),
        };
        using var progress = new ProgressLine(chosen.Length);
        var counted = new CountedProgress(progress);
        MethodResults results = new MethodRun(run, run.Rows, groups, options, counted, cancellationToken).Start();
        InteractionRanking ranking = Detect.ByExplanations(
            (Explanation<InteractionResult>)results.Results,
            Aggregation
        );
        Uncertified = counted.Uncertified;

        return ranking.WithSettings(
            new OrderedDictionary<string, string>(ranking.Settings) { ["representatives"] = representatives.Identity }
        );
    }

    private InteractionRanking BySets()
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

        IEnumerable<double[]> rows = run.Table.Skip(run.Rows.First).Take(run.Rows.Count);

        return choice.Method == DetectMethod.MixedPartials
            ? Detect.ByMixedPartials(run.Model, rows, options, cancellationToken)
            : Detect.ByMixedDifferences(run.Model, rows, options, choice.Background.Seed ?? 0, cancellationToken);
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
