namespace Interact;

/// <summary>
/// One step of a <see cref="Network"/>. Every layer acts on each example alone, except batch normalisation in training; shapes are
/// those of one example.
/// </summary>
/// <remarks>
/// Whether a layer fits what comes before it is found out when the network is made, where the message names the layer.
/// </remarks>
public sealed partial class Layer
{
    internal Layer(Core.Learning.Layer inner) => Inner = inner;

    internal Core.Learning.Layer Inner { get; }

    /// <summary>All elements of an example as a vector, row-major.</summary>
    public static Layer Flatten { get; } = new(Core.Learning.LayerModule.flatten);

    /// <summary>The mean of each channel, the first axis of an example: a vector.</summary>
    public static Layer GlobalAveragePooling { get; } = new(Core.Learning.LayerModule.globalAveragePooling);

    /// <summary>
    /// Mean 0 and variance 1 over the last axis of each example, then scale and bias for each of its elements.
    /// </summary>
    /// <remarks>The variance is the biased one, and 1e-5 is added to it. Source: Ba et al. 2016.</remarks>
    public static Layer LayerNormalization { get; } = new(Core.Learning.LayerModule.layerNormalization);

    /// <summary>
    /// Mean 0 and variance 1 of each channel, the first axis of an example: over the batch in training, by the running averages of
    /// these in use; then scale and bias.
    /// </summary>
    /// <remarks>
    /// 1e-5 is added to the variance. The averages keep 9 tenths at every step; that of the variance is of the unbiased one. Source:
    /// Ioffe, Szegedy 2015.
    /// </remarks>
    public static Layer BatchNormalization { get; } = new(Core.Learning.LayerModule.batchNormalization);

    /// <summary>x·W + b over the last axis: W is inputs x units, b has as many elements as units and begins with zeros.</summary>
    /// <param name="units">Elements of the result along the last axis, at least 1.</param>
    /// <param name="initializer">How W is drawn; by Glorot's uniform distribution by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no units.</exception>
    public static Layer Dense(int units, Initializer? initializer = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(units, 1);
        return new(Core.Learning.LayerModule.denseWith((initializer ?? Initializer.GlorotUniform).Inner, units));
    }

