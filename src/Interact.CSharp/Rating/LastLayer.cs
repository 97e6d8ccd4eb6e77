namespace Interact;

/// <summary>A network's last layer with independent normal weights: outputs are Wᵀh + b for features h.</summary>
public sealed class LastLayer
{
    private LastLayer(double[][] mean, double[][] variance, double[]? bias)
    {
        MeanRows = mean;
        VarianceRows = variance;
        BiasValues = bias ?? new double[mean[0].Length];
    }

    /// <summary>Features x outputs.</summary>
    internal double[][] MeanRows { get; }

    /// <summary>Features x outputs.</summary>
    internal double[][] VarianceRows { get; }

    internal double[] BiasValues { get; }

    /// <summary>Number of features: the operands of the layer.</summary>
    public int FeatureCount => MeanRows.Length;

    /// <summary>Number of outputs, such as classes.</summary>
    public int OutputCount => MeanRows[0].Length;

    /// <summary>The name of the network's value that the layer is applied to; null where the layer is given without a network.</summary>
    public string? Features { get; private init; }

    /// <summary>A layer with one output.</summary>
    /// <param name="mean">The weights' means, one for each feature.</param>
    /// <param name="variance">The weights' variances.</param>
    /// <param name="bias">What is added.</param>
    /// <exception cref="ArgumentException">
    /// Lengths differ, there is no feature, or an element is not finite or a variance negative.
    /// </exception>
    public static LastLayer Create(double[] mean, double[] variance, double bias = 0)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(variance);
        return Checked(Column(mean), Column(variance), [bias]);
    }

    /// <summary>A layer with several outputs.</summary>
    /// <param name="mean">The weights' means, features x outputs.</param>
    /// <param name="variance">The weights' variances, features x outputs.</param>
    /// <param name="bias">What is added, one number for each output; zeros where null.</param>
    /// <exception cref="ArgumentException">
    /// Sizes differ, there is no feature or output, or an element is not finite or a variance negative.
    /// </exception>
    public static LastLayer Create(double[,] mean, double[,] variance, double[]? bias = null)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(variance);
        return Checked(Rows(mean), Rows(variance), bias is null ? null : [.. bias]);
    }

    /// <summary>The last layer of a network, as it was learned.</summary>
    /// <param name="network">A network that ends in <see cref="Layer.Variational"/>.</param>
    /// <exception cref="ArgumentException">Its last layer is no such layer.</exception>
    public static LastLayer OfNetwork(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        Core.LastLayer found = Core.Learning.VariationalLayer.posterior(network.Inner);

        return new(found.Mean, found.Variance, found.Bias)
        {
            Features = Core.Learning.VariationalLayer.features(network.Inner),
        };
    }

    /// <summary>Reads a layer from a .npz file.</summary>
    /// <param name="path">
    /// The file, with the arrays <c>mean</c> and <c>variance</c>, features or features x outputs, and, unless it is 0, <c>bias</c>, one
    /// number for each output.
    /// </param>
    /// <exception cref="DataFormatException">The file cannot be read, or holds something else.</exception>
    public static LastLayer Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        double[][]?[] arrays = Interop.ReadArrays(path, ("mean", true), ("variance", true), ("bias", false));

        try
        {
            return Checked(Turned(arrays[0]!), Turned(arrays[1]!), arrays[2]?.SelectMany(row => row).ToArray());
        }
        catch (ArgumentException problem)
        {
            string why = problem.Message.Split(" (Parameter")[0].TrimEnd('.');
            throw new DataFormatException($"{path}: {why}; save mean and variance as features x outputs");
        }
    }

    private static LastLayer Checked(double[][] mean, double[][] variance, double[]? bias)
    {
        Check(mean, mean, nameof(mean));
        Check(variance, mean, nameof(variance));

        foreach ((int feature, double[] row) in variance.Index())
        {
            if (row.Any(value => value < 0))
                throw new ArgumentException($"A variance of feature {feature} is negative.", nameof(variance));
        }

        if (bias is not null)
            Guard.Row(bias, mean[0].Length, "bias", nameof(bias));

        return new LastLayer(mean, variance, bias);
    }

    private static void Check(double[][] rows, double[][] like, string name)
    {
        if (rows.Length == 0 || rows[0].Length == 0)
            throw new ArgumentException($"{name} is empty.", name);

        if (rows.Length != like.Length || rows[0].Length != like[0].Length)
        {
            throw new ArgumentException(
                $"{name} is {rows.Length} x {rows[0].Length}, and mean {like.Length} x {like[0].Length}.",
                name
            );
        }

        foreach ((int feature, double[] row) in rows.Index())
            Guard.Row(row, like[0].Length, $"row {feature} of {name}", name);
    }

    private static double[][] Column(double[] values) => Array.ConvertAll(values, value => new[] { value });

    private static double[][] Rows(double[,] values) =>
        [
            .. Enumerable
                .Range(0, values.GetLength(0))
                .Select(row =>
                    Enumerable.Range(0, values.GetLength(1)).Select(column => values[row, column]).ToArray()
                ),
        ];

    /// <summary>An array of one axis is read as one row: the features of the only output.</summary>
    private static double[][] Turned(double[][] rows) => rows.Length == 1 ? Column(rows[0]) : rows;
}
