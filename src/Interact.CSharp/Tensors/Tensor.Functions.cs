namespace Interact;

public readonly partial struct Tensor
{
    /// <summary>|x|, element by element, with derivative 0 at 0.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Abs(Tensor x) => new(Core.Tensor.Abs(x.Inner));

    /// <summary>-1, 0 or 1, element by element; its derivative is 0.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Sign(Tensor x) => new(Core.Tensor.Sign(x.Inner));

    /// <summary>exp(x), element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Exp(Tensor x) => new(Core.Tensor.Exp(x.Inner));

    /// <summary>The natural logarithm, element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Log(Tensor x) => new(Core.Tensor.Log(x.Inner));

    /// <summary>√x, element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Sqrt(Tensor x) => new(Core.Tensor.Sqrt(x.Inner));

    /// <summary>sin x of radians, element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Sin(Tensor x) => new(Core.Tensor.Sin(x.Inner));

    /// <summary>cos x of radians, element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Cos(Tensor x) => new(Core.Tensor.Cos(x.Inner));

    /// <summary>tan x of radians, element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Tan(Tensor x) => new(Core.Tensor.Tan(x.Inner));

    /// <summary>The angle in radians whose sine is x, element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Asin(Tensor x) => new(Core.Tensor.Asin(x.Inner));

    /// <summary>The angle in radians whose cosine is x, element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Acos(Tensor x) => new(Core.Tensor.Acos(x.Inner));

    /// <summary>The angle in radians whose tangent is x, element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Atan(Tensor x) => new(Core.Tensor.Atan(x.Inner));

    /// <summary>The hyperbolic sine, element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Sinh(Tensor x) => new(Core.Tensor.Sinh(x.Inner));

    /// <summary>The hyperbolic cosine, element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Cosh(Tensor x) => new(Core.Tensor.Cosh(x.Inner));

    /// <summary>The hyperbolic tangent, element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Tanh(Tensor x) => new(Core.Tensor.Tanh(x.Inner));

    /// <summary>1/x, element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Reciprocal(Tensor x) => new(Core.TensorModule.reciprocal(x.Inner));

    /// <summary>The error function, element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Erf(Tensor x) => new(Core.TensorModule.erf(x.Inner));

    /// <summary>max(x, 0), element by element, with derivative 0 at 0.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Relu(Tensor x) => new(Core.TensorModule.relu(x.Inner));

    /// <summary>1/(1+exp(-x)), element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Sigmoid(Tensor x) => new(Core.TensorModule.sigmoid(x.Inner));

    /// <summary>ln(1+exp(βx))/β, element by element, which tends to <see cref="Relu"/> as β grows.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="beta">β, positive and finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">β is not positive and finite.</exception>
    public static Tensor Softplus(Tensor x, double beta = 1)
    {
        Guard.Positive(beta, nameof(beta));
        return new Tensor(Core.TensorModule.softplus(beta, x.Inner));
    }

    /// <summary>x·sigmoid(x), also called swish, element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Silu(Tensor x) => new(Core.TensorModule.silu(x.Inner));

    /// <summary>x·Φ(x) with the normal distribution function Φ, by the error function, element by element.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor Gelu(Tensor x) => new(Core.TensorModule.gelu(x.Inner));

    /// <summary>x to the power y, element by element.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="y">A shape that fits.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor Pow(Tensor x, Tensor y) => Guard.Fitting(x, y, nameof(y), Core.Tensor.Pow);

    /// <summary>The larger, element by element; where both are equal each takes half of the derivative.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="y">A shape that fits.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor Max(Tensor x, Tensor y) => Guard.Fitting(x, y, nameof(y), Core.TensorModule.max);

    /// <summary>The smaller, element by element; where both are equal each takes half of the derivative.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="y">A shape that fits.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor Min(Tensor x, Tensor y) => Guard.Fitting(x, y, nameof(y), Core.TensorModule.min);

    /// <summary>One of two, element by element.</summary>
    /// <param name="condition">Such as <c>x &lt; y</c>; has derivative 0.</param>
    /// <param name="whenTrue">Taken where the condition is not 0.</param>
    /// <param name="whenFalse">Taken where the condition is 0.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor Where(Tensor condition, Tensor whenTrue, Tensor whenFalse)
    {
        int[] choices = Guard.Common(whenTrue.Sizes, whenFalse.Sizes, nameof(whenFalse));
        Guard.Common(condition.Sizes, choices, nameof(condition));
        return new Tensor(Core.TensorModule.where(condition.Inner, whenTrue.Inner, whenFalse.Inner));
    }

    /// <summary>The value, taken as constant by every derivative.</summary>
    /// <param name="x">Any shape.</param>
    public static Tensor StopGradient(Tensor x) => new(Core.TensorModule.stopGradient(x.Inner));
}