    /// <summary>
    /// A dense layer whose weights have a normal distribution each: in training they are drawn anew for every example, and the divergence
    /// of their distribution from N(0, 1), divided by the number of examples, is added to the loss; in use they have their means.
    /// </summary>
    /// <remarks>
    /// Parameters: weight (the means), bias, and spread, of which the deviation is ln(1+exp(spread)). Sources: Blundell et al. 2015;
    /// Kingma, Salimans, Welling 2015.
    /// </remarks>
    /// <param name="units">Elements of the result, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no units.</exception>
    public static Layer Variational(int units)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(units, 1);
        return new(Core.Learning.LayerModule.variational(units));
    }

    /// <summary>x·W over the last axis: W is inputs x units, by Glorot's uniform distribution.</summary>
    /// <param name="units">Elements of the result along the last axis, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no units.</exception>
    public static Layer Linear(int units)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(units, 1);
        return new(Core.Learning.LayerModule.linear(units));
    }

    /// <summary>
    /// A convolution over 1, 2, or 3 spatial axes of examples of shape channels x spatial axes: the weights are filters x channels x
    /// kernel.
    /// </summary>
    /// <param name="filters">Channels of the result, at least 1.</param>
    /// <param name="kernel">Sizes of the windows, one for each spatial axis.</param>
    /// <param name="options">Strides, borders, bias, initializer; the defaults where null.</param>
    /// <exception cref="ArgumentException">A size is not positive, or there are not as many strides as sizes.</exception>
    public static Layer Convolution(int filters, IReadOnlyList<int> kernel, ConvolutionOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(filters, 1);
        Guard.Sizes(kernel, nameof(kernel));
        options ??= new ConvolutionOptions();
        ArgumentNullException.ThrowIfNull(options.Initializer);

        if (!Enum.IsDefined(options.Padding))
            throw new ArgumentException($"Padding {options.Padding} does not exist.", nameof(options));

        if (options.Strides is { } strides)
        {
            Guard.Sizes(strides, nameof(options));

            if (strides.Count != kernel.Count)
            {
                throw new ArgumentException(
                    $"There are {strides.Count} Strides for {kernel.Count} sizes of the kernel; give one for each.",
                    nameof(options)
                );
            }
        }

        return new(Interop.Convolution(filters, kernel, options));
    }

    /// <summary>The largest element of each window of the spatial axes; windows lie side by side.</summary>
    /// <param name="window">Sizes of the windows, one for each spatial axis.</param>
    /// <exception cref="ArgumentException">A size is not positive.</exception>
    public static Layer MaxPooling(params IReadOnlyList<int> window)
    {
        Guard.Sizes(window, nameof(window));
        return new(Interop.MaxPooling(window));
    }

    /// <summary>The mean of each window of the spatial axes; windows lie side by side.</summary>
    /// <param name="window">Sizes of the windows, one for each spatial axis.</param>
    /// <exception cref="ArgumentException">A size is not positive.</exception>
    public static Layer AveragePooling(params IReadOnlyList<int> window)
    {
        Guard.Sizes(window, nameof(window));
        return new(Interop.AveragePooling(window));
    }

    /// <summary>
    /// A row of a table for each whole number: examples of any shape get the width as one more axis at the end. The table is drawn
    /// from the standard normal distribution.
    /// </summary>
    /// <param name="count">Rows of the table: numbers are 0 to count - 1.</param>
    /// <param name="width">Elements of a row.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public static Layer Embedding(int count, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        return new(Core.Learning.LayerModule.embedding(count, width));
    }

    /// <summary>
    /// Self-attention over examples of shape tokens x width: softmax(QKᵀ/√(width/heads))V for each head, joined by a last linear map.
    /// </summary>
    /// <param name="heads">How many heads; they divide the width.</param>
    /// <remarks>Source: Vaswani et al. 2017.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">There is no head.</exception>
    public static Layer Attention(int heads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        return new(Core.Learning.LayerModule.attention(heads));
    }

    /// <summary>
    /// Elements set to zero with the given probability in training, the others divided by 1 - probability; nothing in use.
    /// </summary>
    /// <param name="probability">From 0, and less than 1.</param>
    /// <remarks>Source: Srivastava et al. 2014.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">It is no such probability.</exception>
    public static Layer Dropout(double probability)
    {
        Guard.Fraction(probability, nameof(probability));
        return new(Core.Learning.LayerModule.dropout(probability));
    }

    /// <summary>
    /// (x - mean)/deviation for each element, the same for every example and not trained: what brings a table's columns to mean 0 and
    /// deviation 1, inside the network.
    /// </summary>
    /// <param name="means">As many as an example has elements.</param>
    /// <param name="deviations">As many, all positive.</param>
    /// <exception cref="ArgumentException">A mean is not finite, or a deviation not positive.</exception>
    public static Layer Standardize(IEnumerable<double> means, IEnumerable<double> deviations)
    {
        ArgumentNullException.ThrowIfNull(means);
        ArgumentNullException.ThrowIfNull(deviations);
        return new(Core.Learning.LayerModule.standardize([.. means], [.. deviations]));
    }

    /// <summary>Examples under another shape of as many elements.</summary>
    /// <param name="shape">The shape of the result.</param>
    /// <exception cref="ArgumentException">A size is not positive.</exception>
    public static Layer Reshape(params IReadOnlyList<int> shape)
    {
        Guard.Sizes(shape, nameof(shape));
        return new(Interop.Reshape(shape));
    }

    /// <summary>Axes of an example in another order.</summary>
    /// <param name="order">Axis i of the result is axis order[i]; numbered from 0.</param>
    public static Layer Transpose(params IReadOnlyList<int> order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return new(Interop.Transpose(order));
    }

    /// <summary>Several layers as one.</summary>
    /// <param name="layers">In their order.</param>
    public static Layer Sequence(params IEnumerable<Layer> layers) =>
        new(Interop.Sequence(Guard.Items(layers, nameof(layers))));

    /// <summary>What the layers make of a value, added to the value itself; both must have one shape.</summary>
    /// <param name="layers">In their order.</param>
    /// <remarks>Source: He et al. 2016.</remarks>
    public static Layer Residual(params IEnumerable<Layer> layers) =>
        new(Interop.Residual(Guard.Items(layers, nameof(layers))));

    /// <summary>
    /// The same layer under a name of one's own, which its parameters' names begin with. Without one a layer is called after its kind
    /// and number: "dense2".
    /// </summary>
    /// <param name="name">Different from those of other layers of the network.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public Layer Named(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new(Core.Learning.LayerModule.named(name, Inner));
    }
}
