using System.Collections.ObjectModel;
using Interact.Core.Onnx;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Interact;

/// <summary>
/// The only class that names F# types: calls of the core that take or give options, lists, functions and results.
/// </summary>
internal static partial class Interop
{
    // Tensors

    public static double[]? ValueOf(Core.Tensor tensor)
    {
        if (ToNullable(tensor.TryValue) is { } known)
            return known;

        bool isFree = Core.Graph.nodes([tensor.Node]).Any(node => node.Primitive.IsInput);
        return isFree ? null : Core.Execution.Run.constant(tensor.Node);
    }

    public static Core.Tensor Slice(Core.Tensor tensor, int start, int length) =>
        tensor.GetSlice(start, start + length - 1);

    public static Core.Tensor Stack(ReadOnlySpan<Tensor> parts) => Core.TensorModule.stack(Inner(parts));

    public static Core.Tensor Concat(ReadOnlySpan<Tensor> parts, int axis) =>
        new(Core.NodeModule.concat(axis, ListModule.OfSeq(Inner(parts).Select(part => part.Node))));

    public static Core.Tensor Grad(Func<Tensor, Tensor> f, Tensor x) => Core.Differentiation.grad(Function(f), x.Inner);

    public static Core.Tensor Hessian(Func<Tensor, Tensor> f, Tensor x) =>
        Core.Differentiation.hessian(Function(f), x.Inner);

    public static Core.Tensor Hvp(Func<Tensor, Tensor> f, Tensor x, Tensor direction) =>
        Core.Differentiation.hvp(Function(f), x.Inner, direction.Inner);

    public static Core.Tensor Curvature(Func<Tensor, Tensor> f, Tensor x, Tensor directions) =>
        Core.Differentiation.curvature(directions.Inner, Function(f), x.Inner);

    public static Core.Tensor Jvp(Func<Tensor, Tensor> f, Tensor x, Tensor tangent) =>
        Core.Differentiation.jvp(Function(f), x.Inner, tangent.Inner).Item2;

    public static Core.Tensor Vjp(Func<Tensor, Tensor> f, Tensor x, Tensor cotangent) =>
        Core.Differentiation.vjp(Function(f), x.Inner).Item2.Invoke(cotangent.Inner);

    public static Core.Tensor Mixed(Func<Tensor, Tensor> f, Tensor x, IEnumerable<int> indices) =>
        Core.Differentiation.mixed(ListModule.OfSeq(indices), Function(f), x.Inner);

    public static Core.Tensor Vmap(Func<Tensor, Tensor> f, Tensor batch) =>
        Core.Differentiation.vmap(Function(f), batch.Inner);

    // Models

    public static Core.Model LoadModel(string path, ModelLoadOptions options) =>
        Imported(OnnxModel.load(ToCore(options), path));

    private static OnnxOptions ToCore(ModelLoadOptions options)
    {
        ExplainedInput input =
            options.AllInputs ? ExplainedInput.AllFloating
            : options.Input is { } name ? ExplainedInput.NewNamed(name)
            : ExplainedInput.FirstFloating;

        return new OnnxOptions(ToOption(options.Output), input, ToOption(options.At), ToLimits(options.Limits));
    }

    public static bool StartsInside(Core.Model model) => ToNullable(model.Upstream) is not null;

    public static int[] InputShapeOf(Core.Model model) =>
        ToNullable(model.Graph) is { } graph ? [.. graph.Input.Shape] : [model.InputSize];

    public static int[] RowShapeOf(Core.Model model) =>
        ToNullable(model.Upstream) is { } upstream ? [.. upstream.Input.Shape] : InputShapeOf(model);

    public static ReadOnlyCollection<string> HeldInputsOf(Core.Model model) => ReadOnly(model.Held, held => held.Name);

    public static string[] MissingInputs(Core.Model model) => [.. Core.ModelModule.missing(model)];

    private static ImportLimits ToLimits(ModelLimits limits) =>
        new(
            limits.Bytes,
            limits.Messages,
            limits.Depth,
            limits.Graphs,
            limits.Nodes,
            limits.Rank,
            limits.Elements,
            limits.Memory,
            limits.Amplification,
            limits.Time
        );

    public static ModelInspection Inspect(string path, ModelLoadOptions options)
    {
        Inspection found = Imported(OnnxModel.inspectFor(ToCore(options), path));

        return new ModelInspection
        {
            Source = new ModelSource(found.Source.File, found.Source.Sha256),
            Producer = found.Producer,
            OperatorSets = ReadOnly(found.Opsets, opset => new OperatorSet(opset.Item1, opset.Item2)),
            Inputs = ReadOnly(found.Inputs, ToPort),
            Outputs = ReadOnly(found.Outputs, ToPort),
            ExplainedOutput = ToNullable(found.Explained),
            Operators = ReadOnly(found.Operators, count => new OperatorCount(count.Item1, count.Item2)),
            Parameters = found.Parameters,
            Kinks = ReadOnly(found.Kinks, count => new OperatorCount(count.Item1, count.Item2)),
            Warnings = ReadOnly(found.Warnings, warning => warning),
            Problems = ReadOnly(found.Problems, ToProblem),
        };
    }

    public static Core.Model FunctionModel(int inputSize, Func<Tensor, Tensor> function) =>
        Core.ModelModule.ofFunction(inputSize, Function(function));

