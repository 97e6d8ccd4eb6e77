namespace Interact;

public readonly partial struct Tensor
{
    /// <summary>The negative of each element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor operator -(Tensor x) => new(-x.Inner);

    /// <summary>Sum, element by element.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">A shape that fits.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor operator +(Tensor left, Tensor right) =>
        Guard.Fitting(left, right, nameof(right), (x, y) => x + y);

    /// <summary>Difference, element by element.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">A shape that fits.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor operator -(Tensor left, Tensor right) =>
        Guard.Fitting(left, right, nameof(right), (x, y) => x - y);

    /// <summary>Product, element by element; <see cref="MatMul"/> is the matrix product.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">A shape that fits.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor operator *(Tensor left, Tensor right) =>
        Guard.Fitting(left, right, nameof(right), (x, y) => x * y);

    /// <summary>Quotient, element by element.</summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">A shape that fits.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor operator /(Tensor left, Tensor right) =>
        Guard.Fitting(left, right, nameof(right), (x, y) => x / y);

    /// <summary>
    /// 1 where the left element is smaller, 0 elsewhere; its derivative is 0. For <see cref="Where"/>.
    /// </summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">A shape that fits.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor operator <(Tensor left, Tensor right) =>
        Guard.Fitting(left, right, nameof(right), Core.TensorModule.less);

    /// <summary>
    /// 1 where the left element is larger, 0 elsewhere; its derivative is 0. For <see cref="Where"/>.
    /// </summary>
    /// <param name="left">Any shape.</param>
    /// <param name="right">A shape that fits.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor operator >(Tensor left, Tensor right) =>
        Guard.Fitting(left, right, nameof(right), (x, y) => Core.TensorModule.less(y, x));
}
