namespace Interact.CSharp.Tests;

public class ResultTests
{
    private static readonly InteractionMatrix Matrix = new(
        new double[,]
        {
            { 9, -3, 1 },
            { -3, 8, 2 },
            { 1, 2, 7 },
        },
        ["a", "b", "c"]
    );

    private static readonly FeatureAttributions Attributions = new([1, -5, 3], ["a", "b", "a"]);

    [Fact]
    public void Cells_are_found_by_index_and_by_name()
    {
        Assert.Equal(-3, Matrix[0, 1]);
        Assert.Equal(-3, Matrix["b", "a"]);
        Assert.Equal(3, Matrix.Count);
        Assert.Throws<ArgumentOutOfRangeException>("second", () => Matrix[0, 3]);
        Assert.Throws<ArgumentOutOfRangeException>("first", () => Matrix[-1, 0]);
        Assert.Throws<ArgumentException>("second", () => Matrix["a", "d"]);
    }

    [Fact]
    public void The_strongest_pairs_come_first_and_main_effects_are_no_pairs()
    {
        IReadOnlyList<FeaturePair> pairs = Matrix.Strongest(2);

        Assert.Equal([new("a", "b", 0, 1, -3), new("b", "c", 1, 2, 2)], pairs);
        Assert.Equal(-6, pairs[0].WholeEffect);
        Assert.Equal(3, Matrix.Strongest(100).Count);
        Assert.Empty(Matrix.Strongest(0));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => Matrix.Strongest(-1));
    }

    [Fact]
    public void The_whole_effects_of_pairs_and_the_diagonal_add_up_to_the_matrix()
    {
        double parts = Matrix.Strongest(3).Sum(pair => pair.WholeEffect) + Matrix[0, 0] + Matrix[1, 1] + Matrix[2, 2];

        Assert.Equal(Matrix.ToArray().Cast<double>().Sum(), parts);
    }

    [Fact]
    public void A_copy_of_a_result_can_be_changed_without_changing_it()
    {
        Matrix.ToArray()[0, 0] = 100;
        Attributions.ToArray()[0] = 100;

        Assert.Equal(9, Matrix[0, 0]);
        Assert.Equal(1, Attributions[0]);
    }

    [Fact]
    public void Attributions_are_a_list_with_names()
    {
        Assert.Equal([1, -5, 3], Attributions);
        Assert.Equal(-5, Attributions["b"]);
        Assert.Equal([new("b", 1, -5), new("a", 2, 3)], Attributions.Strongest(2));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => Attributions[3]);
        Assert.Throws<ArgumentException>("feature", () => Attributions["a"]);
        Assert.Throws<ArgumentException>("feature", () => Attributions["d"]);
    }
}