    public static Core.Model OracleModel(DerivativeOracle oracle)
    {
        double[] Value(double[] point) => Sized(oracle.Value(point), oracle.OutputSize, nameof(oracle.Value));

        double[] Gradient(double[] point, double[] weights) =>
            Sized(oracle.Gradient(point, weights), oracle.InputSize, nameof(oracle.Gradient));

        double[,] Curvature(double[] point, double[] weights, double[][] directions) =>
            Sized(oracle.Curvature(point, weights, directions), directions.Length, nameof(oracle.Curvature));

        return Core.ModelModule.ofOracle(
            new Core.Oracle(
                oracle.InputSize,
                oracle.OutputSize,
                FuncConvert.FromFunc<double[], double[]>(Value),
                FuncConvert.FromFunc<double[], double[], double[]>(Gradient),
                FuncConvert.FromFunc<double[], double[], double[][], double[,]>(Curvature)
            )
        );
    }

    public static bool IsGraph(Core.Model model) => ToNullable(model.Graph) is not null;

    public static ModelSource? SourceOf(Core.Model model) =>
        ToNullable(model.Source) is { } source ? new ModelSource(source.File, source.Sha256) : null;

    public static string? InputNameOf(Core.Model model) =>
        SourceOf(model) is not null && ToNullable(model.Graph)?.Input.Primitive is Core.Primitive.Input input
            ? input.name
            : null;

    // Methods

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

    public static double? ToNullable(FSharpOption<double>? option) => option is null ? null : option.Value;

    public static int? ToNullable(FSharpOption<int>? option) => option is null ? null : option.Value;

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

    // Files

    public static RowTable ReadTable(string path)
    {
        Core.Data.Table table = Read(Core.Data.DataFile.read(path));
        return new RowTable(table.Rows, ToNullable(table.Columns));
    }

    /// <summary>Named arrays of a .npz file; null for one that is not there and need not be.</summary>
    public static double[][]?[] ReadArrays(string path, params (string Name, bool IsNeeded)[] arrays)
    {
        var wanted = ListModule.OfSeq(arrays.Select(array => Tuple.Create(array.Name, array.IsNeeded)));
        return [.. Read(Core.Data.DataFile.readArrays(wanted, path)).Select(table => ToNullable(table)?.Rows)];
    }

    /// <summary>What was read of a file.</summary>
    /// <exception cref="DataFormatException">It could not be read.</exception>
    public static T Read<T>(FSharpResult<T, string> result) =>
        result.IsOk ? result.ResultValue : throw new DataFormatException(result.ErrorValue);

    public static void WriteAtomically(string path, Action<Stream> write)
    {
        FSharpResult<Unit, string> result = Core.Data.AtomicFile.write(path, FuncConvert.FromAction(write));

        if (result.IsError)
            throw new IOException(result.ErrorValue);
    }

    public static IEnumerable<ConformanceResult> RunCases(string folder)
    {
        FSharpResult<IEnumerable<Core.Onnx.ConformanceResult>, string> result = Core.Onnx.Conformance.runAll(folder);

        return result.IsOk ? result.ResultValue.Select(ToResult) : throw new IOException(result.ErrorValue);
    }

    // Conversions

    private static ConformanceResult ToResult(Core.Onnx.ConformanceResult found) =>
        found.Outcome switch
        {
            Core.Onnx.ConformanceOutcome.Failed failed => new(found.Case, ConformanceOutcome.Failed, failed.difference),
            Core.Onnx.ConformanceOutcome.Skipped skipped => new(found.Case, ConformanceOutcome.Skipped, skipped.reason),
            Core.Onnx.ConformanceOutcome.Unreadable unreadable => new(
                found.Case,
                ConformanceOutcome.Unreadable,
                unreadable.problem
            ),
            _ => new(found.Case, ConformanceOutcome.Passed, ""),
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

    private static FSharpFunc<Core.Tensor, Core.Tensor> Function(Func<Tensor, Tensor> f) =>
        FuncConvert.FromFunc((Core.Tensor x) => f(new Tensor(x)).Inner);

    private static FSharpList<Core.Tensor> Inner(ReadOnlySpan<Tensor> tensors) =>
        ListModule.OfSeq(tensors.ToArray().Select(tensor => tensor.Inner));

    public static T? ToNullable<T>(FSharpOption<T>? option)
        where T : class => option?.Value;

    public static FSharpOption<T>? ToOption<T>(T? value)
        where T : class => value is null ? null : FSharpOption<T>.Some(value);

    private static ReadOnlyCollection<TResult> ReadOnly<T, TResult>(IEnumerable<T> items, Func<T, TResult> convert) =>
        Array.AsReadOnly([.. items.Select(convert)]);

    private static T Imported<T>(FSharpResult<T, FSharpList<ImportProblem>> result) =>
        result.IsOk ? result.ResultValue : throw new ModelImportException(ReadOnly(result.ErrorValue, ToProblem));

    private static ModelProblem ToProblem(ImportProblem problem) => new(problem.Place, problem.Problem);

    private static ModelPort ToPort(Port port) => new(port.Name, port.ElementType, ReadOnly(port.Shape, axis => axis));

    private static double[] Sized(double[]? values, int size, string name) =>
        values?.Length == size
            ? values
            : throw new InvalidOperationException(
                $"The oracle's {name} gives {values?.Length ?? 0} elements; {size} are needed."
            );

    private static double[,] Sized(double[,]? values, int size, string name) =>
        values?.GetLength(0) == size && values.GetLength(1) == size
            ? values
            : throw new InvalidOperationException(
                $"The oracle's {name} gives {values?.GetLength(0)} x {values?.GetLength(1)} elements; {size} x {size} are needed."
            );
}
