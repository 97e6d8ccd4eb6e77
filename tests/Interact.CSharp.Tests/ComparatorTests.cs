namespace Interact.CSharp.Tests;

/// <summary>Shapley interactions, derivatives at the row, contextual decomposition, neural interaction detection.</summary>
public class ComparatorTests
{
    /// <summary>x0·x1·x2 + x0, at (1, 1, 1) against zeros: one term of three features, one of one.</summary>
    private static readonly Model Triple = Model.FromFunction(3, x => x[0] * x[1] * x[2] + x[0]);

    /// <summary>2·relu(x0 + 2·x1) + relu(3·x1 - x2).</summary>
    private static readonly Model TwoUnits = Model.FromFunction(
        3,
        x => 2 * Tensor.Relu(x[0] + 2 * x[1]) + Tensor.Relu(3 * x[1] - x[2])
    );

    private static Model Dense()
    {
        Tensor first = Tensor.Matrix(
            new double[,]
            {
                { 1, 0 },
                { 2, 3 },
                { 0, -1 },
            }
        );
        Tensor second = Tensor.Matrix(
            new double[,]
            {
                { 2 },
                { 1 },
            }
        );

        return Model.FromFunction(3, x => Tensor.MatMul(Tensor.Relu(Tensor.MatMul(x, first)), second));
    }

    [Fact]
    public void Shapley_interactions_share_a_term_of_three_features()
    {
        InteractionResult result = Explain.ShapleyInteractions(Triple, [1, 1, 1]);

        // The term counts 1/(3 - 1) for each pair, half of it in each cell, and 1/3 for each feature.
        Assert.Equal(0.25, result.Interactions[0, 1], 1e-14);
        Assert.Equal(0.5, result.Interactions.Strongest(1)[0].WholeEffect, 1e-14);
        Assert.Equal(1 + 1.0 / 3 - 0.5, result.Interactions[0, 0], 1e-14);
        Assert.Equal(1 / 3.0, result.Attributions[2], 1e-14);
        Assert.True(result.Certificate.Satisfied);
        Assert.Equal("exact", result.Certificate.Method);
        Assert.Equal(8, result.Certificate.Evaluations);
        Assert.Null(result.Certificate.StandardError);
    }

    [Fact]
    public void Shapley_taylor_interactions_leave_the_diagonal_to_what_a_feature_adds_alone()
    {
        InteractionResult result = Explain.ShapleyTaylor(Triple, [1, 1, 1]);

        Assert.Equal(1 / 6.0, result.Interactions[1, 2], 1e-14);
        Assert.Equal([1, 0, 0], Enumerable.Range(0, 3).Select(i => result.Interactions[i, i]));
        Assert.Equal(1 + 1 / 3.0, result.Attributions[0], 1e-14);
        Assert.True(result.Certificate.Satisfied);
    }

    [Fact]
    public void Drawn_interactions_tell_their_standard_error_and_depend_on_the_seed()
    {
        var options = new ShapleyOptions { Samples = 20, Seed = 1 };
        InteractionResult result = Explain.ShapleyInteractions(Triple, [1, 1, 1], options);

        Assert.Equal("sampled", result.Certificate.Method);
        Assert.InRange(result.Certificate.StandardError!.Value, 0.01, 0.2);
        Assert.Equal(
            result.Interactions.ToArray(),
            Explain.ShapleyInteractions(Triple, [1, 1, 1], options).Interactions.ToArray()
        );
        Assert.NotEqual(
            result.Interactions.ToArray(),
            Explain.ShapleyInteractions(Triple, [1, 1, 1], options with { Seed = 2 }).Interactions.ToArray()
        );
    }

