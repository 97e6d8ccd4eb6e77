using System.Text.Json;

namespace Interact.CSharp.Tests;

/// <summary>Rankings of the interactions of a whole model.</summary>
public class DetectTests
{
    /// <summary>x0·x1 + 3·x1·x2·x3 and tanh x4, which acts alone.</summary>
    private static readonly Model Model = Model.FromFunction(
        5,
        x => (x[0] * x[1]) + (3 * x[1] * x[2] * x[3]) + Tensor.Tanh(x[4])
    );

    /// <summary>All corners of a cube of edge 2 around 0: every column has mean 0 and standard deviation 1.</summary>
    private static readonly double[][] Corners =
    [
        .. Enumerable
            .Range(0, 32)
            .Select(corner => Enumerable.Range(0, 5).Select(i => (corner >> i & 1) == 1 ? 1.0 : -1.0).ToArray()),
    ];

    [Fact]
    public void Mixed_partials_rank_sets_of_several_orders()
    {
        var options = new DetectOptions { Order = 3, FeatureNames = ["a", "b", "c", "d", "e"] };
        InteractionRanking all = Detect.ByMixedPartials(Model, Corners, options);
        Assert.Equal(10 + 10, all.Interactions.Count);
        Assert.Equal(32, all.RowCount);

        // Pairs of the triple have derivatives of the same size, and are redundant.
        InteractionRanking ranking = all.WithoutSubsets();
        Assert.Equal(["b", "c", "d"], ranking.Interactions.First(set => set.Members.Count == 3).Names);
        Assert.Equal(3, Strength(all, 1, 2, 3), 1e-12);
        Assert.Equal(3, Strength(all, 1, 2), 1e-12);
        Assert.Equal(1, Strength(all, 0, 1), 1e-12);
        Assert.Equal(0, Strength(all, 0, 4));
    }

    [Fact]
    public void Explanations_rank_pairs_by_their_whole_effect()
    {
        var options = new IntegratedHessiansOptions { RowNumbers = [3, 7, 20] };
        InteractionResult[] results = [.. Explain.IntegratedHessians(Model, Corners, options)];
        Assert.Equal([3, 7, 20], results.Select(result => result.Row));

        InteractionRanking ranking = Detect.ByExplanations(
            Explain.IntegratedHessians(Model, Corners, options),
            SetAggregation.Maximum
        );

        Assert.Equal(3, ranking.RowCount);
        Assert.Equal(10, ranking.Interactions.Count);

        foreach (RankedInteraction set in ranking.Interactions)
        {
            double expected = results.Max(result => Math.Abs(2 * result.Interactions[set.Members[0], set.Members[1]]));
            Assert.Equal(expected, set.Strength);
        }
    }

    [Fact]
    public void Weights_rank_sets_of_a_dense_network()
    {
        Model dense = Model.Load(Repository.Sample("model.onnx"));
        InteractionRanking ranking = Detect.ByWeights(dense);
        Assert.Equal(30 * 29 / 2, ranking.Interactions.Count);
        Assert.Null(ranking.Aggregation);
        Assert.Equal(
            ranking.Interactions.Select(set => set.Strength).OrderDescending(),
            ranking.Interactions.Select(set => set.Strength)
        );
        Assert.Throws<ArgumentException>(() => Detect.ByWeights(Model));
    }

    [Fact]
    public void Mixed_differences_rank_sets_in_units_of_the_output()
    {
        // x0·x1 differs by ±4 or not at all between two corners of the cube: ±2 after division by 2.
        InteractionRanking ranking = Detect.ByMixedDifferences(Model, Corners, new() { Order = 3 }, seed: 4);
        Assert.Equal(20, ranking.Interactions.Count);
        Assert.Equal(0, Strength(ranking, 0, 4), 1e-12);
        Assert.Equal(0, Strength(ranking, 0, 1, 2), 1e-12);
        Assert.InRange(Strength(ranking, 0, 1), 0.1, 2);
        Assert.Equal(["x1", "x2", "x3"], ranking.Interactions.First(set => set.Members.Count == 3).Names);
        Assert.Throws<ArgumentException>("table", () => Detect.ByMixedDifferences(Model, [Corners[0]]));
    }

