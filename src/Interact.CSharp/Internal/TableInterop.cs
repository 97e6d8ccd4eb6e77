using System.Collections.ObjectModel;
using Interact.Core.Learning;

namespace Interact;

/// <summary>Calls of the core about networks that learn from tables.</summary>
internal static class TableInterop
{
    private const double DefaultWeightDecay = 0.01;
    private const double Momentum = 0.9;

    // β of the SoftPlus that stands for ReLU in priors on interactions; a habit of the literature.
    private const double SmoothOfPriors = 10;

    /// <summary>Of some names the nearest to another one.</summary>
    public static string Nearest(string wanted, IEnumerable<string> known) =>
        Core.Onnx.Closest.names(1, wanted, known).Head;

    // To the core

    public static TabularData PrepareTable(TableTrainingOptions options)
    {
        Core.Data.TextTable table = Interop.Read(Core.Data.DataFile.readText(options.Data));

        var task = new TabularTask(
            options.Target,
            options.Task switch
            {
                TableTask.Regression => TargetDeclaration.Regression,
                TableTask.Binary => TargetDeclaration.Binary,
                TableTask.MultiClass => TargetDeclaration.MultiClass,
                _ => TargetDeclaration.Automatic,
            },
            Interop.ToOption(options.Positive),
            new ColumnDeclarations([.. options.Drop], [.. options.Categorical], [.. options.Numeric]),
            new SplitFractions(options.Split.Training, options.Split.Validation, options.Split.Test),
            options.Seed
        );

        return Interop.Read(TabularDataModule.prepare(task, table));
    }

    public static Core.Learning.TrainedTable TrainTable(
        TableTrainingOptions options,
        TabularData data,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        TableOptimizer optimizer = options.Optimizer;

        var training = new TrainingOptions
        {
            Loss = new Loss(TabularTraining.loss(data)),
            Optimizer =
                optimizer.Kind == TableOptimizerKind.Sgd
                    ? Optimizer.Sgd(Momentum)
                    : Optimizer.AdamW(optimizer.WeightDecay ?? DefaultWeightDecay),
            LearningRate = optimizer.LearningRate,
            Schedule =
                optimizer.Schedule == TableSchedule.Cosine ? Schedule.Cosine(optimizer.Warmup) : Schedule.Constant,
            Batch = options.Batch,
            Epochs = options.Epochs,
            Patience = options.Patience,
            Penalties = PenaltiesOf(options, data),
            Seed = options.Seed,
            Precision = options.Precision,
            Threads = options.Threads,
            Checkpoint = options.Checkpoint,
        };

        Core.Learning.TrainingOptions inner = Interop.ToCore(training, progress, cancellationToken);
        Core.Learning.Network network = TabularTraining.create(ToCore(options), options.Seed, inner.Precision, data);
        return TabularTraining.run(inner, network, data);
    }

    private static Penalty[] PenaltiesOf(TableTrainingOptions options, TabularData data)
    {
        TablePrior prior = options.Prior;

        if (prior.Kind == TablePriorKind.None)
            return [];

        TabularPriorKind kind =
            prior.Kind == TablePriorKind.Sparsity
                ? TabularPriorKind.Sparsity
                : TabularPriorKind.NewInteractions([
                    .. prior.Pairs.Select(pair => Tuple.Create(pair.First, pair.Second)),
                ]);

        double? smooth = options.Activation == TableActivation.Relu ? SmoothOfPriors : null;
        var inner = new TabularPrior(kind, prior.Weight, prior.Samples, Interop.ToOptional(smooth));
        return [new Penalty(Interop.Read(TabularTraining.penalty(inner, data)))];
    }

    private static TabularNetwork ToCore(TableTrainingOptions options) =>
        new(
            [.. options.Hidden],
            options.Activation switch
            {
                TableActivation.Relu => LayerModule.relu,
                TableActivation.Silu => LayerModule.silu,
                TableActivation.Tanh => LayerModule.tanh,
                TableActivation.Softplus => LayerModule.softplus,
                TableActivation.Elu => LayerModule.elu,
                _ => LayerModule.gelu,
            },
            Interop.ToOption(
                options.Normalization switch
                {
                    TableNormalization.Batch => LayerModule.batchNormalization,
                    TableNormalization.Layer => LayerModule.layerNormalization,
                    _ => null,
                }
            ),
            options.Dropout
        );

    public static double[][] Encode(TableEncoder encoder, string path)
    {
        Core.Data.TextTable table = Interop.Read(Core.Data.DataFile.readText(path));
        return Interop.Read(TableEncoderModule.encode(encoder, [.. Enumerable.Range(0, table.RowCount)], table));
    }

