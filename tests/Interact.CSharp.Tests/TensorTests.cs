namespace Interact.CSharp.Tests;

public class TensorTests
{
    public static TheoryData<string, Func<Tensor, Tensor>, Func<double, double>> Functions { get; } =
        new()
        {
            { "negate", x => -x, x => -x },
            { "add", x => x + 2, x => x + 2 },
            { "subtract", x => 2 - x, x => 2 - x },
            { "multiply", x => 3 * x, x => 3 * x },
            { "divide", x => 3 / x, x => 3 / x },
            { "power", x => Tensor.Pow(x, 1.5), x => Math.Pow(x, 1.5) },
            { "power of", x => Tensor.Pow(2, x), x => Math.Pow(2, x) },
            { "abs", Tensor.Abs, Math.Abs },
            { "sign", Tensor.Sign, x => Math.Sign(x) },
            { "exp", Tensor.Exp, Math.Exp },
            { "log", Tensor.Log, Math.Log },
            { "sqrt", Tensor.Sqrt, Math.Sqrt },
            { "sin", Tensor.Sin, Math.Sin },
            { "cos", Tensor.Cos, Math.Cos },
            { "tan", Tensor.Tan, Math.Tan },
            { "asin", Tensor.Asin, Math.Asin },
            { "acos", Tensor.Acos, Math.Acos },
            { "atan", Tensor.Atan, Math.Atan },
            { "sinh", Tensor.Sinh, Math.Sinh },
            { "cosh", Tensor.Cosh, Math.Cosh },
            { "tanh", Tensor.Tanh, Math.Tanh },
            { "reciprocal", Tensor.Reciprocal, x => 1 / x },
            { "relu", Tensor.Relu, x => Math.Max(x, 0) },
            { "sigmoid", Tensor.Sigmoid, x => 1 / (1 + Math.Exp(-x)) },
            { "softplus", x => Tensor.Softplus(x, 3), x => Math.Log(1 + Math.Exp(3 * x)) / 3 },
            { "silu", Tensor.Silu, x => x / (1 + Math.Exp(-x)) },
            { "max", x => Tensor.Max(x, 0.4), x => Math.Max(x, 0.4) },
            { "min", x => Tensor.Min(x, 0.4), x => Math.Min(x, 0.4) },
            { "where", x => Tensor.Where(x < 0.4, x, 2 * x), x => x < 0.4 ? x : 2 * x },
            { "greater", x => Tensor.Where(x > 0.4, x, 2 * x), x => x > 0.4 ? x : 2 * x },
            { "stop gradient", Tensor.StopGradient, x => x },
        };

    [Theory]
    [MemberData(nameof(Functions), DisableDiscoveryEnumeration = true)]
    public void Functions_act_on_each_element(string name, Func<Tensor, Tensor> function, Func<double, double> expected)
    {
        double[] values = [0.3, 0.5, 0.9];

        double[] found = function(Tensor.Vector(values)).ToArray();

        for (int i = 0; i < values.Length; i++)
            Assert.True(Math.Abs(expected(values[i]) - found[i]) < 1e-14, $"{name} of {values[i]} is {found[i]}");
    }

    [Fact]
    public void Erf_and_gelu_agree_with_tables()
    {
        // Abramowitz and Stegun, table 7.1: erf 0.5.
        Assert.Equal(0.5204998778130465, Tensor.Erf(0.5).ToDouble(), 1e-15);
        Assert.Equal(0.5 * (1 + 0.5204998778130465), Tensor.Gelu(Math.Sqrt(0.5)).ToDouble() / Math.Sqrt(0.5), 1e-15);
    }

    [Fact]
    public void Elements_and_slices_are_picked_from_start_and_end()
    {
        Tensor x = Tensor.Vector(1, 2, 3, 4);
        Tensor m = Tensor.Matrix(
            new double[,]
            {
                { 1, 2, 3 },
                { 4, 5, 6 },
            }
        );

        Assert.Equal(2, x[1].ToDouble());
        Assert.Equal(4, x[^1].ToDouble());
        Assert.Equal([2, 3], x[1..3].ToArray());
        Assert.Equal([3, 4], x[^2..].ToArray());
        Assert.Equal([4, 5, 6], m[1].ToArray());
        Assert.Equal(6, m[1, 2].ToDouble());
        Assert.Equal([2, 3], m.Shape);
        Assert.Equal(2, m.Rank);
        Assert.Equal(6, m.Size);
    }

