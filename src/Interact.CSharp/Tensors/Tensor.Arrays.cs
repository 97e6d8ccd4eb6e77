namespace Interact;

public readonly partial struct Tensor
{
    /// <summary>Sum of all elements: a scalar.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Sum(Tensor x) => new(Core.TensorModule.sum(x.Inner));

    /// <summary>Sum along an axis, which is removed.</summary>
    /// <param name="x">At least one axis.</param>
    /// <param name="axis">From 0; negative from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public static Tensor Sum(Tensor x, int axis) => new(Core.TensorModule.sumAlong(Guard.Axis(axis, x), x.Inner));

    /// <summary>Mean of all elements: a scalar.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Mean(Tensor x) => new(Core.TensorModule.mean(x.Inner));

    /// <summary>Mean along an axis, which is removed.</summary>
    /// <param name="x">At least one axis.</param>
    /// <param name="axis">From 0; negative from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public static Tensor Mean(Tensor x, int axis) => Sum(x, axis) / x.Sizes[Guard.Axis(axis, x)];

    /// <summary>The largest element: a scalar. Where several are equal they share the derivative.</summary>
    /// <param name="x">At least one element.</param>
    /// <exception cref="ArgumentException">There is no element.</exception>
    public static Tensor Max(Tensor x)
    {
        if (x.Size == 0)
            throw new ArgumentException("There is no element to choose from.", nameof(x));

        return new Tensor(Core.TensorModule.maximum(x.Inner));
    }

    /// <summary>Inner product over all axes: a scalar.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="y">The same shape.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor Dot(Tensor x, Tensor y)
    {
        Guard.SameShape(y.Sizes, x.Sizes, nameof(y));
        return new Tensor(Core.TensorModule.dot(x.Inner, y.Inner));
    }

    /// <summary>Matrix product over the last two axes; leading axes are batches.</summary>
    /// <param name="x">... x m x n; a vector is taken as a row.</param>
    /// <param name="y">... x n x k; a vector is taken as a column.</param>
    /// <returns>... x m x k; the axis of a vector is removed.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or one of the two is a scalar.</exception>
    public static Tensor MatMul(Tensor x, Tensor y)
    {
        int[] left = x.Sizes;
        int[] right = y.Sizes;

        if (left.Length == 0)
            throw new ArgumentException("A scalar is no matrix; multiply by it with *.", nameof(x));

        if (right.Length == 0 || right[Math.Max(0, right.Length - 2)] != left[^1])
        {
            throw new ArgumentException(
                $"Shapes {Guard.Describe(left)} and {Guard.Describe(right)} do not fit for a matrix product.",
                nameof(y)
            );
        }

        Guard.Common(Batch(left), Batch(right), nameof(y));
        return new Tensor(Core.TensorModule.matmul(x.Inner, y.Inner));
    }

    /// <summary>exp(x)/Σ exp(x) along an axis, without overflow.</summary>
    /// <param name="x">At least one axis, and one element.</param>
    /// <param name="axis">From 0; negative from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or nothing along it.</exception>
    public static Tensor Softmax(Tensor x, int axis = -1) =>
        new(Core.TensorModule.softmax(Guard.FilledAxis(axis, x), x.Inner));

    /// <summary>ln softmax(x) along an axis, without overflow.</summary>
    /// <param name="x">At least one axis, and one element.</param>
    /// <param name="axis">From 0; negative from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or nothing along it.</exception>
    public static Tensor LogSoftmax(Tensor x, int axis = -1) =>
        new(Core.TensorModule.logSoftmax(Guard.FilledAxis(axis, x), x.Inner));

    /// <summary>ln Σ exp(x) along an axis, which is kept at size 1, without overflow.</summary>
    /// <param name="x">At least one axis, and one element.</param>
    /// <param name="axis">From 0; negative from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or nothing along it.</exception>
    public static Tensor LogSumExp(Tensor x, int axis = -1) =>
        new(Core.TensorModule.logSumExp(Guard.FilledAxis(axis, x), x.Inner));

    /// <summary>Axes in reverse order; for a matrix its transpose.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Transpose(Tensor x) => new(Core.TensorModule.transpose(x.Inner));

    /// <summary>The same elements in row-major order under another shape.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="shape">Sizes of the axes, outermost first; none for a scalar.</param>
    /// <exception cref="ArgumentException">The sizes do not multiply to the number of elements.</exception>
    public static Tensor Reshape(Tensor x, params ReadOnlySpan<int> shape)
    {
        Guard.Shape(shape, x.Size, nameof(shape));
        return new Tensor(Core.TensorModule.reshape(shape.ToArray(), x.Inner));
    }

    /// <summary>Scalars side by side as a vector; tensors of one shape along a new first axis.</summary>
    /// <param name="parts">At least one; all of one shape.</param>
    /// <exception cref="ArgumentException">There are none, or the shapes differ.</exception>
    public static Tensor Stack(params ReadOnlySpan<Tensor> parts)
    {
        Guard.NotEmpty(parts, nameof(parts));

        foreach (Tensor part in parts)
            Guard.SameShape(part.Sizes, parts[0].Sizes, nameof(parts));

        return new Tensor(Interop.Stack(parts));
    }

    /// <summary>Tensors one after the other along an axis.</summary>
    /// <param name="parts">At least one; all of one shape beside that axis.</param>
    /// <param name="axis">From 0; negative from the end.</param>
    /// <exception cref="ArgumentException">There are none, or the shapes differ beside the axis.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public static Tensor Concat(ReadOnlySpan<Tensor> parts, int axis = 0)
    {
        Guard.NotEmpty(parts, nameof(parts));
        int along = Guard.Axis(axis, parts[0]);
        int[] wanted = parts[0].Sizes;

        foreach (Tensor part in parts)
        {
            int[] sizes = part.Sizes;
            if (sizes.Length == wanted.Length)
                wanted[along] = sizes[along];

            Guard.SameShape(sizes, wanted, nameof(parts));
        }

        return new Tensor(Interop.Concat(parts, along));
    }

    private static ReadOnlySpan<int> Batch(int[] sizes) => sizes.AsSpan(..Math.Max(0, sizes.Length - 2));
}
