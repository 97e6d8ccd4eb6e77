namespace Interact.CSharp.Tests;

/// <summary>Mixed partial derivatives and the search for sets, through the facade.</summary>
public class MixedPartialsTests
{
    /// <summary>x0·x1·x2 + sin(x1·x3), whose derivatives are written out in the tests.</summary>
    private static Model Product { get; } = Model.FromFunction(4, x => x[0] * x[1] * x[2] + Tensor.Sin(x[1] * x[3]));

    private static readonly double[] Row = [0.5, -1.5, 2, 0.25];

    [Fact]
    public void Chosen_sets_have_their_closed_forms()
    {
        var sets = FeatureSets.Of([0, 1, 2], [3, 1], [0], [0, 3]);
        MixedPartialsResult result = Explain.MixedPartials(Product, Row, sets);

        Assert.Equal(4, result.Count);
        Assert.Equal(1, result[0].Value);
        Assert.Equal(Math.Cos(-0.375) + 0.375 * Math.Sin(-0.375), result.Of(1, 3), 1e-14);
        Assert.Equal(-3, result.Of(0), 1e-14);
        Assert.Equal(0, result.Of(3, 0));
        Assert.Equal([1, 3], result[1].Indices);
        Assert.Equal(["x1", "x3"], result[1].Features);
        Assert.Throws<ArgumentException>(() => result.Of(0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => result[4]);
    }

    [Fact]
    public void All_pairs_are_the_Hessian_beside_its_diagonal()
    {
        MixedPartialsResult result = Explain.MixedPartials(Product, Row, FeatureSets.OfOrder(2));
        double[,] hessian = Product.Hessian(Row, target: 0);

        Assert.Equal(6, result.Count);

        for (int i = 0; i < 4; i++)
        {
            for (int j = i + 1; j < 4; j++)
                Assert.Equal(hessian[i, j], result.Of(i, j), 1e-13);
        }

        FeatureSet strongest = result.Strongest(1)[0];
        Assert.Equal([0, 1], strongest.Indices);
        Assert.Equal(2, strongest.Value, 1e-14);
    }

    [Fact]
    public void Rows_come_in_their_order_with_progress_and_are_the_same_on_any_number_of_threads()
    {
        double[][] rows = Examples.Rows(20, 4);
        var told = new List<ExplainProgress>();
        var options = new MixedPartialsOptions { Threads = 2, Rows = 5..15 };

        MixedPartialsResult[] results =
        [
            .. Explain.MixedPartials(Product, rows, FeatureSets.OfOrder(3), options, new Told(told.Add)),
        ];

        Assert.Equal(Enumerable.Range(5, 10), results.Select(result => result.Row));
        Assert.Equal(Enumerable.Range(1, 10), told.Select(progress => progress.Completed));

        foreach (MixedPartialsResult result in results)
        {
            Assert.Equal(
                Explain.MixedPartials(Product, rows[result.Row], FeatureSets.OfOrder(3)).Values,
                result.Values
            );
        }
    }

    [Fact]
    public void Features_are_called_by_their_names()
    {
        var options = new MixedPartialsOptions { FeatureNames = ["age", "dose", "sex", "weight"] };
        var sets = FeatureSets.Of(["dose", "age"], ["weight", "1"]);
        MixedPartialsResult result = Explain.MixedPartials(Product, Row, sets, options);

        Assert.Equal(["age", "dose"], result[0].Features);
        Assert.Equal(2, result[0].Value, 1e-14);
        Assert.Equal([1, 3], result[1].Indices);
    }

    [Fact]
    public void Tables_name_the_features()
    {
        RowTable table = RowTable.Load(Repository.Source("samples/breast-cancer/rows.csv"));
        Model model = Model.Load(Repository.Source("samples/breast-cancer/model.onnx"));
        var options = new MixedPartialsOptions { Rows = 0..3, AllowKinks = true };
        MixedPartialsResult[] results = [.. Explain.MixedPartials(model, table, FeatureSets.OfOrder(2), options)];

        Assert.Equal(3, results.Length);
        Assert.Equal("mean radius", results[0][0].Features[0]);
        Assert.Equal(model.Hessian(table[1], 0)[3, 7], results[1].Of(3, 7), 1e-12);
    }

    [Fact]
    public void Searches_rank_the_sets_of_every_order()
    {
        var options = new SetSearchOptions
        {
            Order = 3,
            Parents = 1,
            Aggregation = SetAggregation.Median,
        };
        Model model = Model.FromFunction(5, x => 3 * x[0] * x[2] * x[4] + 0.1 * x[1] * x[3]);
        double[][] rows = Examples.Rows(9, 5);
        IReadOnlyList<SetRanking> rankings = Explain.SearchSets(model, rows.Select(row => row), options);

        Assert.Equal([2, 3], rankings.Select(ranking => ranking.Order));
        Assert.Equal([10, 3], rankings.Select(ranking => ranking.Sets.Count));
        Assert.Equal([0, 2, 4], rankings[1].Sets[0].Indices);
        Assert.Equal(3, rankings[1].Sets[0].Value, 1e-13);

        double[] others = [.. rows.Select(row => 3 * Math.Abs(row[4])).Order()];
        FeatureSet pair = rankings[0].Sets.Single(set => set.Indices.SequenceEqual([0, 2]));
        Assert.Equal(others[4], pair.Value, 1e-13);
        Assert.Equal(
            rankings[0].Sets.Select(set => set.Value).OrderDescending(),
            rankings[0].Sets.Select(s => s.Value)
        );
    }

    [Fact]
    public void Models_with_kinks_are_refused_until_they_are_smoothed()
    {
        Model model = Model.FromFunction(2, x => Tensor.Relu(x[0] + x[1]));
        ArgumentException error = Assert.Throws<ArgumentException>(() =>
            Explain.MixedPartials(model, [1, 1], FeatureSets.OfOrder(2))
        );
        Assert.Contains("smooth", error.Message);

        // β·σ(z)(1 - σ(z)) with z = β(x0 + x1).
        double s = 1 / (1 + Math.Exp(-1.5));
        Assert.Equal(
            3 * s * (1 - s),
            Explain.MixedPartials(model.Smooth(3), [0.25, 0.25], FeatureSets.OfOrder(2))[0].Value,
            1e-14
        );
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_words()
    {
        void Refused(string part, Action action) =>
            Assert.Contains(part, Assert.ThrowsAny<ArgumentException>(action).Message, StringComparison.Ordinal);

        Refused("the model has 4", () => Explain.MixedPartials(Product, Row, FeatureSets.OfOrder(5)));
        Refused("Feature 7 does not exist", () => Explain.MixedPartials(Product, Row, FeatureSets.Of([0, 7])));
        Refused("'size'", () => Explain.MixedPartials(Product, Row, FeatureSets.Of(["x0", "size"])));
        Refused("twice", () => Explain.MixedPartials(Product, Row, FeatureSets.Of([1, 1])));
        Refused("row", () => Explain.MixedPartials(Product, [1.0], FeatureSets.OfOrder(2)));
        Refused("Threads", () => Explain.MixedPartials(Product, Row, FeatureSets.OfOrder(2), new() { Threads = 0 }));
        Refused("Order is 1", () => Explain.SearchSets(Product, [Row], new() { Order = 1 }));
        Refused("Order is 9", () => Explain.SearchSets(Product, [Row], new() { Order = 9 }));
        Refused("Parents", () => Explain.SearchSets(Product, [Row], new() { Parents = 0 }));
        Refused("no row", () => Explain.SearchSets(Product, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => FeatureSets.OfOrder(0));
    }

    [Fact]
    public void A_derivative_that_is_not_finite_names_its_row()
    {
        Model model = Model.FromFunction(2, x => x[0] * Tensor.Sqrt(x[1]));
        double[][] rows =
        [
            [1, 1],
            [1, 0],
        ];

        ModelEvaluationException error = Assert.Throws<ModelEvaluationException>(() =>
            Explain.MixedPartials(model, rows, FeatureSets.OfOrder(2)).ToList()
        );
        Assert.Equal(1, error.Row);
        Assert.DoesNotContain("baseline", error.Message);
    }

    [Fact]
    public void The_example_of_the_documentation_finds_the_triple()
    {
        Model model = Model.FromFunction(
            6,
            x => Tensor.Exp(x[0] * x[2] * x[4]) + Tensor.Sin(x[1] * x[3]) + x[5] * x[5]
        );

        double[][] rows = Examples.Rows(20, 6);
        double[] row = rows[0];

        MixedPartialsResult triples = Explain.MixedPartials(model, row, FeatureSets.OfOrder(3));
        double one = triples.Of(0, 2, 4);

        // With u = x0·x2·x4 it is (1 + 3u + u²) exp(u).
        double u = row[0] * row[2] * row[4];
        Assert.Equal(1, (1 + 3 * u + u * u) * Math.Exp(u) / one, 1e-12);

        var options = new SetSearchOptions { Order = 3, Parents = 4 };
        IReadOnlyList<SetRanking> rankings = Explain.SearchSets(model, rows, options);
        Assert.Equal([0, 2, 4], rankings[1].Sets[0].Indices);
        Assert.All(rankings[1].Sets.Skip(1), set => Assert.Equal(0, set.Value));
    }

    [Fact]
    public void The_script_of_the_documentation_stands_in_the_sample()
    {
        string page = File.ReadAllText(Repository.Source("docs/mixed-partials.md"));
        string script = page.Split("```fsharp\n")[1].Split("```")[0];
        Assert.Contains(script, File.ReadAllText(Repository.Source("samples/mixed-partials.fsx")));
    }

    private sealed class Told(Action<ExplainProgress> tell) : IProgress<ExplainProgress>
    {
        public void Report(ExplainProgress value) => tell(value);
    }
}
