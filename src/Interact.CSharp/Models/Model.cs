using System.Collections.ObjectModel;

namespace Interact;

/// <summary>A model that can be explained: a function of rows of numbers, with its derivatives.</summary>
/// <remarks>
/// A row is one example, flattened in row-major order, without a batch axis; outputs are flattened likewise, and a
/// target is an index into them. A model never changes and can be used from any number of threads.
/// </remarks>
public sealed class Model
{
    internal Model(Core.Model inner)
    {
        Inner = inner;
        Source = Interop.SourceOf(inner);
        InputName = Interop.InputNameOf(inner);
        InputShape = Array.AsReadOnly(Interop.InputShapeOf(inner));
        RowShape = Array.AsReadOnly(Interop.RowShapeOf(inner));
        HeldInputs = Interop.HeldInputsOf(inner);
        Warnings = new ReadOnlyCollection<string>([.. inner.Warnings]);
    }

    internal Core.Model Inner { get; }

    /// <summary>Number of elements that are explained: those of a row, or of a tensor inside the model.</summary>
    public int InputSize => Inner.InputSize;

    /// <summary>The shape of what is explained, with the batch axis of a model file, where it counts 1.</summary>
    public IReadOnlyList<int> InputShape { get; }

    /// <summary>
    /// Number of elements in a row of data: <see cref="InputSize"/>, unless a tensor inside the model is explained.
    /// </summary>
    public int RowSize => Inner.RowSize;

    /// <summary>
    /// The shape of a row of data, with the batch axis of a model file, where it counts 1: <see cref="InputShape"/>, unless a tensor
    /// inside the model is explained.
    /// </summary>
    public IReadOnlyList<int> RowShape { get; }

    /// <summary>Whether a tensor inside the model is explained: see <see cref="ModelLoadOptions.At"/>.</summary>
    public bool StartsInside => Interop.StartsInside(Inner);

    /// <summary>The names of the inputs that are not explained but held fixed.</summary>
    public IReadOnlyList<string> HeldInputs { get; }

    /// <summary>Number of elements in the flattened output of a row.</summary>
    public int OutputSize => Inner.OutputSize;

    /// <summary>The file the model was read from; null for one written in code.</summary>
    public ModelSource? Source { get; }

    /// <summary>
    /// The name of the explained input, or tensor inside the model, in the model's file; null for a model written in code.
    /// </summary>
    public string? InputName { get; }

    /// <summary>Those of them that have no value yet and make a difference to the output.</summary>
    public IReadOnlyList<string> MissingInputs => Interop.MissingInputs(Inner);

    /// <summary>What was noticed while reading the model, in sentences.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Reads a model from an ONNX file; its first floating output is explained.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelImportException">The file cannot be read as a model; every reason is listed.</exception>
    public static Model Load(string path) => Load(path, new ModelLoadOptions());

    /// <summary>Reads a model from an ONNX file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What of the file is explained, and how much it may ask for.</param>
    /// <exception cref="ModelImportException">
    /// The file cannot be read as a model, asks for more than it may, or has not the output that is asked for; every reason is listed.
    /// </exception>
    public static Model Load(string path, ModelLoadOptions options)
    {
        ArgumentNullException.ThrowIfNull(path);
        options.Check();
        return new Model(Interop.LoadModel(path, options));
    }

