namespace Interact.CSharp.Tests;

public class ModelTests
{
    [Fact]
    public void A_function_has_its_value_gradient_and_hessian()
    {
        Model model = Examples.TwoOutputs;

        Assert.Equal(2, model.InputSize);
        Assert.Equal(2, model.OutputSize);
        Assert.Equal([3, 12], model.Evaluate([3, 2]));
        Assert.Equal([4, 6], model.Gradient([3, 2], target: 1));
        Assert.Equal(
            new double[,]
            {
                { 0, 2 },
                { 2, 0 },
            },
            model.Hessian([3, 2], target: 1)
        );
        Assert.Equal([1, 0], model.Gradient([3, 2], target: 0));
    }

    [Fact]
    public void Rows_are_arrays_or_spans()
    {
        double[] row = [3, 2];
        ReadOnlySpan<double> span = row;
        double[][] rows = [row];

        Assert.Equal(Examples.TwoOutputs.Evaluate(row), Examples.TwoOutputs.Evaluate(span));
        Assert.Equal(Examples.TwoOutputs.Gradient(row, 1), Examples.TwoOutputs.Gradient(span, 1));
        Assert.Equal(Examples.TwoOutputs.Hessian(row, 1), Examples.TwoOutputs.Hessian(span, 1));
        Assert.Equal([3, 12], rows.Select(Examples.TwoOutputs.Evaluate).Single());
    }

    [Fact]
    public void A_function_with_a_matrix_as_result_is_flattened()
    {
        Model model = Model.FromFunction(2, x => Tensor.MatMul(Tensor.Reshape(x, 2, 1), Tensor.Reshape(x, 1, 2)));

        Assert.Equal([9, 6, 6, 4], model.Evaluate([3, 2]));
    }

    [Fact]
    public void A_constant_function_has_zero_derivatives()
    {
        Model model = Model.FromFunction(2, _ => 5);

        Assert.Equal([5], model.Evaluate([3, 2]));
        Assert.Equal([0, 0], model.Gradient([3, 2], 0));
        Assert.Equal(new double[2, 2], model.Hessian([3, 2], 0));
    }

    [Fact]
    public void Smoothing_replaces_relu_by_softplus()
    {
        Model model = Model.FromFunction(1, x => Tensor.Relu(x[0]));

        Model smooth = model.Smooth(2);

        Assert.Equal(Math.Log(1 + Math.Exp(2 * 0.3)) / 2, smooth.Evaluate([0.3])[0], 1e-15);
        Assert.Equal([0.3], model.Evaluate([0.3]));
    }

    [Fact]
    public void An_oracle_is_explained_like_the_function_itself()
    {
        var oracle = new DerivativeOracle
        {
            InputSize = 2,
            Value = x => [x[0] * x[0] * x[1]],
            Gradient = (x, weights) => [weights[0] * 2 * x[0] * x[1], weights[0] * x[0] * x[0]],
            Curvature = (x, weights, directions) => Bilinear(x, weights[0], directions),
        };

        InteractionResult outside = Explain.IntegratedHessians(Model.FromOracle(oracle), [1.5, -2]);
        InteractionResult inside = Explain.IntegratedHessians(
            Model.FromFunction(2, x => x[0] * x[0] * x[1]),
            [1.5, -2]
        );

        Assert.True(outside.Certificate.Satisfied);
        Assert.Equal(inside.Interactions[0, 1], outside.Interactions[0, 1], 1e-14);
        Assert.Equal(inside.Interactions[0, 0], outside.Interactions[0, 0], 1e-14);
    }

    [Fact]
    public void An_oracle_that_gives_another_size_is_told_so()
    {
        var oracle = new DerivativeOracle
        {
            InputSize = 2,
            Value = x => [x[0], x[1]],
            Gradient = (x, weights) => [1],
            Curvature = (x, weights, directions) => new double[1, 1],
        };
        Model model = Model.FromOracle(oracle with { Value = x => [x[0]] });

        string value = Assert
            .Throws<InvalidOperationException>(() => Model.FromOracle(oracle).Evaluate([1.0, 2]))
            .Message;
        string gradient = Assert.Throws<InvalidOperationException>(() => model.Gradient([1.0, 2], 0)).Message;
        string hessian = Assert.Throws<InvalidOperationException>(() => model.Hessian([1.0, 2], 0)).Message;

        Assert.Equal("The oracle's Value gives 2 elements; 1 are needed.", value);
        Assert.Equal("The oracle's Gradient gives 1 elements; 2 are needed.", gradient);
        Assert.Equal("The oracle's Curvature gives 1 x 1 elements; 2 x 2 are needed.", hessian);
    }

    [Fact]
    public void An_oracle_cannot_be_smoothed()
    {
        Model model = Model.FromOracle(
            new DerivativeOracle
            {
                InputSize = 1,
                Value = x => x,
                Gradient = (_, _) => [1],
                Curvature = (_, _, directions) => new double[directions.Length, directions.Length],
            }
        );

        Assert.Throws<NotSupportedException>(() => model.Smooth(10));
    }

    [Fact]
    public void Errors_name_the_parameter()
    {
        Model model = Examples.TwoOutputs;

        Assert.Throws<ArgumentNullException>("row", () => model.Evaluate(null!));
        Assert.Throws<ArgumentException>("row", () => model.Evaluate([1.0]));
        Assert.Throws<ArgumentException>("row", () => model.Gradient([1.0, double.NaN], 0));
        Assert.Throws<ArgumentOutOfRangeException>("target", () => model.Gradient([1.0, 2], 2));
        Assert.Throws<ArgumentOutOfRangeException>("target", () => model.Hessian([1.0, 2], -1));
        Assert.Throws<ArgumentOutOfRangeException>("beta", () => model.Smooth(0));
        Assert.Throws<ArgumentOutOfRangeException>("inputSize", () => Model.FromFunction(0, x => x));
        Assert.Throws<ArgumentException>("function", () => Model.FromFunction(1, x => x[..0]));
        Assert.Throws<ArgumentNullException>("function", () => Model.FromFunction(1, null!));
        Assert.Throws<ArgumentNullException>("path", () => Model.Load(null!));
    }

    [Fact]
    public void What_a_function_raises_passes_through()
    {
        var raised = new InvalidTimeZoneException();

        Assert.Same(raised, Assert.Throws<InvalidTimeZoneException>(() => Model.FromFunction(1, _ => throw raised)));
    }

    private static double[,] Bilinear(double[] x, double weight, double[][] directions)
    {
        var result = new double[directions.Length, directions.Length];

        for (int i = 0; i < directions.Length; i++)
        {
            for (int j = 0; j < directions.Length; j++)
            {
                double[] u = directions[i];
                double[] v = directions[j];
                result[i, j] = weight * (2 * x[1] * u[0] * v[0] + 2 * x[0] * (u[0] * v[1] + u[1] * v[0]));
            }
        }

        return result;
    }
}
