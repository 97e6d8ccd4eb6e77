using Interact.Core.Learning;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Interact;

/// <content>Networks and their training.</content>
internal static partial class Interop
{
    public static Core.Learning.Layer Convolution(int filters, IReadOnlyList<int> kernel, ConvolutionOptions options) =>
        LayerModule.convolutionWith(
            new Core.Learning.ConvolutionOptions(
                filters,
                ListModule.OfSeq(kernel),
                ListModule.OfSeq(options.Strides ?? [.. kernel.Select(_ => 1)]),
                options.Padding == Padding.Valid ? Core.Learning.Padding.Valid : Core.Learning.Padding.Same,
                options.HasBias,
                options.Initializer.Inner
            )
        );

    public static Core.Learning.Layer MaxPooling(IEnumerable<int> window) =>
        LayerModule.maxPooling(ListModule.OfSeq(window));

    public static Core.Learning.Layer AveragePooling(IEnumerable<int> window) =>
        LayerModule.averagePooling(ListModule.OfSeq(window));

    public static Core.Learning.Layer Reshape(IEnumerable<int> shape) => LayerModule.reshape(ListModule.OfSeq(shape));

    public static Core.Learning.Layer Transpose(IEnumerable<int> order) =>
        LayerModule.transpose(ListModule.OfSeq(order));

    public static Core.Learning.Layer Sequence(IEnumerable<Layer> layers) => LayerModule.sequence(ToList(layers));

    public static Core.Learning.Layer Residual(IEnumerable<Layer> layers) => LayerModule.residual(ToList(layers));

    public static Core.Learning.Network CreateNetwork(
        IReadOnlyList<int> inputShape,
        IEnumerable<Layer> layers,
        int seed
    ) => NetworkModule.create(seed, [.. inputShape], ToList(layers));

    public static Core.Learning.Network LoadNetwork(string path, string? output, ModelLimits limits) =>
        Imported(NetworkModule.loadWithin(ToLimits(limits), ToOption(output), path));

    public static Core.Learning.Network Freeze(Core.Learning.Network network, Func<string, bool> chosen) =>
        NetworkModule.freeze(FuncConvert.FromFunc(chosen), network);

    public static void SaveNetwork(Core.Learning.Network network, string path)
    {
        FSharpResult<Unit, string> result = NetworkModule.save(path, network);

        if (result.IsError)
            throw new IOException(result.ErrorValue);
    }

    public static Core.Learning.Loss CustomLoss(string name, int targets, Func<Tensor, Tensor, Tensor> ofExamples) =>
        LossModule.custom(
            name,
            targets,
            FuncConvert.FromFunc(
                (Core.Tensor outputs, Core.Tensor wanted) => ofExamples(new Tensor(outputs), new Tensor(wanted)).Inner
            )
        );

    public static Core.Learning.ValidationMeasure CustomMeasure(
        string name,
        Func<IReadOnlyList<double[]>, IReadOnlyList<double[]>, double> measure
    ) =>
        ValidationMeasureModule.custom(
            name,
            FuncConvert.FromFunc((double[][] outputs, double[][] targets) => measure(outputs, targets))
        );

    public static Core.Learning.Penalty L1(double weight, Func<string, bool>? chosen) =>
        PenaltyModule.l1(weight, FuncConvert.FromFunc(chosen ?? (_ => true)));

    public static Core.Learning.Penalty L2(double weight, Func<string, bool>? chosen) =>
        PenaltyModule.l2(weight, FuncConvert.FromFunc(chosen ?? (_ => true)));

    public static Core.Learning.TrainingData TrainingData(double[][] inputs, double[][] targets, double[]? weights) =>
        new(inputs, targets, ToOption(weights));

    public static TrainingResult Train(
        Network network,
        TrainingData training,
        TrainingData? validation,
        TrainingOptions options,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken
    ) =>
        ToResult(
            Core.Learning.Training.run(
                ToCore(options, progress, cancellationToken),
                network.Inner,
                training.Inner,
                ToOption(validation?.Inner)
            )
        );

    public static Core.Learning.TrainingOptions ToCore(
        TrainingOptions options,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        void Report(Core.Learning.TrainingProgress told) =>
            progress?.Report(
                new TrainingProgress(
                    told.Epoch,
                    told.Step,
                    told.Steps,
                    told.Loss,
                    Number(told.ValidationLoss),
                    told.TimeLeft
                )
            );

        return new Core.Learning.TrainingOptions(
            options.Loss.Inner,
            options.Optimizer.Inner,
            options.LearningRate,
            options.Schedule.Inner,
            options.Batch,
            options.Epochs,
            ToOptional(options.Patience),
            ToOption(options.Measure?.Inner),
            ListModule.OfSeq(options.Penalties.Select(penalty => penalty.Inner)),
            ToOption(options.Background?.Select(row => row.ToArray()).ToArray()),
            ToOptional(options.GradientNorm),
            options.Seed,
            options.Precision == Precision.Single ? Core.Precision.Single : Core.Precision.Double,
            options.Threads,
            ToOption(options.Checkpoint),
            FuncConvert.FromAction<Core.Learning.TrainingProgress>(Report),
            cancellationToken
        );
    }

    public static TrainingResult ToResult(Core.Learning.TrainingResult result) =>
        new()
        {
            Network = new Network(result.Network),
            BestEpoch = result.BestEpoch,
            History = ReadOnly(result.History, ToEpoch),
            PenaltyNames = ReadOnly(result.PenaltyNames, name => name),
            End =
                result.End.IsFinished ? TrainingEnd.Finished
                : result.End.IsStoppedEarly ? TrainingEnd.StoppedEarly
                : TrainingEnd.Diverged,
        };

    private static TrainingEpoch ToEpoch(EpochRecord record) =>
        new(
            record.Epoch,
            record.LearningRate,
            record.TrainingLoss,
            Number(record.ValidationLoss),
            Array.AsReadOnly(record.Penalties),
            Number(record.ValidationMeasure)
        );

    private static FSharpList<Core.Learning.Layer> ToList(IEnumerable<Layer> layers) =>
        ListModule.OfSeq(layers.Select(layer => layer.Inner));

    /// <summary>The core's NaN says that there is none.</summary>
    private static double? Number(double value) => double.IsNaN(value) ? null : value;

    public static FSharpOption<T>? ToOptional<T>(T? value)
        where T : struct => value is { } known ? FSharpOption<T>.Some(known) : null;
}
