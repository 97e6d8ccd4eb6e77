using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Interact;

/// <content>Methods: their options, and what they give.</content>
internal static partial class Interop
{
    public static Core.MemoryBudget MemoryBudget(PathMethodOptions options) =>
        options.Memory is { } bytes ? new Core.MemoryBudget(bytes) : Core.MemoryBudget.Default;

    /// <summary>Options for a row that is explained by itself.</summary>
    public static Core.PathOptions PathOptions(PathMethodOptions options, CancellationToken cancellationToken) =>
        PathOptions(options, options.Threads, MemoryBudget(options), cancellationToken);

    public static Core.PathOptions PathOptions(
        PathMethodOptions options,
        int threads,
        Core.MemoryBudget memory,
        CancellationToken cancellationToken
    ) =>
        new(
            options.Target.Index is { } index ? Core.Target.NewIndex(index) : Core.Target.Predicted,
            options.Tolerance,
            ToOption(options.Groups?.Inner),
            ToCore(options.Kinks),
            options.MaxSamples,
            options.Precision == Precision.Single ? Core.Precision.Single : Core.Precision.Double,
            threads,
            memory,
            cancellationToken
        );

    public static Core.MixedPartialsOptions MixedOptions(MixedPartialsOptions options, Core.PathOptions inner) =>
        new(inner.Target, options.AllowKinks, inner.Threads, inner.Memory, inner.CancellationToken);

    public static Tuple<int, double[]>[] NumberedRows(Core.PathTask[] tasks) =>
        [.. tasks.Select(task => Tuple.Create(task.Row, task.Input))];

    public static IEnumerable<Core.SetsOfOrder> Search(
        SetSearchOptions options,
        int length,
        Func<int[][], Core.MixedPartialsRow[]> derivatives
    ) =>
        Core.MixedPartials.searchBy(
            new Core.SetSearch(
                options.Order,
                options.Parents is { } parents
                    ? FuncConvert.FromFunc((int _) => parents)
                    : Core.MixedPartials.searchDefaults.Parents,
                ToCore(options.Aggregation)
            ),
            length,
            FuncConvert.FromFunc(derivatives)
        );

    public static Core.CoalitionOptions CoalitionOptions(Core.PathOptions path, ShapleyOptions options) =>
        new(path, options.Samples is { } samples ? FSharpOption<int>.Some(samples) : null, options.Seed);

    public static Core.RankedSet[] DetectByMixedPartials(
        DetectOptions options,
        IntegratedHessiansOptions shared,
        Core.Model model,
        double[][] table,
        int[] chosen,
        CancellationToken cancellationToken
    )
    {
        Core.PathOptions inner = PathOptions(shared, cancellationToken);

        return Core.Detection.byMixedPartials(
            new(inner.Target, options.AllowKinks, inner.Threads, inner.Memory, inner.CancellationToken),
            SetSearch(options, model),
            model,
            table,
            chosen
        );
    }

    public static Core.RankedSet[] DetectByMixedDifferences(
        DetectOptions options,
        IntegratedHessiansOptions shared,
        int seed,
        Core.Model model,
        double[][] table,
        int[] chosen,
        CancellationToken cancellationToken
    ) =>
        Core.Detection.byMixedDifferences(
            PathOptions(shared, cancellationToken),
            SetSearch(options, model),
            seed,
            model,
            table,
            chosen
        );

    private static Core.SetSearch SetSearch(DetectOptions options, Core.Model model) =>
        new(
            options.Order,
            options.Parents is { } parents
                ? FuncConvert.FromFunc((int _) => parents)
                : FuncConvert.FromFunc((int order) => Core.Detection.parents(model.InputSize, order)),
            ToCore(options.Aggregation)
        );

    public static Core.EffectSizes EffectSizes(
        RateOptions options,
        double[][] rows,
        double[][] features,
        LastLayer layer,
        int output,
        CancellationToken cancellationToken
    ) =>
        Core.EffectSizesModule.ofLastLayer(
            ToCore(options.Effect),
            options.Threads,
            cancellationToken,
            rows,
            features,
            new Core.LastLayer(layer.MeanRows, layer.VarianceRows, layer.BiasValues),
            output
        );

    public static Core.EffectSizes EffectSizes(
        RateOptions options,
        double[][] rows,
        double[][] draws,
        CancellationToken cancellationToken
    ) =>
        Core.EffectSizesModule.ofFunctionDraws(ToCore(options.Effect), options.Threads, cancellationToken, rows, draws);

    public static Core.RateResult Rate(
        RateOptions options,
        int[] given,
        Core.EffectSizes effects,
        CancellationToken cancellationToken
    ) =>
        Core.Rate.explain(
            new Core.RateOptions(
                options.Divergence == RateDivergence.Exact ? Core.RateDivergence.Exact : Core.RateDivergence.Quadratic,
                ToOption(options.Groups?.Inner),
                given,
                options.Ridge,
                options.Threads,
                cancellationToken
            ),
            effects
        );

