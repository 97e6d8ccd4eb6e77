using System.Text.Json;

namespace Interact.CSharp.Tests;

/// <summary>The lines that are promised to compile and run as written, on the sample.</summary>
public class ContractTests
{
    private static readonly string Path = Repository.Sample("model.onnx");

    [Fact]
    public void One_row_is_explained_as_the_reference_says()
    {
        double[][] rows = [.. RowTable.Load(Repository.Sample("rows.csv"))];
        using JsonDocument expected = JsonDocument.Parse(
            File.ReadAllText(Repository.Fixture("sample_breast_cancer/expected.json"))
        );

        foreach (
            JsonElement wanted in expected.RootElement.GetProperty("targets")[0].GetProperty("results").EnumerateArray()
        )
        {
            double[] row = rows[wanted.GetProperty("row").GetInt32()];

            Model model = Model.Load(Path);
            var options = new IntegratedHessiansOptions
            {
                Baseline = Baseline.Zeros,
                Target = 0,
                Tolerance = 1e-8,
            };
            InteractionResult result = Explain.IntegratedHessians(model, row, options);
            double pair = result.Interactions[2, 5];
            double residual = result.Certificate.CompletenessResidual;
            foreach (FeaturePair top in result.Interactions.Strongest(10))
                Assert.Equal(top.Value, result.Interactions[top.FirstIndex, top.SecondIndex]);

            double[][] matrix = wanted.GetProperty("ih").Deserialize<double[][]>()!;
            double[] attributions = wanted.GetProperty("ig").Deserialize<double[]>()!;
            double largest = matrix.SelectMany(cells => cells).Max(Math.Abs);
            Assert.Equal(matrix[2][5], pair, 1e-9 * largest);
            Assert.InRange(residual, 0, 1e-8 * largest);
            Assert.True(result.Certificate.Satisfied);
            Assert.Equal(wanted.GetProperty("f_x").GetDouble(), result.Value, 1e-12);
            Assert.Equal(wanted.GetProperty("f_baseline").GetDouble(), result.BaselineValue, 1e-12);

            for (int i = 0; i < 30; i++)
            {
                Assert.Equal(attributions[i], result.Attributions[i], 1e-9 * largest);

                for (int j = 0; j < 30; j++)
                    Assert.Equal(matrix[i][j], result.Interactions[i, j], 1e-9 * largest);
            }
        }
    }

    [Fact]
    public void Many_rows_are_explained_in_order()
    {
        Model model = Model.Load(Path);
        double[][] rows = [.. RowTable.Load(Repository.Sample("rows.csv")).Take(40)];
        var options = new IntegratedHessiansOptions { Target = 0 };
        IProgress<ExplainProgress>? progress = null;
        CancellationToken cancellationToken = CancellationToken.None;
        int next = 0;

        foreach (InteractionResult r in Explain.IntegratedHessians(model, rows, options, progress, cancellationToken))
        {
            Assert.Equal(next++, r.Row);
            Assert.True(r.Certificate.Satisfied);
        }

        Assert.Equal(40, next);
    }

    [Fact]
    public void The_model_can_be_differentiated()
    {
        Model model = Model.Load(Path);
        double[] row = RowTable.Load(Repository.Sample("rows.csv"))[0];

        double[] y = model.Evaluate(row);
        double[] g = model.Gradient(row, target: 0);
        double[,] h = model.Hessian(row, target: 0);

        const double Step = 1e-5;
        double[] above = [.. row];
        double[] below = [.. row];
        above[3] += Step;
        below[3] -= Step;
        double[] slopesAbove = model.Gradient(above, target: 0);
        double[] slopesBelow = model.Gradient(below, target: 0);
        Assert.Equal((model.Evaluate(above)[0] - model.Evaluate(below)[0]) / (2 * Step), g[3], 1e-8);

        for (int i = 0; i < 30; i++)
        {
            Assert.Equal((slopesAbove[i] - slopesBelow[i]) / (2 * Step), h[i, 3], 1e-8);
            Assert.Equal(h[3, i], h[i, 3]);
        }

        Assert.Single(y);
    }

    [Fact]
    public void A_model_is_written_in_csharp()
    {
        Model f = Model.FromFunction(3, x => Tensor.Tanh(x[0] * x[1]) + x[2]);

        Assert.Equal(Math.Tanh(0.5 * 3) - 1, f.Evaluate([0.5, 3, -1])[0], 1e-15);
    }
}
