namespace Interact.Cli;

/// <summary>Methods that others are compared with: Shapley interactions, derivatives at the row, contextual decomposition.</summary>
/// <param name="options">What is asked for.</param>
/// <param name="run">The model and its rows.</param>
/// <param name="rows">Which of them.</param>
/// <param name="groups">Groups of features; null for single features.</param>
/// <param name="progress">Told of every row.</param>
/// <param name="cancellationToken">Stops the computation.</param>
internal sealed class Comparators(
    ExplainOptions options,
    Run run,
    RowRange rows,
    FeatureGroups? groups,
    IProgress<ExplainProgress> progress,
    CancellationToken cancellationToken
)
{
    /// <exception cref="CommandException">Options are given that have no meaning for the method.</exception>
    public static void Check(ExplainOptions options)
    {
        string method = $"--method {options.Method.Name()}";

        if (options.Method.IsComparator() && options.Part is not null)
            throw new CommandException($"{method}: it gives whole matrices only; leave out --rows-of and --pairs");

        if (options.Method.IsComparator() && options.Run.Exact)
            throw new CommandException($"{method}: there is no path with kinks to count in; leave out --exact");
    }

    /// <summary>Checks that a seed is given only where coalitions are drawn.</summary>
    /// <exception cref="CommandException">All coalitions are evaluated, and a seed is given.</exception>
    public static void CheckSeed(ExplainOptions options, Model model, FeatureGroups? groups)
    {
        int players = groups?.Count ?? model.InputSize;

        if (
            options.Method.HasCoalitions()
            && options.Background is { Seed: not null, Samples: null }
            && players <= ShapleyOptions.LargestExact
        )
        {
            string what = groups is null ? "features" : "groups";
            throw new CommandException(
                $"--seed: nothing is drawn, because all coalitions of the {players} {what} are evaluated; add --samples N, or leave it out"
            );
        }
    }

    /// <summary>Interactions by a comparator that has them.</summary>
    /// <exception cref="CommandException">The model is none that the method can explain.</exception>
    public Explanation<InteractionResult> Interactions() =>
        options.Method switch
        {
            ExplainMethod.ShapleyInteractions => Explain.ShapleyInteractions(
                run.Model,
                run.Table,
                Coalitions,
                progress,
                cancellationToken
            ),
            ExplainMethod.ShapleyTaylor => Explain.ShapleyTaylor(
                run.Model,
                run.Table,
                Coalitions,
                progress,
                cancellationToken
            ),
            ExplainMethod.InputHessian => Explain.InputHessian(
                run.Model,
                run.Table,
                AtRow,
                progress,
                cancellationToken
            ),
            ExplainMethod.HessianTimesInput => Explain.HessianTimesInput(
                run.Model,
                run.Table,
                AtRow,
                progress,
                cancellationToken
            ),
            _ => Decompositions(),
        };

    /// <summary>Attributions by a comparator without interactions.</summary>
    public Explanation<AttributionResult> Attributions() =>
        options.Method == ExplainMethod.Gradients
            ? Explain.InputGradients(run.Model, run.Table, AtRow, progress, cancellationToken)
            : Explain.GradientTimesInput(run.Model, run.Table, AtRow, progress, cancellationToken);

    private ComparatorOptions AtRow =>
        run.Configure(new ComparatorOptions { RowNumbers = options.RowNumbers }, rows, groups);

    private ShapleyOptions Coalitions =>
        run.Configure(
            new ShapleyOptions
            {
                RowNumbers = options.RowNumbers,
                Samples = options.Background.Samples,
                Seed = options.Background.Seed ?? 0,
            },
            rows,
            groups
        );

    private Explanation<InteractionResult> Decompositions()
    {
        try
        {
            return Explain.ContextualDecomposition(run.Model, run.Table, AtRow, progress, cancellationToken);
        }
        catch (ArgumentException problem)
        {
            string why = Failure.Reason(problem);
            throw new CommandException($"--method {options.Method.Name()}: {char.ToLowerInvariant(why[0])}{why[1..]}");
        }
    }
}
