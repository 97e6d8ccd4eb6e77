namespace Interact;

/// <summary>
/// RATE, the relative centrality of variables in a Bayesian model: how far the distribution of all other effect sizes moves when one
/// variable's is known to be 0, as a share of the sum over all variables.
/// </summary>
/// <remarks>
/// Sources: Crawford, Flaxman, Runcie, West, Annals of Applied Statistics 2019; Ish-Horowicz, Udwin, Flaxman, Filippi, Crawford,
/// "Interpreting deep neural networks through variable importance", 2020.
/// </remarks>
public static class Rate
{
    /// <summary>RATE of the inputs of a network whose last layer has normal weights.</summary>
    /// <param name="model">
    /// The network up to the last layer: its output are the features, or, where it starts at a tensor inside
    /// (<see cref="ModelLoadOptions.At"/>), that tensor.
    /// </param>
    /// <param name="rows">Two rows at least, of as many finite elements as <see cref="Interact.Model.RowSize"/>.</param>
    /// <param name="layer">The last layer, with as many features.</param>
    /// <param name="options">Effect sizes, divergence, groups; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation.</param>
    /// <exception cref="ArgumentException">
    /// Model, rows, layer and options do not fit; or all divergences are 0, because effect sizes are independent or have mean 0.
    /// </exception>
    /// <exception cref="ModelEvaluationException">A feature is not finite at a row.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static RateResult OfLastLayer(
        Model model,
        IEnumerable<double[]> rows,
        LastLayer layer,
        RateOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(layer);
        options ??= new RateOptions();
        IReadOnlyList<string>? columns = (rows as RowTable)?.Columns;
        double[][] table = Guard.Table(rows, nameof(rows));
        Guard.Row(table[0], model.RowSize, "row 0", nameof(rows));
        double[][] features = new double[table.Length][];

        for (int row = 0; row < table.Length; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            features[row] = FeaturesAt(model, options, table[row], row);
        }

