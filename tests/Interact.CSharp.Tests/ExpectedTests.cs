namespace Interact.CSharp.Tests;

public class ExpectedTests
{
    private static readonly double[] Input = [0.5, -1.2, 0.8];

    private static ExpectedHessiansOptions Over(Background background) =>
        new() { Background = background, Tolerance = 1e-10 };

    [Fact]
    public void The_average_is_that_of_single_baselines()
    {
        double[][] rows = Examples.Rows(70);
        InteractionResult mean = Explain.ExpectedHessians(Examples.TanhOfProduct, Input, Over(Background.Rows(rows)));

        var single = new IntegratedHessiansOptions { Tolerance = 1e-10 };
        InteractionResult[] each =
        [
            .. rows.Select(row =>
                Explain.IntegratedHessians(Examples.TanhOfProduct, Input, single with { Baseline = Baseline.Row(row) })
            ),
        ];

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(each.Average(own => own.Attributions[i]), mean.Attributions[i], 1e-9);

            for (int j = 0; j < 3; j++)
                Assert.Equal(each.Average(own => own.Interactions[i, j]), mean.Interactions[i, j], 1e-9);
        }

        Assert.Equal(each.Average(own => own.BaselineValue), mean.BaselineValue, 1e-12);
        Assert.True(mean.Certificate.Satisfied);
        Assert.Null(mean.Certificate.StandardError);
        Assert.Equal(each.Sum(own => own.Interactions[0, 1]) / 70, mean.Interactions[0, 1], 1e-9);

        PartialInteractionResult part = Explain.ExpectedHessiansOf(
            Examples.TanhOfProduct,
            Input,
            InteractionPart.RowsOf(1),
            Over(Background.Rows(rows))
        );

        for (int j = 0; j < 3; j++)
            Assert.Equal(mean.Interactions[1, j], part.RowOf(1)[j], 1e-9);

        AttributionResult gradients = Explain.ExpectedGradients(
            Examples.TanhOfProduct,
            Input,
            new ExpectedGradientsOptions { Background = Background.Rows(rows), Tolerance = 1e-10 }
        );

