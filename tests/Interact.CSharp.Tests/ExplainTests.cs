namespace Interact.CSharp.Tests;

public class ExplainTests
{
    [Fact]
    public void A_product_is_shared_in_four_equal_parts()
    {
        // ∫₀¹ t(-ln t) dt = 1/4, for each of both pairs and, with x_j t for ∂_i f, for both main effects.
        InteractionResult result = Explain.IntegratedHessians(Examples.ProductAndSum, [3, 2, 7]);

        Assert.Equal(13, result.Value);
        Assert.Equal(0, result.BaselineValue);
        Assert.Equal(0, result.Row);
        Assert.Equal(0, result.Target);
        AssertNear(
            new double[,]
            {
                { 1.5, 1.5, 0 },
                { 1.5, 1.5, 0 },
                { 0, 0, 7 },
            },
            result.Interactions.ToArray()
        );
        AssertNear([3, 3, 7], result.Attributions.ToArray());
    }

    [Fact]
    public void A_certificate_tells_what_was_done()
    {
        Certificate hessians = Explain.IntegratedHessians(Examples.TanhOfProduct, [1, 2, 3]).Certificate;
        Certificate gradients = Explain.IntegratedGradients(Examples.TanhOfProduct, [1, 2, 3]).Certificate;

        Assert.True(hessians.Satisfied);
        Assert.InRange(hessians.CompletenessResidual, 0, 1e-6);
        Assert.NotNull(hessians.RowResidual);
        Assert.InRange(hessians.RowResidual.Value, 0, 1e-6);
        Assert.InRange(hessians.ErrorEstimate, 0, 1e-6);
        Assert.True(hessians.Evaluations > 0 && hessians.Probes > 0);
        Assert.Equal("gauss-log", hessians.Method);
        Assert.True(gradients.Satisfied);
        Assert.Null(gradients.RowResidual);
        Assert.Equal("gauss-legendre", gradients.Method);
    }

    [Fact]
    public void Kinks_are_counted_in_unless_they_are_ignored()
    {
        // relu(x0 + x1 - 1) on the way to (1, 1) switches at t = 1/2, where its gradient jumps to (1, 1).
        Model model = Model.FromFunction(2, x => Tensor.Relu(x[0] + x[1] - 1));
        var ignoring = new IntegratedHessiansOptions { Kinks = KinkTreatment.Ignored };
        var exact = new IntegratedHessiansOptions { Kinks = KinkTreatment.Exact };

        InteractionResult result = Explain.IntegratedHessians(model, [1, 1]);

        Assert.Equal(0.5 * Math.Log(2) / 2, result.Interactions[0, 1], 1e-15);
        Assert.Equal("exact", result.Certificate.Method);
        Assert.Equal(1, result.Certificate.Kinks);
        Assert.Equal("exact", Explain.IntegratedGradients(model, [1, 1]).Certificate.Method);
        Assert.Equal(
            result.Interactions.ToArray(),
            Explain.IntegratedHessians(model, [1, 1], exact).Interactions.ToArray()
        );

        InteractionResult blind = Explain.IntegratedHessians(model, [1, 1], ignoring);
        Assert.False(blind.Certificate.Satisfied);
        Assert.Null(blind.Certificate.Kinks);
    }

    [Fact]
    public void Too_few_samples_give_a_certificate_that_is_not_satisfied()
    {
        Model steep = Model.FromFunction(2, x => Tensor.Tanh(200 * x[0] * x[1] - 37));

        Certificate certificate = Explain
            .IntegratedHessians(steep, [1, 1], new IntegratedHessiansOptions { MaxSamples = 8 })
            .Certificate;

        Assert.False(certificate.Satisfied);
    }

    [Fact]
    public void A_row_that_is_its_baseline_gets_zeros()
    {
        InteractionResult result = Explain.IntegratedHessians(
            Examples.TanhOfProduct,
            [3, 2, 7],
            new() { Baseline = Baseline.Row(3, 2, 7) }
        );

        Assert.All(result.Attributions, attribution => Assert.Equal(0, attribution));
        Assert.True(result.Certificate.Satisfied);
    }

    [Fact]
    public void The_row_is_an_array_or_a_span()
    {
        double[] row = [3, 2, 7];
        ReadOnlySpan<double> span = row;

        Assert.Equal(
            Explain.IntegratedHessians(Examples.TanhOfProduct, row).Interactions.ToArray(),
            Explain.IntegratedHessians(Examples.TanhOfProduct, span).Interactions.ToArray()
        );
        Assert.Equal(
            Explain.IntegratedGradients(Examples.TanhOfProduct, row).Attributions,
            Explain.IntegratedGradients(Examples.TanhOfProduct, span).Attributions
        );
    }