        return OfLastLayer(model.Source, columns, table, features, layer, options, cancellationToken);
    }

    /// <summary>RATE of variables from the features that a network's last layer, with normal weights, has at their rows.</summary>
    /// <param name="rows">Two rows at least of the variables.</param>
    /// <param name="features">The last layer's operands at these rows.</param>
    /// <param name="layer">The last layer.</param>
    /// <param name="options">Effect sizes, divergence, groups; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation.</param>
    /// <exception cref="ArgumentException">
    /// Rows, features, layer and options do not fit; or all divergences are 0, because effect sizes are independent or have mean 0.
    /// </exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static RateResult OfLastLayer(
        IEnumerable<double[]> rows,
        IEnumerable<double[]> features,
        LastLayer layer,
        RateOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(layer);

        return OfLastLayer(
            null,
            (rows as RowTable)?.Columns,
            Guard.Table(rows, nameof(rows)),
            Guard.Table(features, nameof(features)),
            layer,
            options ?? new RateOptions(),
            cancellationToken
        );
    }

    /// <summary>RATE of variables from draws of a function's values, by any Bayesian model.</summary>
    /// <param name="rows">n rows of the variables, two at least.</param>
    /// <param name="draws">Two draws at least, each of the function's n values at the rows.</param>
    /// <param name="options">Effect sizes, divergence, groups; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation.</param>
    /// <exception cref="ArgumentException">
    /// Rows, draws and options do not fit; or all divergences are 0, because effect sizes are independent or have mean 0.
    /// </exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static RateResult OfFunctionDraws(
        IEnumerable<double[]> rows,
        IEnumerable<double[]> draws,
        RateOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new RateOptions();
        IReadOnlyList<string>? columns = (rows as RowTable)?.Columns;
        double[][] table = Guard.Table(rows, nameof(rows));
        double[][] values = Guard.Table(draws, nameof(draws));
        Prepared prepared = Prepare(options, columns, table[0].Length);

        return Named(
            nameof(draws),
            () =>
            {
                Core.EffectSizes effects = Interop.EffectSizes(options, table, values, cancellationToken);
                return Explain(options, null, options.Effect, null, prepared, effects, cancellationToken);
            }
        );
    }

    /// <summary>RATE of variables from draws of their effect sizes, such as the coefficients of a Bayesian regression.</summary>
    /// <param name="draws">Two draws at least, each of as many effect sizes as there are variables.</param>
    /// <param name="options">Divergence, groups; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation.</param>
    /// <exception cref="ArgumentException">
    /// Draws and options do not fit; or all divergences are 0, because effect sizes are independent or have mean 0.
    /// </exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static RateResult OfEffectSizeDraws(
        IEnumerable<double[]> draws,
        RateOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new RateOptions();
        IReadOnlyList<string>? columns = (draws as RowTable)?.Columns;
        double[][] values = Guard.Table(draws, nameof(draws));
        Prepared prepared = Prepare(options, columns, values[0].Length);

        return Named(
            nameof(draws),
            () =>
            {
                Core.EffectSizes effects = Core.EffectSizesModule.ofDraws(values);
                return Explain(options, null, null, null, prepared, effects, cancellationToken);
            }
        );
    }

    private static RateResult OfLastLayer(
        ModelSource? model,
        IReadOnlyList<string>? columns,
        double[][] table,
        double[][] features,
        LastLayer layer,
        RateOptions options,
        CancellationToken cancellationToken
    )
    {
        Prepared prepared = Prepare(options, columns, table[0].Length);

        if (features[0].Length != layer.FeatureCount)
        {
            throw new ArgumentException(
                $"The layer has weights for {layer.FeatureCount} features, and there are {features[0].Length}.",
                nameof(layer)
            );
        }

        if (options.Output is null && layer.OutputCount > 1)
        {
            throw new ArgumentException(
                $"The layer has {layer.OutputCount} outputs; choose one by Output, from 0 to {layer.OutputCount - 1}.",
                nameof(options)
            );
        }

        int output = options.Output ?? 0;

        if (output < 0 || output >= layer.OutputCount)
        {
            throw new ArgumentException(
                $"Output {output} does not exist: the layer has {layer.OutputCount}, numbered from 0.",
                nameof(options)
            );
        }

        return Named(
            nameof(layer),
            () =>
            {
                Core.EffectSizes effects = Interop.EffectSizes(
                    options,
                    table,
                    features,
                    layer,
                    output,
                    cancellationToken
                );
                return Explain(options, model, options.Effect, output, prepared, effects, cancellationToken);
            }
        );
    }

    /// <summary>The last layer's operands at a row.</summary>
    private static double[] FeaturesAt(Model model, RateOptions options, double[] row, int number)
    {
        foreach (FixedInput input in options.FixedInputs)
            model = model.Hold(input.Name, input.Of(number));

        double[] features = model.StartsInside ? model.Enter(row).Value : model.Evaluate(row);

        return Array.TrueForAll(features, double.IsFinite)
            ? features
            : throw new ModelEvaluationException(
                number,
                new Core.NotFiniteException(number, "a feature of the last layer is not finite", "leave the row out")
            );
    }

    /// <summary>The names of what is compared, and which of it is given.</summary>
    private sealed record Prepared(IReadOnlyList<string> Names, int[] Given);

    private static Prepared Prepare(RateOptions options, IReadOnlyList<string>? columns, int variables)
    {
        void Require(bool condition, string message)
        {
            if (!condition)
                throw new ArgumentException(message, nameof(options));
        }

        Require(Enum.IsDefined(options.Effect), $"Effect {options.Effect} does not exist.");
        Require(Enum.IsDefined(options.Divergence), $"Divergence {options.Divergence} does not exist.");
        Require(options.Threads is >= 1 and <= 1024, $"Threads is {options.Threads}; it must lie in 1..1024.");
        Require(
            options.Ridge > 0 && double.IsFinite(options.Ridge),
            $"Ridge is {options.Ridge}; it must be positive and finite."
        );
        Require(
            options.Groups is null || options.Groups.Length == variables,
            $"Groups are made for rows of {options.Groups?.Length} elements; there are {variables} variables."
        );
        Require(
            options.FeatureNames is null || options.FeatureNames.Count == variables,
            $"There are {options.FeatureNames?.Count} FeatureNames; there are {variables} variables."
        );

        IReadOnlyList<string> names =
            options.Groups?.Names ?? Names.OfColumns(options.FeatureNames ?? columns, variables);

        try
        {
            return new Prepared(names, [.. options.Given.Select(name => Names.Find(names, name)).Distinct()]);
        }
        catch (ArgumentException problem)
        {
            throw new ArgumentException(problem.Message, nameof(options), problem);
        }
    }

    private static RateResult Explain(
        RateOptions options,
        ModelSource? model,
        EffectSizeAnalogue? effect,
        int? output,
        Prepared prepared,
        Core.EffectSizes effects,
        CancellationToken cancellationToken
    ) =>
        new(
            options,
            model,
            effect,
            output,
            prepared.Names,
            prepared.Given,
            Interop.Rate(options, prepared.Given, effects, cancellationToken)
        );

    /// <summary>Raises what the core says of an argument with the name that the argument has here.</summary>
    /// <param name="source">The parameter that effect sizes come from.</param>
    /// <param name="work">The computation.</param>
    private static RateResult Named(string source, Func<RateResult> work)
    {
        try
        {
            return work();
        }
        catch (ArgumentException problem)
        {
            string message = problem.Message.Split(" (Parameter")[0];

            string name = problem.ParamName switch
            {
                "Given" or "Groups" or "Ridge" or "Threads" => "options",
                "data" => "rows",
                "features" => "features",
                _ => source,
            };

            throw new ArgumentException(message, name, problem);
        }
    }
}