        for (int i = 0; i < 3; i++)
            Assert.Equal(mean.Attributions[i], gradients.Attributions[i], 1e-9);
    }

    [Fact]
    public void Weighted_and_generated_rows_are_backgrounds_too()
    {
        double[][] rows = Examples.Rows(3);
        double[][] copies = [rows[0], rows[1], rows[1], rows[2], rows[2], rows[2]];

        double Pair(Background background) =>
            Explain.ExpectedHessians(Examples.TanhOfProduct, Input, Over(background)).Interactions[0, 1];

        double wanted = Pair(Background.Rows(copies));
        Assert.Equal(wanted, Pair(Background.Rows(rows, [1, 2, 3])), 1e-12);
        Assert.Equal(wanted, Pair(Background.Generated(6, row => copies[row])), 0.0);
        Assert.Equal(wanted, Pair(Background.KMeans(copies, 3)), 1e-12);
    }

    [Fact]
    public void Rows_are_streamed_in_order_alike_on_any_number_of_threads()
    {
        double[][] rows = Examples.Rows(6);
        Background background = Background.Rows(Examples.Rows(200)).Draw(90, seed: 3);

        InteractionResult[] Run(int threads) =>
            [
                .. Explain.ExpectedHessians(
                    Examples.TanhOfProduct,
                    rows.Select(row => row),
                    Over(background) with
                    {
                        Threads = threads,
                        Rows = 1..5,
                    }
                ),
            ];

        InteractionResult[] one = Run(1);
        InteractionResult[] three = Run(3);
        Assert.Equal([1, 2, 3, 4], one.Select(result => result.Row));

        foreach ((InteractionResult first, InteractionResult second) in one.Zip(three))
        {
            Assert.Equal(first.Interactions.ToArray(), second.Interactions.ToArray());
            Assert.Equal(first.Certificate.StandardError, second.Certificate.StandardError);
            Assert.True(first.Certificate.StandardError > 0);
        }
    }

    [Fact]
    public void Progress_tells_of_a_row_that_takes_long()
    {
        var told = new Told();
        Background background = Background.Rows(Examples.Rows(300));

        Assert.Single(
            Explain.ExpectedGradients(
                Examples.TanhOfProduct,
                [Input],
                new ExpectedGradientsOptions { Background = background },
                told
            )
        );

        Assert.Contains(told.All, progress => progress is { Completed: 0, Underway: > 0 and < 1 });
        Assert.Equal(new ExplainProgress(1, 1, 0), told.All[^1]);
    }

    [Fact]
    public void Cancelling_stops_in_the_middle_of_a_row()
    {
        using var source = new CancellationTokenSource();
        var told = new Told { After = source.Cancel };

        // It would take hours.
        Background background = Background.Generated(1_000_000_000, row => [row % 7, 1, 2]);

        Assert.Throws<OperationCanceledException>(() =>
            Explain.ExpectedHessians(Examples.TanhOfProduct, [Input], Over(background), told, source.Token).ToArray()
        );
    }

    [Fact]
    public void Options_that_do_not_fit_are_refused_by_name()
    {
        void Refuses(string message, ExpectedHessiansOptions options) =>
            Assert.StartsWith(
                message,
                Assert
                    .Throws<ArgumentException>(
                        "options",
                        () => Explain.ExpectedHessians(Examples.TanhOfProduct, Input, options)
                    )
                    .Message,
                StringComparison.Ordinal
            );

        Background background = Background.Rows(Examples.Rows(2));
        Refuses("Background is null", Over(null!));
        Refuses("Baseline is set", Over(background) with { Baseline = Baseline.Row(1, 2, 3) });
        Refuses(
            "Background has 2 elements in a row; the model takes 3",
            Over(
                Background.Rows([
                    [1, 2],
                ])
            )
        );
        Refuses("Background has 2 elements", Over(Background.Noise([1, 2], 10)));
        Assert.Throws<ArgumentException>("rows", () => Background.Rows([]));
        Assert.Throws<ArgumentException>("rows", () => Background.Rows([null!]));
        Assert.Throws<ArgumentException>("clusters", () => Background.KMeans(Examples.Rows(3), 4));
        Assert.Throws<ArgumentException>("samples", () => background.Draw(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Background.Generated(0, _ => [1]));

        string problem = Assert
            .Throws<ModelEvaluationException>(() =>
                Explain.ExpectedHessians(
                    Examples.Logarithm,
                    [1.0],
                    Over(
                        Background.Rows([
                            [0],
                            [-2],
                        ])
                    )
                )
            )
            .Message;

        Assert.Contains("row 1 of the background", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Backgrounds_of_a_tensor_inside_the_model_are_rows_of_the_input()
    {
        // The first layer's result is explained: for each background row, too.
        Model whole = Model.Load(Repository.Sample("model.onnx"));
        var load = new ModelLoadOptions { At = "/tanh1/Tanh_output_0" };
        Model inner = Model.Load(Repository.Sample("model.onnx"), load);
        double[][] rows = [.. RowTable.Load(Repository.Sample("rows.csv")).Take(6)];

        InteractionResult result = Explain.ExpectedHessians(inner, rows[0], Over(Background.Rows(rows[1..])));

        Assert.True(result.Certificate.Satisfied);
        Assert.Equal(inner.InputSize, result.Attributions.Count);
        Assert.Equal(rows[1..].Average(row => whole.Evaluate(row)[0]), result.BaselineValue, 1e-12);
        Assert.Equal(whole.Evaluate(rows[0])[0], result.Value, 1e-12);
    }

    [Fact]
    public void Medians_and_blurred_images_are_baselines()
    {
        Model model = Model.Load(Repository.Fixture("digits_cnn/model.onnx"));
        double[][] images = [.. RowTable.Load(Repository.Fixture("digits_cnn/inputs.csv"))];

        double BaselineValue(Baseline baseline, int target) =>
            Explain
                .IntegratedGradients(
                    model,
                    images,
                    new IntegratedGradientsOptions { Baseline = baseline, Target = target }
                )
                .First()
                .BaselineValue;

        double[] medians =
        [
            .. Enumerable
                .Range(0, 64)
                .Select(i => images.Select(image => image[i]).Order().ElementAt(images.Length / 2)),
        ];

        Assert.Equal(1, images.Length % 2);
        Assert.Equal(model.Evaluate(medians)[3], BaselineValue(Baseline.Median, 3), 1e-12);
        Assert.Equal(model.Evaluate(Blurred(images[0], 1.3))[3], BaselineValue(Baseline.Blurred(1.3), 3), 1e-12);

        var tooFar = new IntegratedGradientsOptions { Baseline = Baseline.Blurred(9) };
        Assert.Throws<ArgumentException>("options", () => Explain.IntegratedGradients(model, images[0], tooFar));
        Assert.Throws<ArgumentException>(
            "options",
            () => Explain.IntegratedGradients(Examples.TwoOutputs, [1, 2], tooFar)
        );
        Assert.Throws<ArgumentOutOfRangeException>("sigma", () => Baseline.Blurred(0));
    }

    /// <summary>A Gaussian over 8 x 8 pixels, written as one double sum.</summary>
    private static double[] Blurred(double[] image, double sigma)
    {
        int reach = (int)Math.Ceiling(4 * sigma);
        double Weight(int x, int y) => Math.Exp(-((x * x) + (y * y)) / (2 * sigma * sigma));
        var result = new double[64];

        for (int place = 0; place < 64; place++)
        {
            double sum = 0;
            double total = 0;

            for (int y = -reach; y <= reach; y++)
            {
                for (int x = -reach; x <= reach; x++)
                {
                    int row = Math.Clamp((place / 8) + y, 0, 7);
                    int column = Math.Clamp((place % 8) + x, 0, 7);
                    sum += Weight(x, y) * image[(row * 8) + column];
                    total += Weight(x, y);
                }
            }

            result[place] = sum / total;
        }

        return result;
    }

    private sealed class Told : IProgress<ExplainProgress>
    {
        public List<ExplainProgress> All { get; } = [];

        public Action After { get; init; } = () => { };

        public void Report(ExplainProgress value)
        {
            All.Add(value);
            After();
        }
    }
}
