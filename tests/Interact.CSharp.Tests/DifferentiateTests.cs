namespace Interact.CSharp.Tests;

public class DifferentiateTests
{
    private static readonly Tensor Point = Tensor.Vector(0.7, -1.3);

    /// <summary>x0³·x1² with everything that its derivatives are made of.</summary>
    private static Tensor Monomial(Tensor x) => Tensor.Pow(x[0], 3) * Tensor.Pow(x[1], 2);

    [Fact]
    public void Gradient_and_hessian_agree_with_closed_forms()
    {
        (double a, double b) = (0.7, -1.3);

        AssertNear([3 * a * a * b * b, 2 * a * a * a * b], Differentiate.Grad(Monomial)(Point));
        AssertNear(
            [6 * a * b * b, 6 * a * a * b, 6 * a * a * b, 2 * a * a * a],
            Differentiate.Hessian(Monomial)(Point)
        );
    }

    [Fact]
    public void Derivatives_nest_to_any_depth()
    {
        Func<Tensor, Tensor> third = Differentiate.Grad(Differentiate.Grad(Differentiate.Grad(Tensor.Sin)));

        AssertNear([-Math.Cos(0.4)], third(0.4));
    }

    [Fact]
    public void Derivatives_inside_derivatives_do_not_mix_up_their_variables()
    {
        // d/dx [x · d/dy (x + y)] = 1 at every x; confusing x and y gives 2.
        Func<Tensor, Tensor> outer = x => x * Differentiate.Grad(y => x + y)(1);

        AssertNear([1], Differentiate.Grad(outer)(5));
    }

    [Fact]
    public void Products_with_derivatives_agree_with_the_derivatives()
    {
        Func<Tensor, Tensor> pair = x => Tensor.Stack(x[0] * x[1], Tensor.Exp(x[0]));
        Tensor direction = Tensor.Vector(2, -1);

        AssertNear([2 * -1.3 - 0.7, 2 * Math.Exp(0.7)], Differentiate.Jvp(pair)(Point, direction));
        AssertNear([2 * -1.3 - Math.Exp(0.7), 2 * 0.7], Differentiate.Vjp(pair)(Point, direction));
        AssertNear(
            Tensor.MatMul(Differentiate.Hessian(Monomial)(Point), direction).ToArray(),
            Differentiate.Hvp(Monomial)(Point, direction)
        );
        AssertNear(
            [Tensor.Dot(direction, Differentiate.Hvp(Monomial)(Point, direction)).ToDouble()],
            Differentiate.Curvature(Monomial)(Point, Tensor.Stack(direction))
        );
    }

    [Fact]
    public void Mixed_derivatives_have_any_order()
    {
        (double a, double b) = (0.7, -1.3);

        AssertNear([6 * a * 2 * b], Differentiate.Mixed(Monomial, 0, 0, 1)(Point));
        AssertNear([6 * 2], Differentiate.Mixed(Monomial, 0, 1, 0, 1, 0)(Point));
        AssertNear([a * a * a * b * b], Differentiate.Mixed(Monomial)(Point));
    }

    [Fact]
    public void A_function_is_mapped_over_a_batch()
    {
        Tensor batch = Tensor.Matrix(
            new double[,]
            {
                { 1, 2 },
                { 3, 4 },
                { 5, 6 },
            }
        );

        AssertNear([2, 12, 30], Differentiate.Vmap(x => x[0] * x[1])(batch));
        AssertNear([2, 1, 4, 3, 6, 5], Differentiate.Vmap(Differentiate.Grad(x => x[0] * x[1]))(batch));
    }

    [Fact]
    public void Errors_name_the_parameter()
    {
        Tensor three = Tensor.Vector(1, 2, 3);

        Assert.Throws<ArgumentNullException>("function", () => Differentiate.Grad(null!));
        Assert.Throws<ArgumentException>("function", () => Differentiate.Grad(x => x)(three));
        Assert.Throws<ArgumentException>("function", () => Differentiate.Hessian(x => x)(three));
        Assert.Throws<ArgumentException>("tangent", () => Differentiate.Jvp(x => x)(Point, three));
        Assert.Throws<ArgumentException>("cotangent", () => Differentiate.Vjp(x => x)(Point, three));
        Assert.Throws<ArgumentException>("direction", () => Differentiate.Hvp(Tensor.Sum)(Point, three));
        Assert.Throws<ArgumentException>("directions", () => Differentiate.Curvature(Tensor.Sum)(Point, Point));
        Assert.Throws<ArgumentOutOfRangeException>("indices", () => Differentiate.Mixed(Tensor.Sum, 2)(Point));
        Assert.Throws<ArgumentException>("batch", () => Differentiate.Vmap(x => x)(1));
    }

    private static void AssertNear(double[] expected, Tensor found)
    {
        double[] values = found.ToArray();
        Assert.Equal(expected.Length, values.Length);

        for (int i = 0; i < values.Length; i++)
            Assert.Equal(expected[i], values[i], 1e-13);
    }
}