    private static Core.EffectSizeAnalogue ToCore(EffectSizeAnalogue analogue) =>
        analogue == EffectSizeAnalogue.Projection
            ? Core.EffectSizeAnalogue.Projection
            : Core.EffectSizeAnalogue.Covariance;

    public static string? WhyNotDecomposed(Core.Model model) => ToNullable(Core.ContextualDecomposition.refusal(model));

    public static Core.Groups TokenGroups(int[] shape) => Core.GroupsModule.tokens(shape);

    public static Core.Groups PatchGroups(int[] shape, int height, int width) =>
        Core.GroupsModule.patches(height, width, shape);

    public static Core.InteractionPart RowsOf(int[] features) => Core.InteractionPart.NewRowsOf(features);

    public static Core.InteractionPart PairsOf(IEnumerable<(int First, int Second)> pairs) =>
        Core.InteractionPart.NewPairs([.. pairs.Select(pair => Tuple.Create(pair.First, pair.Second))]);

    public static Core.Groups CreateGroups(IEnumerable<KeyValuePair<string, int[]>> groups, int length) =>
        Core.GroupsModule.create(
            length,
            ListModule.OfSeq(groups.Select(group => Tuple.Create(group.Key, group.Value.ToArray())))
        );

    public static double[] ColumnMeans(double[][] rows) =>
        Core.PathTasks.create(Core.Baseline.Mean, rows, 0, 0)[0].Baseline;

    public static double[] ColumnMedians(double[][] rows) =>
        Core.PathTasks.create(Core.Baseline.Median, rows, 0, 0)[0].Baseline;

    public static double[] Blurred(int[] shape, double sigma, double[] row) =>
        Core.PathTasks.create(Core.Baseline.NewBlurred(shape, sigma), [row], 0, 0)[0].Baseline;

    public static Core.Background GeneratedBackground(int count, Func<int, double[]> row) =>
        Core.BackgroundModule.ofFunction(count, FuncConvert.FromFunc(row));

    public static IEnumerable<Core.Explanation> ExpectedGradients(ExpectedRun run) =>
        Core.ExpectedGradients.explainRows(run.Options.Threads, run.Count, Report(run), Options(run), Tasks(run));

    public static IEnumerable<Core.Explanation> ExpectedHessians(ExpectedRun run) =>
        Core.ExpectedHessians.explainRows(run.Options.Threads, run.Count, Report(run), Options(run), Tasks(run));

    public static IEnumerable<Core.PartialExplanation> ExpectedHessians(ExpectedRun run, Core.InteractionPart part) =>
        Core.ExpectedHessians.explainPartOfRows(
            part,
            run.Options.Threads,
            run.Count,
            Report(run),
            Options(run),
            Tasks(run)
        );

    public static IEnumerable<TResult> Stream<TItem, TResult>(
        Core.RowDivision division,
        Func<TItem[], TResult[]> work,
        IEnumerable<TItem> tasks
    ) => Core.RowStream.map(division, FuncConvert.FromFunc(work), tasks);

    public static IEnumerable<Core.AxiomResidual> CheckAxioms(
        Core.PathOptions options,
        Core.Model model,
        Core.PathTask task
    ) => Core.Axioms.checkAll(options, model, task);

    public static double[,] InteractionsOf(Core.Explanation explanation) => ToNullable(explanation.Interactions)!;

    private static Core.KinkTreatment ToCore(KinkTreatment treatment) =>
        treatment switch
        {
            KinkTreatment.Exact => Core.KinkTreatment.Exact,
            KinkTreatment.Ignored => Core.KinkTreatment.Ignored,
            _ => Core.KinkTreatment.Automatic,
        };

    public static Core.Aggregation ToCore(SetAggregation aggregation) =>
        aggregation switch
        {
            SetAggregation.Median => Core.Aggregation.Median,
            SetAggregation.Minimum => Core.Aggregation.Minimum,
            SetAggregation.Maximum => Core.Aggregation.Maximum,
            _ => Core.Aggregation.Mean,
        };

    private static Core.PathOptions Options(ExpectedRun run) => PathOptions(run.Options, run.CancellationToken);

    private static FSharpFunc<int, FSharpFunc<int, Unit>> Report(ExpectedRun run) =>
        FuncConvert.FromAction(
            (int done, int all) =>
            {
                if (done < all)
                    run.Report((double)done / all);
            }
        );

    private static IEnumerable<Tuple<Core.Model, Core.ExpectedTask>> Tasks(ExpectedRun run)
    {
        Core.Background background = run.Options.Background.Inner;

        foreach ((Core.Model model, Core.PathTask task) in run.Tasks)
        {
            // The tensor at each background row, whose held inputs are those of the row that is explained.
            Core.Background own = StartsInside(model)
                ? Core.BackgroundModule.map(
                    FuncConvert.FromFunc((double[] row) => Core.ModelModule.enter(row, model).Item2),
                    background
                )
                : background;

            yield return Tuple.Create(model, new Core.ExpectedTask(task.Row, task.Input, own));
        }
    }
}
