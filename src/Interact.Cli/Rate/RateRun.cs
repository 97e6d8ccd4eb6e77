namespace Interact.Cli;

/// <summary>Files that fit each other, ready for RATE.</summary>
/// <param name="description">Where effect sizes come from, in words.</param>
/// <param name="source">The file that they come from.</param>
/// <param name="compute">The computation.</param>
internal sealed class RateRun(string description, string source, Func<RateResult> compute)
{
    public string Description => description;

    /// <summary>Reads the files, and checks that they fit.</summary>
    /// <exception cref="CommandException">They do not.</exception>
    /// <exception cref="ModelImportException">The network cannot be read.</exception>
    /// <exception cref="DataFormatException">The data cannot be read.</exception>
    public static RateRun Load(RateChoice choice, CancellationToken cancellationToken) =>
        choice.Draws is null ? OfNetwork(choice, cancellationToken)
        : choice.Files.Count == 1 ? OfFunctionDraws(choice, choice.Draws!, cancellationToken)
        : OfEffectSizeDraws(choice, choice.Draws!, cancellationToken);

    /// <exception cref="CommandException">There is nothing to compare.</exception>
    public RateResult Compute()
    {
        try
        {
            return compute();
        }
        catch (ArgumentException problem)
        {
            // Of the options, all but this one are checked as they are read.
            string place = problem.ParamName == "options" ? "--given" : source;
            throw new CommandException($"{place}: {Failure.Reason(problem)}");
        }
    }

    /// <summary>The layer that is given, or the network's own.</summary>
    private static LastLayer LayerOf(RateChoice choice)
    {
        if (choice.Weights is { } weights)
            return LastLayer.Load(weights);

        try
        {
            return LastLayer.OfNetwork(Network.Load(choice.Files[0]));
        }
        catch (ArgumentException problem)
        {
            throw new CommandException(
                $"{choice.Files[0]}: {Failure.Reason(problem)}; or give the last layer's weights with --weights"
            );
        }
    }

    private static RateRun OfNetwork(RateChoice choice, CancellationToken cancellationToken)
    {
        LastLayer layer = LayerOf(choice);
        string weights = choice.Weights ?? choice.Files[0];
        string? at = choice.Load.At ?? layer.Features;

        if (layer.Features is { } own && at != own)
        {
            throw new CommandException(
                $"--at {at}: the network's own last layer is applied to '{own}'; leave --at out, or give the weights of another layer with --weights"
            );
        }

        var run = Run.Load(
            new RunOptions
            {
                Model = choice.Files[0],
                Data = choice.Files[1],
                Load = choice.Load with { At = at },
                Fixed = choice.Fixed,
            }
        );
        Model model = run.Model;
        int features = model.StartsInside ? model.InputSize : model.OutputSize;

        if (layer.FeatureCount != features)
        {
            string mend =
                layer.OutputCount == features && features > 1
                    ? "it is outputs x features; transpose mean and variance"
                    : "name the last layer's operands with --at, or give the weights of this layer";
            throw new CommandException(
                $"{weights}: its mean has {Numbers.Count(layer.FeatureCount, "row")}, but the network gives {Numbers.Count(features, "feature")}; {mend}"
            );
        }

        if (choice.Target is null ? layer.OutputCount > 1 : choice.Target >= layer.OutputCount)
        {
            string given = choice.Target is { } target ? $"--target {target}" : "--target is missing";
            throw new CommandException(
                $"{given}: the last layer has {Numbers.Count(layer.OutputCount, "output")}; give a number from 0 to {layer.OutputCount - 1}"
            );
        }

        RateOptions options = Options(choice, run.Table, run.Table.ColumnCount) with
        {
            FixedInputs = run.Configure(new IntegratedHessiansOptions(), run.Rows).FixedInputs,
            Output = choice.Target,
        };

        string output = layer.OutputCount > 1 ? $", output {choice.Target} of its last layer" : "";

        string where = at is { } tensor ? $" after '{tensor}'" : "";

        return new RateRun(
            $"{choice.Files[0]}{where}{output}, {Numbers.Count(run.Table.Count, "row")} of {choice.Files[1]}, effect sizes by {NameOf(options.Effect)}",
            weights,
            () => Rate.OfLastLayer(model, run.Table, layer, options, cancellationToken)
        );
    }

    private static RateRun OfFunctionDraws(RateChoice choice, string draws, CancellationToken cancellationToken)
    {
        string data = choice.Files[0];
        RowTable table = RowTable.Load(data);
        RowTable values = RowTable.Load(draws);

        if (values.ColumnCount != table.Count)
        {
            string mend =
                values.Count == table.Count
                    ? "a draw is a row; transpose it"
                    : "give a row for each draw, with the function's value at each row of DATA";
            throw new CommandException(
                $"{draws}: it has {Numbers.Count(values.ColumnCount, "column")}, but {data} has {Numbers.Count(table.Count, "row")}; {mend}"
            );
        }

        RateOptions options = Options(choice, table, table.ColumnCount);

        return new RateRun(
            $"{Numbers.Count(values.Count, "draw")} of function values in {draws} at {Numbers.Count(table.Count, "row")} of {data}, effect sizes by {NameOf(options.Effect)}",
            draws,
            () => Rate.OfFunctionDraws(table, values, options, cancellationToken)
        );
    }

    private static RateRun OfEffectSizeDraws(RateChoice choice, string draws, CancellationToken cancellationToken)
    {
        RowTable values = RowTable.Load(draws);
        RateOptions options = Options(choice, values, values.ColumnCount);

        return new RateRun(
            $"{Numbers.Count(values.Count, "draw")} of effect sizes in {draws}",
            draws,
            () => Rate.OfEffectSizeDraws(values, options, cancellationToken)
        );
    }

    private static RateOptions Options(RateChoice choice, RowTable variables, int count)
    {
        var defaults = new RateOptions();

        return new RateOptions
        {
            Effect = choice.Effect ?? defaults.Effect,
            Divergence = choice.Divergence,
            Groups = choice.Groups is { } groups ? FeatureGroups.Load(groups, count) : null,
            Given = choice.Given,
            Ridge = choice.Ridge ?? defaults.Ridge,
            FeatureNames = variables.Columns,
            Threads = choice.Threads ?? defaults.Threads,
        };
    }

    private static string NameOf(EffectSizeAnalogue effect) =>
        effect == EffectSizeAnalogue.Projection ? "projection" : "covariance";
}