    [Fact]
    public void Sums_means_and_products_follow_the_axes()
    {
        Tensor m = Tensor.Matrix(
            new double[,]
            {
                { 1, 2, 3 },
                { 4, 5, 6 },
            }
        );

        Assert.Equal(21, Tensor.Sum(m).ToDouble());
        Assert.Equal([5, 7, 9], Tensor.Sum(m, 0).ToArray());
        Assert.Equal([6, 15], Tensor.Sum(m, -1).ToArray());
        Assert.Equal(3.5, Tensor.Mean(m).ToDouble());
        Assert.Equal([2, 5], Tensor.Mean(m, 1).ToArray());
        Assert.Equal(6, Tensor.Max(m).ToDouble());
        Assert.Equal(91, Tensor.Dot(m, m).ToDouble());
        Assert.Equal([14, 32], Tensor.MatMul(m, Tensor.Vector(1, 2, 3)).ToArray());
        Assert.Equal([9, 12, 15], Tensor.MatMul(Tensor.Vector(1, 2), m).ToArray());
        Assert.Equal([14, 32, 32, 77], Tensor.MatMul(m, Tensor.Transpose(m)).ToArray());
        Assert.Equal([1, 2, 3, 4, 5, 6], Tensor.Reshape(m, 3, 2).ToArray());
        Assert.Equal([0.25, 0.75], Tensor.Softmax(Tensor.Vector(0, Math.Log(3))).ToArray());
        Assert.Equal(Math.Log(0.75), Tensor.LogSoftmax(Tensor.Vector(0, Math.Log(3)))[1].ToDouble(), 1e-15);
        Assert.Equal(Math.Log(4), Tensor.LogSumExp(Tensor.Vector(0, Math.Log(3))).ToDouble(), 1e-15);
    }

    [Fact]
    public void Tensors_are_joined_along_an_axis()
    {
        Tensor m = Tensor.Matrix(
            new double[,]
            {
                { 1, 2 },
                { 3, 4 },
            }
        );
        Tensor column = Tensor.Reshape(Tensor.Vector(5, 6), 2, 1);

        Assert.Equal([1, 2, 5, 3, 4, 6], Tensor.Concat([m, column], axis: 1).ToArray());
        Assert.Equal([1, 2, 7], Tensor.Concat([Tensor.Vector(1, 2), Tensor.Vector(7)]).ToArray());
        Assert.Equal([1, 2], Tensor.Stack(1, 2).ToArray());
        Assert.Equal([2, 2, 2], Tensor.Stack(m, m).Shape);
    }

    [Fact]
    public void Tensors_are_functions_of_arguments_too()
    {
        Model model = Model.FromFunction(
            4,
            x => Tensor.Sum(Tensor.Softmax(x)[1..3]) + Tensor.Concat([x[..1], x[2..]])[^1] + Tensor.Stack(x[0], x[1])[1]
        );

        double total = Math.Exp(1) + Math.Exp(2) + Math.Exp(3) + Math.Exp(4);
        Assert.Equal((Math.Exp(2) + Math.Exp(3)) / total + 4 + 2, model.Evaluate([1, 2, 3, 4])[0], 1e-14);
    }

    [Fact]
    public void The_default_is_zero()
    {
        Assert.Equal(0, default(Tensor).ToDouble());
        Assert.Equal(3, (default(Tensor) + 3).ToDouble());
        Assert.Empty(default(Tensor).Shape);
    }

    [Fact]
    public void Large_constants_have_values_too()
    {
        Tensor large = Tensor.Reshape(Tensor.Vector(new double[10_000]), 100, 100) + 1;

        Assert.Equal(10_000, Tensor.Sum(Tensor.Exp(large) / Math.E).ToDouble(), 1e-9);
    }

    [Fact]
    public void An_argument_has_no_value()
    {
        Assert.Throws<InvalidOperationException>(() => Model.FromFunction(2, x => Tensor.Scalar((2 * x).ToArray()[0])));
        Assert.Throws<InvalidOperationException>(() => Tensor.Vector(1, 2).ToDouble());
    }

    [Fact]
    public void Errors_name_the_parameter()
    {
        Tensor two = Tensor.Vector(1, 2);
        Tensor three = Tensor.Vector(1, 2, 3);

        Assert.Throws<ArgumentException>("right", () => two + three);
        Assert.Throws<ArgumentException>("right", () => two < three);
        Assert.Throws<ArgumentException>("y", () => Tensor.Pow(two, three));
        Assert.Throws<ArgumentException>("y", () => Tensor.Dot(two, three));
        Assert.Throws<ArgumentException>("y", () => Tensor.MatMul(two, three));
        Assert.Throws<ArgumentException>("x", () => Tensor.MatMul(2, three));
        Assert.Throws<ArgumentException>("condition", () => Tensor.Where(three, two, two));
        Assert.Throws<ArgumentException>("whenFalse", () => Tensor.Where(three, two, three));
        Assert.Throws<ArgumentException>("parts", () => Tensor.Stack(two, three));
        Assert.Throws<ArgumentException>("parts", () => Tensor.Stack());
        Assert.Throws<ArgumentException>("parts", () => Tensor.Concat([two, 1]));
        Assert.Throws<ArgumentException>("shape", () => Tensor.Reshape(two, 3));
        Assert.Throws<ArgumentException>("shape", () => Tensor.Create([65536, 65536], []));
        Assert.Throws<ArgumentOutOfRangeException>("axis", () => Tensor.Sum(two, 1));
        Assert.Throws<ArgumentOutOfRangeException>("axis", () => Tensor.Softmax(1));
        Assert.Throws<ArgumentOutOfRangeException>("axis", () => Tensor.LogSumExp(two[..0]));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => two[2]);
        Assert.Throws<ArgumentOutOfRangeException>("index", () => two[^3]);
        Assert.Throws<ArgumentOutOfRangeException>("index", () => Tensor.Scalar(1)[0]);
        Assert.Throws<ArgumentOutOfRangeException>("column", () => two[0, 0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => two[1..4]);
        Assert.Throws<ArgumentOutOfRangeException>("beta", () => Tensor.Softplus(1, -1));
    }
}
