namespace Interact.CSharp.Tests;

/// <summary>Priors on attributions and interactions in C#.</summary>
public class PriorTests
{
    private static readonly double[][] Rows = Examples.Rows(300, 3);

    /// <summary>Features 0 and 1 interact; feature 2 does nothing.</summary>
    private static TrainingData Data { get; } =
        TrainingData.Create(Rows, Rows.Select(row => row[0] + row[1] + (row[0] * row[1])));

    private static Network Train(params Penalty[] penalties)
    {
        Network network = Network.Create([3], [Layer.Dense(16), Layer.Tanh, Layer.Dense(1)], seed: 1);

        TrainingOptions options = new()
        {
            Loss = Loss.SquaredError,
            LearningRate = 0.02,
            Epochs = 60,
            Threads = 1,
            Penalties = penalties,
        };

        return Training.Run(network, Data, null, options).Network;
    }

    private static double Strength(Network network, int i, int j)
    {
        Model model = network.ToModel();
        return Rows.Take(10).Average(row => Math.Abs(Explain.IntegratedHessians(model, row).Interactions[i, j]));
    }

    [Fact]
    public void A_forbidden_interaction_disappears()
    {
        double free = Strength(Train(), 0, 1);
        Assert.True(Strength(Train(Penalty.ForbiddenPairs(30, [(0, 1)])), 0, 1) < 0.2 * free);
        Assert.True(Strength(Train(Penalty.ForbiddenBetween(30, [0], [1, 2])), 0, 1) < 0.2 * free);
        Assert.True(Strength(Train(Penalty.AllInteractions(30)), 0, 1) < 0.2 * free);
        Assert.True(Strength(Train(Penalty.EstimatedInteractions(30)), 0, 1) < 0.2 * free);
    }

    [Fact]
    public void Priors_of_ones_own_do_what_the_built_in_ones_do()
    {
        Penalty pairs = Penalty.ForbiddenPairs(5, [(0, 2), (1, 2)]);
        Penalty own = Penalty.OnInteractions("own", 5, [(0, 2), (1, 2)], g => Tensor.Sum(g * g) / g.Shape[0]);
        Assert.Equal(Train(pairs).ToOnnx(), Train(own).ToOnnx());
    }

    [Fact]
    public void A_prior_on_attributions_moves_them()
    {
        double First(Network network)
        {
            Model model = network.ToModel();
            return Rows.Take(10).Average(row => Math.Abs(Explain.IntegratedGradients(model, row).Attributions[0]));
        }

        // What the first feature has is penalized.
        Penalty small = Penalty.OnAttributions(
            "small",
            10,
            phi => Tensor.Sum(phi * phi) / phi.Shape[0],
            new() { Factors = [1, 0, 0], Samples = 2 }
        );

        Assert.Equal("small", small.Name);
        Assert.True(First(Train(small)) < 0.3 * First(Train()));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Penalty.Sparsity(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Penalty.Sparsity(1, new() { Samples = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Penalty.Sparsity(1, new() { Target = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Penalty.AllInteractions(1, new() { Smooth = 0 }));
        Assert.Throws<ArgumentException>(() => Penalty.ForbiddenPairs(1, []));
        Assert.Throws<ArgumentException>(() => Penalty.Graph(1, []));
        Assert.Throws<ArgumentException>(() => Penalty.Smoothness(1, [2, 2, 2, 2]));
        Assert.Throws<ArgumentException>(() => Train(Penalty.ForbiddenPairs(1, [(0, 7)])));
        Assert.Throws<ArgumentException>(() => Train(Penalty.Smoothness(1, [2, 2])));
    }
}
