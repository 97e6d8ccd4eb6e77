namespace Interact.CSharp.Tests;

/// <summary>Several inputs, tensors inside a model, and parts of the matrix.</summary>
public class InputTests
{
    private const double Ninth = 1.0 / 9;

    private static readonly Model Product = Model.FromFunction(3, x => x[0] * x[1] * x[2]);
    private static readonly IntegratedHessiansOptions Exact = new() { Tolerance = 1e-12 };
    private static readonly double[] Ones = [1, 1, 1];

    [Fact]
    public void An_input_is_held_by_options_or_by_the_model()
    {
        Model model = Model.Load(Two("model.onnx"));
        RowTable table = RowTable.Load(Two("inputs.csv"));
        RowTable codes = RowTable.Load(Two("codes.csv"));
        Assert.Equal(["codes"], model.HeldInputs);
        Assert.Equal(["codes"], model.MissingInputs);
        Assert.Equal([1, 20], model.InputShape);

        var options = new IntegratedHessiansOptions { FixedInputs = [FixedInput.Rows("codes", codes)] };
        InteractionResult[] results = [.. Explain.IntegratedHessians(model, table, options)];

        for (int row = 0; row < table.Count; row++)
        {
            Model held = model.Hold("codes", codes[row]);
            Assert.Empty(held.MissingInputs);
            Assert.Equal(held.Evaluate(table[row])[0], results[row].Value);
            InteractionResult alone = Explain.IntegratedHessians(held, table[row]);
            Assert.Equal(alone.Interactions.ToArray(), results[row].Interactions.ToArray());
        }

        Assert.Throws<ArgumentException>("options", () => Explain.IntegratedHessians(model, table));
        var few = new IntegratedHessiansOptions { FixedInputs = [FixedInput.Rows("codes", [codes[0]])] };
        Assert.Throws<ArgumentException>("options", () => Explain.IntegratedHessians(model, table, few));
        Assert.Throws<ArgumentException>(() => model.Hold("codes", 1, 2, 3.5));
    }

    [Fact]
    public void An_embedding_takes_the_place_of_the_input()
    {
        var options = new ModelLoadOptions { Input = "codes", At = "/emb/Gather_output_0" };
        Model model = Model.Load(Two("model.onnx"), options);
        double[] row = RowTable.Load(Two("inputs.csv"))[0];
        double[] codes = RowTable.Load(Two("codes.csv"))[0];
        double expected = Model.Load(Two("model.onnx")).Hold("codes", codes).Evaluate(row)[0];

        Assert.True(model.StartsInside);
        Assert.Equal(3, model.RowSize);
        (Model entered, double[] value) = model.Hold("numeric", row).Enter(codes);
        Assert.Equal(model.InputSize, value.Length);
        Assert.Equal(expected, entered.Evaluate(value)[0], 1e-12);

        var hessians = new IntegratedHessiansOptions
        {
            FixedInputs = [FixedInput.Row("numeric", row)],
            Groups = FeatureGroups.Tokens(model.InputShape),
            Baseline = Baseline.Row(codes),
        };

        // The baseline is the row: nothing changes.
        InteractionResult result = Explain.IntegratedHessians(model, codes, hessians);
        Assert.Equal(["token0", "token1", "token2"], result.FeatureNames);
        Assert.Equal(result.Value, result.BaselineValue);
        Assert.All(result.Attributions, share => Assert.Equal(0, share));
    }

    [Fact]
    public void Rows_of_the_matrix_add_up_to_attributions()
    {
        PartialInteractionResult result = Explain.IntegratedHessiansOf(
            Product,
            Ones,
            InteractionPart.RowsOf(2, 0),
            Exact
        );

        Assert.Equal([2, 0], result.RowFeatures);
        Assert.Equal(5, result.Cells.Count);
        Assert.All(result.RowOf(2).ToArray(), cell => Assert.Equal(Ninth, cell, 1e-13));
        Assert.All(result.Attributions, share => Assert.Equal(1.0 / 3, share, 1e-13));
        Assert.Equal(3, result.Strongest(10).Count);
        Assert.True(result.Certificate.Satisfied);
        Assert.Throws<ArgumentException>("feature", () => result.RowOf(1).Length);
    }

    [Fact]
    public void Pairs_are_named_or_numbered()
    {
        InteractionPart part = InteractionPart.Pairs(("x0", "x2"), ("x1", "1"));
        PartialInteractionResult result = Explain.IntegratedHessiansOf(Product, Ones, part, Exact);

        Assert.Equal(["x0", "x1"], result.Cells.Select(cell => cell.First));
        Assert.Equal(
            [2 * Ninth, Ninth],
            result.Cells.Select(cell => Math.Round(cell.WholeEffect, 12)),
            (a, b) => Math.Abs(a - b) < 1e-11
        );
        Assert.Empty(result.RowFeatures);

        foreach (
            InteractionPart wrong in new[]
            {
                InteractionPart.Pairs((0, 3)),
                InteractionPart.Pairs((0, 1), (1, 0)),
                InteractionPart.RowsOf("y"),
            }
        )
            Assert.Throws<ArgumentException>(() => Explain.IntegratedHessiansOf(Product, Ones, wrong));
    }

    [Fact]
    public void Parts_are_saved_as_csv_and_npz()
    {
        using var folder = new TemporaryFolder();

        foreach (InteractionPart part in new[] { InteractionPart.RowsOf(1), InteractionPart.Pairs((0, 1)) })
        {
            Explanation<PartialInteractionResult> all = Explain.IntegratedHessiansOf(
                Product,
                [Ones, Ones],
                part,
                Exact
            );
            all.Save(folder["part.csv"]);
            all.Save(folder["part.npz"]);
            string[] lines = File.ReadAllLines(folder["part.csv"]);
            Assert.Equal(1 + (2 * (3 + (part.IsRows ? 3 : 1))), lines.Length);
            Assert.Contains(lines, line => line.Contains("interaction,x0,x1,0.222", StringComparison.Ordinal));
            Assert.True(new FileInfo(folder["part.npz"]).Length > 0);
        }
    }

    private static string Two(string file) => Repository.Fixture($"breast_cancer_two_inputs/{file}");
}
