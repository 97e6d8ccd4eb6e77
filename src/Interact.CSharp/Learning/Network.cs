namespace Interact;

/// <summary>A network that can be trained: operators of ONNX, and named parameters. It never changes.</summary>
public sealed class Network
{
    internal Network(Core.Learning.Network inner)
    {
        Inner = inner;
        InputShape = Array.AsReadOnly(inner.InputShape);
        OutputShape = Array.AsReadOnly(inner.OutputShape);
        Parameters = Array.AsReadOnly([.. inner.Parameters.Select(parameter => new NetworkParameter(parameter))]);
    }

    internal Core.Learning.Network Inner { get; }

    /// <summary>The shape of one example.</summary>
    public IReadOnlyList<int> InputShape { get; }

    /// <summary>The shape of the output for one example.</summary>
    public IReadOnlyList<int> OutputShape { get; }

    /// <summary>The name of the input in files: "input" for a network of layers.</summary>
    public string InputName => Inner.Input;

    /// <summary>The name of the output in files: "output" for a network of layers, unless a layer inside is called so.</summary>
    public string OutputName => Inner.Output;

    /// <summary>The parameters in the order of the layers.</summary>
    public IReadOnlyList<NetworkParameter> Parameters { get; }

    /// <summary>Number of elements of all trained parameters.</summary>
    public long ParameterCount => Inner.ParameterCount;

    /// <summary>A network of layers one after the other.</summary>
    /// <param name="inputShape">The shape of one example: <c>[30]</c> for a table, <c>[1, 8, 8]</c> for images of one channel.</param>
    /// <param name="layers">At least one.</param>
    /// <param name="seed">Of the first values of the parameters: the same seed, the same values.</param>
    /// <exception cref="ArgumentException">A size is not positive, or a layer does not fit what comes before it.</exception>
    public static Network Create(IReadOnlyList<int> inputShape, IEnumerable<Layer> layers, int seed = 0)
    {
        Guard.Sizes(inputShape, nameof(inputShape));
        return new(Interop.CreateNetwork(inputShape, Guard.Items(layers, nameof(layers)), seed));
    }

    /// <summary>A network from an ONNX file, to go on training it.</summary>
    /// <param name="path">The file. The model has one input; its first axis is free, and that of the output, too.</param>
    /// <param name="output">Which of the model's outputs; null for the first floating one.</param>
    /// <param name="limits">How much the file may ask for; the defaults where null.</param>
    /// <remarks>
    /// Parameters are the file's constants that are arrays of floating numbers, except those that operators need to know beforehand,
    /// such as the bounds of Clip. Running statistics of batch normalisations are kept as they are, dropout does nothing, and variational
    /// layers that were saved here are trained as such. Constants that no operator uses are not trained.
    /// Elements keep the types that they have in the file: <see cref="Save"/> rounds to them.
    /// </remarks>
    /// <exception cref="ModelImportException">The file cannot be read as such a network; every reason is listed.</exception>
    public static Network Load(string path, string? output = null, ModelLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new(Interop.LoadNetwork(path, output, limits ?? new ModelLimits()));
    }

    /// <summary>The network of which some parameters are not trained any more; the others are trained as before.</summary>
    /// <param name="chosen">Whether a parameter of a name is held as it is.</param>
    /// <exception cref="ArgumentException">Nothing is left to train.</exception>
    public Network Freeze(Func<string, bool> chosen)
    {
        ArgumentNullException.ThrowIfNull(chosen);
        return new(Interop.Freeze(Inner, chosen));
    }

    /// <summary>
    /// The network as an ONNX file, operator set 17, with as many examples at once as one likes: in single precision where that holds
    /// its parameters exactly, and in double where it does not. The same network gives the same bytes.
    /// </summary>
    public byte[] ToOnnx() => Core.Learning.NetworkModule.toOnnx(Inner);

    /// <summary>Writes <see cref="ToOnnx"/> to a file, which is there whole or not at all.</summary>
    /// <param name="path">The file, in a folder that exists; replaced if it exists.</param>
    /// <exception cref="IOException">The file cannot be written; the message says what would mend it.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Interop.SaveNetwork(Inner, path);
    }

    /// <summary>
    /// The network as a model that can be explained: the function of its parameters as they are, in use rather than in training.
    /// </summary>
    public Model ToModel() => new(Core.Learning.NetworkModule.toModel(Inner));

    /// <summary>Shapes of input and output, and the number of trained elements.</summary>
    public override string ToString() =>
        $"{Guard.Describe(Inner.InputShape)} to {Guard.Describe(Inner.OutputShape)}, {ParameterCount} trained numbers";
}