    /// <exception cref="FormatException">The features of a column are not those that follow the ones before it.</exception>
    public static TableEncoder ToEncoder(TrainedColumn[] columns)
    {
        int width = 0;
        var encoded = new EncodedColumn[columns.Length];

        for (int i = 0; i < columns.Length; i++)
        {
            TrainedColumn column = columns[i];
            int missing = column.HasMissingFeature ? 1 : 0;

            (ColumnKind kind, ColumnEncoding encoding, int own) = column.Kind switch
            {
                TrainedColumnKind.Numeric => (ColumnKind.Numeric, Numeric(column), 1 + missing),
                TrainedColumnKind.Categorical => (
                    ColumnKind.Categorical,
                    ColumnEncoding.NewCategorical([.. column.Levels], column.HasMissingFeature),
                    column.Levels.Count + missing
                ),
                TrainedColumnKind.Target => (ColumnKind.Target, ColumnEncoding.Target, 0),
                _ => (ColumnKind.Dropped, ColumnEncoding.NewLeftOut(column.Reason ?? ""), 0),
            };

            if (!column.Features.SequenceEqual(Enumerable.Range(width, own)))
                throw new FormatException();

            encoded[i] = new EncodedColumn(column.Name, kind, column.Missing, encoding, width, own);
            width += own;
        }

        return new TableEncoder(encoded, width);
    }

    private static ColumnEncoding Numeric(TrainedColumn column) =>
        ColumnEncoding.NewNumeric(
            new NumericColumn(
                column.Median!.Value,
                column.Mean!.Value,
                column.Deviation!.Value,
                column.HasMissingFeature
            )
        );

    // From the core

    public static ReadOnlyCollection<string> ClassesOf(TargetKind kind) =>
        kind is TargetKind.Classes classes ? Array.AsReadOnly(classes.Item) : ReadOnlyCollection<string>.Empty;

    public static TrainedColumn ToColumn(EncodedColumn column)
    {
        var features = Array.AsReadOnly([.. Enumerable.Range(column.First, column.Width)]);

        return column.Encoding switch
        {
            ColumnEncoding.Numeric numeric => new(column.Name, TrainedColumnKind.Numeric, column.Missing, features)
            {
                Median = numeric.Item.Median,
                Mean = numeric.Item.Mean,
                Deviation = numeric.Item.Deviation,
                HasMissingFeature = numeric.Item.HasIndicator,
            },
            ColumnEncoding.Categorical levels => new(
                column.Name,
                TrainedColumnKind.Categorical,
                column.Missing,
                features
            )
            {
                Levels = Array.AsReadOnly(levels.levels),
                HasMissingFeature = levels.hasMissing,
            },
            ColumnEncoding.LeftOut leftOut => new(column.Name, TrainedColumnKind.LeftOut, column.Missing, features)
            {
                Reason = leftOut.reason,
            },
            _ => new(column.Name, TrainedColumnKind.Target, column.Missing, features),
        };
    }

    public static ReadOnlyCollection<TablePart> PartsOf(
        TabularData data,
        Core.Learning.TrainedTable trained,
        string[] features
    )
    {
        double[] constant = TabularTraining.constantOutput(data);

        TablePart Part(string name, TabularPart part, double[][] outputs) =>
            new(
                name,
                part,
                features,
                outputs,
                MetricsOf(data.Target.Kind, outputs, part.Targets),
                MetricsOf(data.Target.Kind, Array.ConvertAll(outputs, _ => constant), part.Targets)
            );

        List<TablePart> parts =
        [
            Part("training", data.Training, trained.TrainingOutputs),
            Part("validation", data.Validation, trained.ValidationOutputs),
        ];

        if (Interop.ToNullable(data.Test) is { } test && Interop.ToNullable(trained.TestOutputs) is { } outputs)
            parts.Add(Part("test", test, outputs));

        return parts.AsReadOnly();
    }

    private static ReadOnlyCollection<TableMetric> MetricsOf(TargetKind kind, double[][] outputs, double[] targets) =>
        Array.AsReadOnly(
            Array.ConvertAll(
                TargetMetrics.evaluate(kind, outputs, targets),
                metric => new TableMetric(ToKind(metric.Item1), metric.Item2)
            )
        );

    private static TableMetricKind ToKind(Metric metric) =>
        metric.IsLogLoss ? TableMetricKind.LogLoss
        : metric.IsAccuracy ? TableMetricKind.Accuracy
        : metric.IsBalancedAccuracy ? TableMetricKind.BalancedAccuracy
        : metric.IsRocAuc ? TableMetricKind.RocAuc
        : metric.IsRootMeanSquaredError ? TableMetricKind.RootMeanSquaredError
        : metric.IsMeanAbsoluteError ? TableMetricKind.MeanAbsoluteError
        : TableMetricKind.RSquared;
}