    /// <summary>A model written in C#.</summary>
    /// <param name="inputSize">Number of elements in a row, at least 1.</param>
    /// <param name="function">
    /// From a vector of as many elements to any shape, which is flattened. It is called once, to trace what it
    /// computes, so that a branch it takes in C# is taken for every row; <see cref="Tensor.Where"/> chooses row by row.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive.</exception>
    /// <exception cref="ArgumentException">The function gives an empty tensor.</exception>
    public static Model FromFunction(int inputSize, Func<Tensor, Tensor> function)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputSize, 1);
        ArgumentNullException.ThrowIfNull(function);
        return new Model(Interop.FunctionModel(inputSize, Traced));

        Tensor Traced(Tensor x)
        {
            Tensor result = function(x);

            return result.Size == 0
                ? throw new ArgumentException("The function gives no number.", nameof(function))
                : result;
        }
    }

    /// <summary>A model whose value, gradient and second derivatives are supplied from outside.</summary>
    /// <param name="oracle">The function and its derivatives.</param>
    /// <exception cref="ArgumentException">A size is not positive, or a delegate is missing.</exception>
    public static Model FromOracle(DerivativeOracle oracle)
    {
        ArgumentNullException.ThrowIfNull(oracle);

        if (oracle.InputSize < 1 || oracle.OutputSize < 1)
        {
            throw new ArgumentException(
                $"InputSize is {oracle.InputSize} and OutputSize {oracle.OutputSize}; both must be positive.",
                nameof(oracle)
            );
        }

        if (oracle.Value is null || oracle.Gradient is null || oracle.Curvature is null)
            throw new ArgumentException("Value, Gradient and Curvature must be given.", nameof(oracle));

        return new Model(Interop.OracleModel(oracle));
    }

    /// <summary>The model with an input that is not explained held at a value, for all rows.</summary>
    /// <param name="input">One of <see cref="HeldInputs"/>.</param>
    /// <param name="values">
    /// As many finite elements as the input has in one example, row-major; whole numbers where it takes integers.
    /// </param>
    /// <returns>Another model, which shares what is compiled with this one.</returns>
    /// <exception cref="ArgumentException">There is no such input, or the values do not fit it.</exception>
    public Model Hold(string input, params ReadOnlySpan<double> values)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new Model(Core.ModelModule.hold(input, values.ToArray(), Inner));
    }

    /// <summary>What of a row is explained: the value of a tensor inside the model at the row, or the row itself.</summary>
    /// <param name="row">As many finite elements as <see cref="RowSize"/>.</param>
    /// <returns>As many elements as <see cref="InputSize"/>, and the model to evaluate there.</returns>
    /// <remarks>
    /// The model holds whatever of the row reaches the output past the tensor: <see cref="Evaluate(double[])"/> of it at
    /// the value is the output at the row.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// The row has another length or elements that do not fit, or an input is held at no value.
    /// </exception>
    public (Model Model, double[] Value) Enter(double[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        Guard.Row(row, RowSize, "the row", nameof(row));
        (Core.Model model, double[] value) = Core.ModelModule.enter(row, Inner);
        return (new Model(model), [.. value]);
    }

    /// <summary>Checks that a row of data fits the model, before anything is computed of it.</summary>
    /// <param name="row">As many finite elements as <see cref="RowSize"/>.</param>
    /// <exception cref="ArgumentException">
    /// The row has another length or an element that is not finite; where the input takes integers, a fraction, or an id
    /// outside the table in which it is looked up.
    /// </exception>
    public void CheckData(double[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        Guard.Row(row, RowSize, "the row", nameof(row));
        Core.ModelModule.checkData(row, Inner);
    }

    /// <summary>The model with every ReLU replaced by SoftPlus, ln(1+exp(βz))/β.</summary>
    /// <param name="beta">
    /// β, positive and finite; the larger, the closer to ReLU. 10 is a habit of the literature.
    /// </param>
    /// <returns>Another model with the same source and warnings.</returns>
    /// <exception cref="ArgumentOutOfRangeException">β is not positive and finite.</exception>
    /// <exception cref="NotSupportedException">
    /// The derivatives come from outside, so there is nothing to replace.
    /// </exception>
    public Model Smooth(double beta)
    {
        Guard.Positive(beta, nameof(beta));

        return Interop.IsGraph(Inner)
            ? new Model(Core.ModelModule.smooth(beta, Inner))
            : throw new NotSupportedException("A model whose derivatives come from outside cannot be smoothed.");
    }

    /// <summary>The outputs at a row.</summary>
    /// <param name="row">As many finite elements as <see cref="InputSize"/>.</param>
    /// <returns>As many elements as <see cref="OutputSize"/>; NaN or infinite where the model is.</returns>
    /// <exception cref="ArgumentException">The row has another length, or an element that is not finite.</exception>
    public double[] Evaluate(double[] row)
    {
        Check(row);
        return Core.ModelModule.evaluate(Inner, row);
    }

    /// <inheritdoc cref="Evaluate(double[])"/>
    public double[] Evaluate(ReadOnlySpan<double> row) => Evaluate(row.ToArray());

    /// <summary>The gradient of one output at a row.</summary>
    /// <param name="row">As many finite elements as <see cref="InputSize"/>.</param>
    /// <param name="target">Index into the flattened output.</param>
    /// <returns>
    /// As many elements as the row, in output units per input unit; NaN or infinite where the model's derivative is.
    /// </returns>
    /// <exception cref="ArgumentException">The row has another length, or an element that is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such output.</exception>
    public double[] Gradient(double[] row, int target)
    {
        Check(row);
        Guard.Target(target, OutputSize, nameof(target));
        return Core.ModelModule.gradient(Inner, target, row);
    }

    /// <inheritdoc cref="Gradient(double[], int)"/>
    public double[] Gradient(ReadOnlySpan<double> row, int target) => Gradient(row.ToArray(), target);

    /// <summary>The second derivatives of one output at a row.</summary>
    /// <param name="row">n finite elements, as many as <see cref="InputSize"/>.</param>
    /// <param name="target">Index into the flattened output.</param>
    /// <returns>
    /// n x n elements, symmetric, in output units per product of two input units; NaN or infinite where the model's
    /// derivative is.
    /// </returns>
    /// <exception cref="ArgumentException">The row has another length, or an element that is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such output.</exception>
    public double[,] Hessian(double[] row, int target)
    {
        Check(row);
        Guard.Target(target, OutputSize, nameof(target));
        return Core.ModelModule.hessian(Inner, target, row);
    }

    /// <inheritdoc cref="Hessian(double[], int)"/>
    public double[,] Hessian(ReadOnlySpan<double> row, int target) => Hessian(row.ToArray(), target);

    /// <summary>The file's name, or what kind of model it is, with its sizes.</summary>
    public override string ToString() =>
        $"{Source?.File ?? "model"}: {InputSize} inputs, {OutputSize} {(OutputSize == 1 ? "output" : "outputs")}";

    private void Check(double[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        Guard.Row(row, InputSize, "the row", nameof(row));
    }
}
