using System.Collections.ObjectModel;
using Interact.Core.Onnx;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Interact;

/// <content>Models: files, functions and oracles.</content>
internal static partial class Interop
{
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

    // Conversions

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