    [Fact]
    public void The_target_is_an_index_or_the_largest_output()
    {
        var first = new IntegratedGradientsOptions { Target = 0 };

        Assert.Equal(1, Explain.IntegratedGradients(Examples.TwoOutputs, [3, 2]).Target);
        Assert.Equal(0, Explain.IntegratedGradients(Examples.TwoOutputs, [3, -2]).Target);
        Assert.Equal(0, Explain.IntegratedGradients(Examples.TwoOutputs, [3, 2], first).Target);
        Assert.Equal("predicted", new IntegratedGradientsOptions().Target.ToString());
        Assert.Equal("0", first.Target.ToString());
    }

    [Fact]
    public void The_path_starts_at_the_baseline()
    {
        double Start(Baseline baseline) =>
            Explain
                .IntegratedGradients(
                    Examples.ProductAndSum,
                    [3, 2, 7],
                    new IntegratedGradientsOptions { Baseline = baseline }
                )
                .BaselineValue;

        Assert.Equal(0, Start(Baseline.Zeros));
        Assert.Equal(5, Start(Baseline.Row(1, 2, 3)));
        Assert.Equal(5, Start(Baseline.Row([1.0, 2, 3])));
        Assert.Equal(
            5,
            Start(
                Baseline.Rows([
                    [1, 2, 3],
                ])
            )
        );
    }

    [Fact]
    public void Every_row_has_its_own_baseline_or_the_mean()
    {
        double[][] rows =
        [
            [1, 2, 3],
            [3, 2, 7],
        ];

        IEnumerable<double> Starts(Baseline baseline) =>
            Explain
                .IntegratedGradients(
                    Examples.ProductAndSum,
                    rows,
                    new IntegratedGradientsOptions { Baseline = baseline }
                )
                .Select(result => result.BaselineValue);

        Assert.Equal([9, 9], Starts(Baseline.Mean));
        Assert.Equal(
            [1, 2],
            Starts(
                Baseline.Rows([
                    [0, 0, 1],
                    [0, 0, 2],
                ])
            )
        );
    }

    [Fact]
    public void Groups_are_explained_instead_of_features()
    {
        var groups = FeatureGroups.FromDictionary(new Dictionary<string, int[]> { ["pair"] = [0, 1] }, 3);

        InteractionResult result = Explain.IntegratedHessians(
            Examples.ProductAndSum,
            [3, 2, 7],
            new IntegratedHessiansOptions { Groups = groups }
        );

        Assert.Equal(["pair", "(rest)"], result.FeatureNames);
        AssertNear(
            new double[,]
            {
                { 6, 0 },
                { 0, 7 },
            },
            result.Interactions.ToArray()
        );
        AssertNear([6, 7], result.Attributions.ToArray());
    }

    [Fact]
    public void Features_are_named_by_the_options_the_table_or_their_numbers()
    {
        var options = new IntegratedHessiansOptions { FeatureNames = ["a", "b", "c"] };

        Assert.Equal(["x0", "x1", "x2"], Explain.IntegratedHessians(Examples.ProductAndSum, [3, 2, 7]).FeatureNames);
        Assert.Equal(
            ["a", "b", "c"],
            Explain.IntegratedHessians(Examples.ProductAndSum, [3, 2, 7], options).FeatureNames
        );
    }

    [Fact]
    public void A_path_where_the_model_is_not_finite_is_refused()
    {
        var alone = Assert.Throws<ModelEvaluationException>(() => Explain.IntegratedHessians(Examples.Logarithm, [-2]));
        var second = Assert.Throws<ModelEvaluationException>(() =>
            Explain
                .IntegratedHessians(
                    Examples.Logarithm,
                    [
                        [1],
                        [-1.0],
                    ]
                )
                .ToList()
        );

        Assert.Equal(0, alone.Row);
        Assert.StartsWith("row 0: ", alone.Message, StringComparison.Ordinal);
        Assert.Equal(1, second.Row);
        Assert.DoesNotContain('\n', second.Message);
    }

    private static void AssertNear(double[] expected, double[] found)
    {
        Assert.Equal(expected.Length, found.Length);

        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-12);
    }

    private static void AssertNear(double[,] expected, double[,] found)
    {
        Assert.Equal(expected.GetLength(0), found.GetLength(0));
        Assert.Equal(expected.GetLength(1), found.GetLength(1));
        AssertNear([.. expected.Cast<double>()], [.. found.Cast<double>()]);
    }
}