    [Fact]
    public void One_draw_is_refused()
    {
        var options = new ShapleyOptions { Samples = 1 };
        ArgumentException problem = Assert.Throws<ArgumentException>(() =>
            Explain.ShapleyTaylor(Triple, [1, 1, 1], options)
        );

        Assert.Equal("options", problem.ParamName);
        Assert.Contains("Samples is 1", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Derivatives_at_the_row_are_those_of_the_model()
    {
        double[] row = [2, -1, 0.5];
        var options = new ComparatorOptions { Baseline = Baseline.Row([1, 1, 1]) };
        double[,] hessian = Triple.Hessian(row, 0);
        double[] gradient = Triple.Gradient(row, 0);

        Assert.Equal(gradient, Explain.InputGradients(Triple, row).Attributions.ToArray());
        Assert.Equal(hessian, Explain.InputHessian(Triple, row).Interactions.ToArray());

        // δ = (1, -2, -1/2).
        InteractionResult scaled = Explain.HessianTimesInput(Triple, row, options);
        Assert.Equal(1 * -2 * hessian[0, 1], scaled.Interactions[0, 1], 1e-15);
        Assert.Equal(-2 * -0.5 * hessian[2, 1], scaled.Interactions[2, 1], 1e-15);
        Assert.Equal(
            [gradient[0], -2 * gradient[1], -0.5 * gradient[2]],
            Explain.GradientTimesInput(Triple, row, options).Attributions.ToArray()
        );
        Assert.True(scaled.Certificate.Satisfied);
        Assert.True(scaled.Certificate.CompletenessResidual > 0.1);
    }

    [Fact]
    public void Contextual_decomposition_divides_the_activations_of_dense_layers()
    {
        // At (1, -1, 1) against 0, relu(x0 + 2 x1) is relu(1 - 2): β = 1 gives ½ (1 + 0 - 0), β = -2 gives ½ (0 + 0 - 1).
        // relu(3 x1 - x2) is relu(-4): nothing from either.
        InteractionResult result = Explain.ContextualDecomposition(Dense(), [1, -1, 1]);

        Assert.Equal([1, -1, 0], result.Attributions.ToArray());
        Assert.Equal(0, result.Interactions[0, 1], 1e-15);
        Assert.True(result.Certificate.Satisfied);
    }

    [Fact]
    public void Contextual_decomposition_refuses_what_is_no_chain_of_dense_layers()
    {
        ArgumentException problem = Assert.Throws<ArgumentException>(() =>
            Explain.ContextualDecomposition(Triple, [1, 1, 1])
        );

        Assert.Contains("not a chain of dense layers", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_name_the_features_and_files_the_methods()
    {
        using var folder = new TemporaryFolder();
        string path = folder["out.json"];
        Explain.ShapleyTaylor(TwoUnits, Examples.Rows(3)).Save(path);

        string json = File.ReadAllText(path);
        Assert.Contains("\"method\":\"shapley-taylor\"", json, StringComparison.Ordinal);
        Assert.Contains("\"evaluations\":8", json, StringComparison.Ordinal);
        Assert.Equal(3, Explain.InputHessian(TwoUnits, Examples.Rows(3)).Count());
    }

    [Fact]
    public void Pairs_and_sets_are_detected_from_weights()
    {
        // Units (1, 2, 0) with 2 and (0, 3, 1) with 1.
        InteractionRanking pairs = Detect.ByWeights(Dense(), featureNames: ["a", "b", "c"]);
        Assert.Equal(["a b", "b c", "a c"], pairs.Interactions.Select(pair => string.Join(' ', pair.Names)));
        Assert.Equal([2, 1, 0], pairs.Interactions.Select(pair => pair.Strength));

        RankedInteraction set = Assert.Single(Detect.ByWeights(Dense(), order: 3, most: 1).Interactions);
        Assert.Equal([0, 1], set.Members);
        Assert.Equal(["x0", "x1"], set.Names);
        Assert.Equal(2, set.Strength);
    }

    [Fact]
    public void Detection_refuses_targets_and_names_that_do_not_fit()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Detect.ByWeights(Dense(), target: 1));
        Assert.Throws<ArgumentException>(() => Detect.ByWeights(Dense(), featureNames: ["a"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Detect.ByWeights(Dense(), order: 1));
    }
}