    [Fact]
    public void Rankings_tell_what_decided_their_numbers()
    {
        static string Words(InteractionRanking ranking) =>
            string.Join(", ", ranking.Settings.Select(setting => $"{setting.Key}: {setting.Value}"));

        var options = new DetectOptions { Order = 3, Representatives = Representatives.Drawn(4, seed: 7) };

        Assert.Equal(
            "target: predicted, order: 3, representatives: drawn:4, seed 7, seed: 5",
            Words(Detect.ByMixedDifferences(Model, Corners, options, seed: 5).Strongest(3).WithoutSubsets())
        );
        Assert.Equal(
            "target: predicted, order: 2, representatives: all, parents: 9, kinks: ignored",
            Words(
                Detect.ByMixedPartials(
                    Model,
                    Corners,
                    new()
                    {
                        Representatives = Representatives.All,
                        Parents = 9,
                        AllowKinks = true,
                    }
                )
            )
        );

        var single = new IntegratedHessiansOptions { Precision = Precision.Single };
        Assert.Equal(
            "target: predicted, tolerance: 1E-06, baseline: zeros, precision: single",
            Words(Detect.ByExplanations(Explain.IntegratedHessians(Model, Corners, single)))
        );
        var own = new Dictionary<string, string> { ["rows"] = "corners of a cube" };
        Assert.Equal("rows: corners of a cube", Words(Detect.ByMixedPartials(Model, Corners).WithSettings(own)));
    }

    [Fact]
    public void Rankings_are_saved_and_cut()
    {
        using var folder = new TemporaryFolder();
        InteractionRanking ranking = Detect.ByMixedPartials(Model, Corners).Strongest(2);
        ranking.Save(folder["ranking.json"]);
        ranking.Save(folder["ranking.csv"]);
        using var json = JsonDocument.Parse(File.ReadAllText(folder["ranking.json"]));
        JsonElement root = json.RootElement;
        Assert.Equal("interact.ranking/1", root.GetProperty("schema").GetString());
        Assert.Equal("mixed-partials", root.GetProperty("method").GetString());
        Assert.Equal("mean", root.GetProperty("aggregation").GetString());
        JsonElement[] sets = [.. root.GetProperty("interactions").EnumerateArray()];
        Assert.Equal(
            ranking.Interactions.Select(set => set.Strength),
            sets.Select(set => set.GetProperty("strength").GetDouble())
        );
        string[] lines = File.ReadAllLines(folder["ranking.csv"]);
        Assert.Equal(3, lines.Length);
        RankedInteraction first = ranking.Interactions[0];
        Assert.StartsWith($"1,2,{first.Names[0]},{first.Names[1]},", lines[1], StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ranking.Save(folder["ranking.txt"]));
    }

    [Fact]
    public void Bad_choices_are_refused()
    {
        Assert.Throws<ArgumentException>("options", () => Detect.ByMixedPartials(Model, Corners, new() { Order = 1 }));
        Assert.Throws<ArgumentException>(
            "options",
            () => Detect.ByMixedPartials(Model, Corners, new() { Parents = 0 })
        );
        Assert.Throws<ArgumentException>("rows", () => Detect.ByMixedPartials(Model, []));
        Assert.Throws<ArgumentException>(
            "rows",
            () =>
                Detect.ByMixedPartials(
                    Model,
                    [
                        [1, 2, 3],
                    ]
                )
        );
        Assert.Throws<ArgumentOutOfRangeException>("count", () => Representatives.Drawn(0));
        var far = new IntegratedHessiansOptions { RowNumbers = [32] };
        Assert.Throws<ArgumentException>("options", () => Explain.IntegratedHessians(Model, Corners, far));
        Model relu = Model.FromFunction(2, x => Tensor.Relu(x[0] * x[1]));
        Assert.Throws<ArgumentException>(() =>
            Detect.ByMixedPartials(
                relu,
                [
                    [1, 2],
                ]
            )
        );
    }

    [Fact]
    public void Representatives_are_chosen_by_number()
    {
        Assert.Equal(Enumerable.Range(0, 32), Representatives.All.Choose(Corners));
        Assert.Equal([31], Representatives.NearestToMaxima(1).Choose(Corners));
        Assert.Equal([0], Representatives.NearestToMinima(1).Choose(Corners));
        Assert.Equal(5, Representatives.Drawn(5, seed: 3).Choose(Corners).Distinct().Count());
    }

    private static double Strength(InteractionRanking ranking, params int[] members) =>
        ranking.Interactions.Single(set => set.Members.SequenceEqual(members)).Strength;
}
