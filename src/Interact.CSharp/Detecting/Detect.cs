using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;

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
        Prepared prepared = Prepare(ref model, rows, ref options);

        Core.RankedSet[] found = RowRun.Translated(
            () =>
                Interop.DetectByMixedPartials(
                    options,
                    prepared.Shared,
                    model.Inner,
                    prepared.Table,
                    prepared.Chosen,
                    cancellationToken
                ),
            cancellationToken
        );

        return Ranking(
            "mixed-partials",
            model.Source,
            prepared.Names,
            prepared.Chosen.Length,
            options.Aggregation,
            Settings.Of(options),
            found
        );
    }

    /// <summary>
    /// Ranks sets of features by their mixed differences between pairs of rows: the mixed partial derivative integrated over the box between the
    /// two, divided by 2^(k/2) for k features, so that strengths are in units of the output for sets of every size, and kinks
    /// make no difference. Sets of 2 to <see cref="DetectOptions.Order"/> features, at most 12.
    /// </summary>
    /// <param name="model">The model f.</param>
    /// <param name="rows">Two rows at least, of as many finite elements as <see cref="Model.RowSize"/>.</param>
    /// <param name="options">Order, rows, aggregation; the defaults where null.</param>
    /// <param name="seed">What the other row of each pair depends on.</param>
    /// <param name="cancellationToken">Stops the computation between evaluations of the model.</param>
    /// <remarks>
    /// Where features are independent, the mean square is a set's superset importance. Models that start inside are refused. Source:
    /// Liu, Owen, JASA 2006.
    /// </remarks>
    /// <exception cref="ArgumentException">The rows or the options do not fit the model, or a tensor inside it is explained.</exception>
    /// <exception cref="ModelEvaluationException">The model is not finite between two rows.</exception>
    /// <exception cref="OperationCanceledException">The computation was stopped.</exception>
    public static InteractionRanking ByMixedDifferences(
        Model model,
        IEnumerable<double[]> rows,
        DetectOptions? options = null,
        int seed = 0,
        CancellationToken cancellationToken = default
    )
    {
        Prepared prepared = Prepare(ref model, rows, ref options);

        if (model.StartsInside)
        {
            throw new ArgumentException(
                "A tensor inside the model is explained; mixed differences exchange elements of rows; rank by mixed partial derivatives.",
                nameof(model)
            );
        }

        Core.RankedSet[] found = RowRun.Translated(
            () =>
                Interop.DetectByMixedDifferences(
                    options,
                    prepared.Shared,
                    seed,
                    model.Inner,
                    prepared.Table,
                    prepared.Chosen,
                    cancellationToken
                ),
            cancellationToken
        );

        return Ranking(
            "mixed-differences",
            model.Source,
            prepared.Names,
            prepared.Chosen.Length,
            options.Aggregation,
            Settings.Of(options, seed),
            found
        );
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
        int rows = 0;

        double[,] Interactions(InteractionResult result)
        {
            rows++;
            return result.Interactions.ToArray();
        }

        Core.RankedSet[] found = Core.Detection.ofMatrices(
            Interop.ToCore(aggregation),
            explanation.Select(Interactions)
        );
        var settings = new OrderedDictionary<string, string>(header.Settings);

        if (header.Precision == Precision.Single)
            settings["precision"] = "single";

        return Ranking(
            header.Method,
            header.Model,
            header.FeatureNames,
            rows,
            aggregation,
            new ReadOnlyDictionary<string, string>(settings),
            found
        );
    }

    /// <summary>
    /// Ranks sets of features by the weights of a network of dense layers alone, without data: neural interaction detection. A unit h of
    /// the first layer mixes the features that have large weights there, and matters as much as z_h, the product of the later layers'
    /// absolute weights; the strength of a set is Σ_h z_h min |W_hi| over its features i. Of order above 2 each unit proposes its
    /// largest weights' features, and a set within a stronger one is left out.
    /// </summary>
    /// <param name="model">A network that is a chain of dense layers with a hidden one at least.</param>
    /// <param name="target">Index into the flattened output.</param>
    /// <param name="order">The largest number of features in a set, 2 or more.</param>
    /// <param name="most">Sets of several orders at most; all pairs are ranked where the order is 2.</param>
    /// <param name="featureNames">Names of the features, one each; x0, x1 and so on where null.</param>
    /// <remarks>Source: Tsang, Cheng, Liu, ICLR 2018.</remarks>
    /// <exception cref="ArgumentException">
    /// The model is not such a chain or has more than 2^26 weights in a layer, the target does not exist, or the names do not fit.
    /// </exception>
    public static InteractionRanking ByWeights(
        Model model,
        int target = 0,
        int order = 2,
        int most = 1000,
        IReadOnlyList<string>? featureNames = null
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        Guard.Target(target, model.OutputSize, nameof(target));
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);

        if (featureNames is not null && featureNames.Count != model.InputSize)
        {
            throw new ArgumentException(
                $"There are {featureNames.Count} names; the model takes {model.InputSize} elements.",
                nameof(featureNames)
            );
        }

        Core.RankedSet[] found =
            order == 2
                ? Core.NeuralInteractionDetection.pairs(target, model.Inner)
                : Core.NeuralInteractionDetection.sets(order, most, target, model.Inner);

        IReadOnlyList<string> names = Names.Of(new ComparatorOptions { FeatureNames = featureNames }, null, model);
        return Ranking("weights", model.Source, names, 0, null, Settings.OfWeights(target, order, most), found);
    }

    /// <summary>Rows and options, checked; the parameters are called as here.</summary>
    private sealed record Prepared(
        IntegratedHessiansOptions Shared,
        double[][] Table,
        int[] Chosen,
        IReadOnlyList<string> Names
    );

    private static Prepared Prepare(ref Model model, IEnumerable<double[]> rows, [NotNull] ref DetectOptions? options)
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
        return new Prepared(shared, table, chosen, Names.Of(shared, columns, model));
    }

    private static InteractionRanking Ranking(
        string method,
        ModelSource? model,
        IReadOnlyList<string> names,
        int rows,
        SetAggregation? aggregation,
        IReadOnlyDictionary<string, string> settings,
        Core.RankedSet[] found
    ) =>
        new(
            method,
            model,
            names,
            rows,
            aggregation,
            settings,
            Array.AsReadOnly(Array.ConvertAll(found, set => new RankedInteraction(set, names)))
        );
}
