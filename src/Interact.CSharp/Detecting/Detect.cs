namespace Interact;

/// <summary>Finds and ranks the interactions of a whole model.</summary>
public static class Detect
{
    /// <summary>
    /// Ranks sets of features by their mixed partial derivatives |∂^k f / ∂x_i ∂x_j ...| over rows of a table, each feature in
    /// units of its standard deviation over the table, so that units of measurement make no difference. Sets of 2 to
    /// <see cref="DetectOptions.Order"/> features.
    /// </summary>
    /// <param name="model">The model f.</param>
    /// <param name="rows">Rows of as many finite elements as <see cref="Model.RowSize"/>.</param>
    /// <param name="options">Order, rows, aggregation; the defaults where null.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <remarks>
    /// Models that are explained from a tensor inside are taken in its own units. Source: Lerman, Venuto, Kautz, Xu, ICCV 2021.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// The rows or the options do not fit the model, its derivatives come from outside, or it has kinks that are not allowed.
    /// </exception>
    /// <exception cref="ModelEvaluationException">A derivative is not finite at a row.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static InteractionRanking ByMixedPartials(
        Model model,
        IEnumerable<double[]> rows,
        DetectOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new DetectOptions();
        IntegratedHessiansOptions shared = options.ForRows();
        OptionsGuard.Check(shared, model, nameof(options));
        OptionsGuard.CheckDetection(options, nameof(options));

        foreach (FixedInput input in options.FixedInputs)
            model = model.Hold(input.Name, input.Of(0));

        IReadOnlyList<string>? columns = (rows as RowTable)?.Columns;
        double[][] table = Guard.Table(rows, nameof(rows));
        Guard.Row(table[0], model.RowSize, "row 0", nameof(rows));
        int[] chosen = Core.RepresentativesModule.choose(options.Representatives.Inner, table);

        Core.RankedSet[] found = RowRun.Translated(
            () => Interop.DetectByMixedPartials(options, shared, model.Inner, table, chosen, cancellationToken),
            cancellationToken
        );

        IReadOnlyList<string> names = Names.Of(shared, columns, model);
        return Ranking("mixed-partials", model.Source, names, chosen.Length, options.Aggregation, found);
    }

    /// <summary>
    /// Ranks all pairs of features, or of groups, by what they add together to the outputs of the rows explained, |Γ_ij + Γ_ji|.
    /// </summary>
    /// <param name="explanation">
    /// Explanations by any method with interactions, such as <see cref="Explain.IntegratedHessians(Model, RowTable,
    /// IntegratedHessiansOptions?, IProgress{ExplainProgress}?, CancellationToken)"/>; enumerated once, and what that raises passes
    /// through.
    /// </param>
    /// <param name="aggregation">How the rows' strengths become one.</param>
    /// <exception cref="ArgumentException">There is no row.</exception>
    public static InteractionRanking ByExplanations(
        Explanation<InteractionResult> explanation,
        SetAggregation aggregation = SetAggregation.Mean
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ExplanationHeader header = explanation.Header;
        int count = header.FeatureNames.Count;
        int rows = 0;

        int[][] pairs =
        [
            .. from i in Enumerable.Range(0, count)
            from j in Enumerable.Range(i + 1, count - i - 1)
            select (int[])[i, j],
        ];

        double[] Strengths(InteractionResult result)
        {
            rows++;
            return Array.ConvertAll(pairs, pair => Math.Abs(2 * result.Interactions[pair[0], pair[1]]));
        }

        Core.RankedSet[] found = Core.Detection.rank(Interop.ToCore(aggregation), pairs, explanation.Select(Strengths));
        return Ranking(header.Method, header.Model, header.FeatureNames, rows, aggregation, found);
    }

    /// <summary>
    /// Ranks sets of features by the weights of a network of dense layers alone, without data: neural interaction detection.
    /// </summary>
    /// <param name="model">A network that is a chain of dense layers with a hidden one at least.</param>
    /// <param name="target">Index into the flattened output.</param>
    /// <param name="order">The largest number of features in a set, 2 or more.</param>
    /// <param name="most">Sets of several orders at most; all pairs are ranked where the order is 2.</param>
    /// <param name="featureNames">Names of the features, one each; x0, x1 and so on where null.</param>
    /// <remarks>Source: Tsang, Cheng, Liu, ICLR 2018.</remarks>
    /// <exception cref="ArgumentException">The model is not such a chain, the target does not exist, or the names do not fit.</exception>
    public static InteractionRanking ByWeights(
        Model model,
        int target = 0,
        int order = 2,
        int most = 1000,
        IReadOnlyList<string>? featureNames = null
    )
    {
        IReadOnlyList<DetectedInteraction> found =
            order == 2
                ? NeuralInteractionDetection.Pairs(model, target, featureNames)
                : NeuralInteractionDetection.Sets(model, target, order, most, featureNames);

        IReadOnlyList<string> names = Names.Of(
            new IntegratedHessiansOptions { FeatureNames = featureNames },
            null,
            model
        );
        Core.RankedSet[] sets = [.. found.Select(set => new Core.RankedSet([.. set.Features], set.Strength))];
        return Ranking("weights", model.Source, names, 0, null, sets);
    }

    private static InteractionRanking Ranking(
        string method,
        ModelSource? model,
        IReadOnlyList<string> names,
        int rows,
        SetAggregation? aggregation,
        Core.RankedSet[] found
    ) =>
        new(
            method,
            model,
            names,
            rows,
            aggregation,
            Array.AsReadOnly(Array.ConvertAll(found, set => new RankedInteraction(set, names)))
        );
}
