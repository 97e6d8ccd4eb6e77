using System.Collections.ObjectModel;
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

    private static FSharpFunc<Core.Tensor, Core.Tensor> Function(Func<Tensor, Tensor> f) =>
        FuncConvert.FromFunc((Core.Tensor x) => f(new Tensor(x)).Inner);

    private static FSharpList<Core.Tensor> Inner(ReadOnlySpan<Tensor> tensors) =>
        ListModule.OfSeq(tensors.ToArray().Select(tensor => tensor.Inner));

    public static double? ToNullable(FSharpOption<double>? option) => option is null ? null : option.Value;

    public static int? ToNullable(FSharpOption<int>? option) => option is null ? null : option.Value;

    public static T? ToNullable<T>(FSharpOption<T>? option)
        where T : class => option?.Value;

    public static FSharpOption<T>? ToOption<T>(T? value)
        where T : class => value is null ? null : FSharpOption<T>.Some(value);

    private static ReadOnlyCollection<TResult> ReadOnly<T, TResult>(IEnumerable<T> items, Func<T, TResult> convert) =>
        Array.AsReadOnly([.. items.Select(convert)]);
}
