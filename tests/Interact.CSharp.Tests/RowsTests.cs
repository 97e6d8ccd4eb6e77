using System.Collections.Concurrent;

namespace Interact.CSharp.Tests;

public class RowsTests
{
    [Fact]
    public void Results_come_in_the_order_of_the_rows_and_do_not_depend_on_threads()
    {
        double[][] rows = Examples.Rows(200);

        double[][] one = Values(rows, new() { Threads = 1 });
        double[][] four = Values(rows, new() { Threads = 4 });

        Assert.Equal(one, four);

        for (int i = 0; i < rows.Length; i++)
        {
            InteractionResult alone = Explain.IntegratedHessians(Examples.TanhOfProduct, rows[i]);
            Assert.Equal(alone.Interactions.ToArray().Cast<double>(), four[i]);
        }
    }

    [Fact]
    public void Single_precision_is_close_to_double_and_less_exact()
    {
        double[][] rows = Examples.Rows(20);
        double[][] exact = Values(rows, new() { Tolerance = 1e-9 });
        double[][] single = Values(rows, new() { Precision = Precision.Single, Tolerance = 1e-4 });

        double Largest(Func<int, int, double> of) =>
            rows.Select((_, row) => exact[row].Select((_, i) => Math.Abs(of(row, i))).Max()).Max();

        double scale = Largest((row, i) => exact[row][i]);
        Assert.InRange(Largest((row, i) => exact[row][i] - single[row][i]) / scale, 1e-10, 1e-5);
    }

    [Fact]
    public void Little_memory_changes_results_by_rounding_at_most()
    {
        double[][] rows = Examples.Rows(5);
        double[][] plenty = Values(rows, new());
        double[][] little = Values(rows, new() { Memory = 1_000_000 });

        for (int row = 0; row < rows.Length; row++)
        {
            for (int i = 0; i < plenty[row].Length; i++)
                Assert.Equal(plenty[row][i], little[row][i], 1e-12);
        }
    }

    [Fact]
    public void Rows_are_streamed()
    {
        int read = 0;

        IEnumerable<double[]> Endless()
        {
            double[] buffer = new double[3];

            // The same array over and over: what was read must have been copied.
            for (; ; read++)
            {
                buffer[0] = read;
                buffer[1] = 1;
                yield return buffer;
            }
        }

        Explanation<AttributionResult> explanation = Explain.IntegratedGradients(
            Examples.ProductAndSum,
            Endless(),
            new() { Threads = 2 }
        );
        double[] values = [.. explanation.Take(50).Select(result => result.Value)];

        Assert.Null(explanation.RowCount);
        Assert.Equal(Enumerable.Range(0, 50).Select(row => (double)row), values);
        Assert.InRange(read, 50, 1000);
    }

    [Fact]
    public void Some_rows_are_explained_with_the_numbers_they_have_among_all()
    {
        double[][] rows = Examples.Rows(10);

        int[] Numbers(IEnumerable<double[]> rows, Range range) =>
            [
                .. Explain
                    .IntegratedGradients(Examples.ProductAndSum, rows, new() { Rows = range, Baseline = Baseline.Mean })
                    .Select(result => result.Row),
            ];

        Assert.Equal([2, 3, 4], Numbers(rows, 2..5));
        Assert.Equal([8, 9], Numbers(rows.Where(_ => true), ^2..));
        Assert.Equal([], Numbers(rows, 10..));
        Assert.Throws<ArgumentException>("options", () => Numbers(rows, 9..11));
        Assert.Throws<ArgumentException>("options", () => Numbers(rows, 5..3));
    }

    [Fact]
    public void Left_out_rows_count_in_the_mean()
    {
        double[][] rows =
        [
            [0, 0, 1],
            [0, 0, 2],
            [0, 0, 6],
        ];

        AttributionResult only = Assert.Single(
            Explain.IntegratedGradients(Examples.ProductAndSum, rows, new() { Rows = 1..2, Baseline = Baseline.Mean })
        );

        Assert.Equal(3, only.BaselineValue);
    }

    [Fact]
    public void No_rows_give_no_results()
    {
        Assert.Empty(Explain.IntegratedHessians(Examples.ProductAndSum, Array.Empty<double[]>()));
        Assert.Empty(
            Explain.IntegratedHessians(
                Examples.ProductAndSum,
                Array.Empty<double[]>(),
                new() { Baseline = Baseline.Mean }
            )
        );
    }

    [Fact]
    public void A_table_names_the_features()
    {
        using var folder = new TemporaryFolder();
        RowTable table = RowTable.Load(folder.Write("rows.csv", "height,width,depth\n1,2,3\n4,5,6\n"));

        Explanation<InteractionResult> explanation = Explain.IntegratedHessians(Examples.ProductAndSum, table);

        Assert.Equal(["height", "width", "depth"], explanation.Header.FeatureNames);
        Assert.Equal("integrated-hessians", explanation.Header.Method);
        Assert.Null(explanation.Header.Model);
        Assert.Equal(2, explanation.RowCount);
        Assert.Equal([5, 26], explanation.Select(result => result.Value));
        Assert.Throws<ArgumentException>("table", () => Explain.IntegratedHessians(Examples.TwoOutputs, table));
    }

    [Fact]
    public void Progress_counts_rows_and_those_that_are_not_certified()
    {
        Model steep = Model.FromFunction(3, x => Tensor.Tanh(100 * x[0] * x[1] * x[2]));
        var reported = new Recorder();
        var options = new IntegratedHessiansOptions { MaxSamples = 8 };

        List<InteractionResult> results = [.. Explain.IntegratedHessians(steep, Examples.Rows(20), options, reported)];

        Assert.Equal(Enumerable.Range(1, 20), reported.Select(progress => progress.Completed));
        Assert.All(reported, progress => Assert.Equal(20, progress.Total));
        Assert.Equal(results.Count(result => !result.Certificate.Satisfied), reported.Last().Uncertified);
        Assert.NotEqual(0, reported.Last().Uncertified);
    }

    [Fact]
    public void Cancellation_stops_between_rows_and_within_a_row()
    {
        using var cancellation = new CancellationTokenSource();
        int seen = 0;

        var stopped = Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (
                InteractionResult result in Explain.IntegratedHessians(
                    Examples.TanhOfProduct,
                    Endless(),
                    cancellationToken: cancellation.Token
                )
            )
            {
                if (++seen == 20)
                    cancellation.Cancel();
            }
        });

        Assert.Equal(cancellation.Token, stopped.CancellationToken);
        Assert.Equal(20, seen);
        Assert.ThrowsAny<OperationCanceledException>(() =>
            Explain.IntegratedHessians(Examples.TanhOfProduct, [1, 2, 3], cancellationToken: cancellation.Token)
        );
    }

    [Fact]
    public void Leaving_the_loop_stops_what_is_computed_ahead()
    {
        int evaluated = 0;
        Model counting = Model.FromOracle(
            new DerivativeOracle
            {
                InputSize = 3,
                Value = x => [x[0]],
                Gradient = (_, _) =>
                {
                    Interlocked.Increment(ref evaluated);
                    Thread.Sleep(1);
                    return [1, 0, 0];
                },
                Curvature = (_, _, directions) => new double[directions.Length, directions.Length],
            }
        );

        _ = Explain.IntegratedHessians(counting, Endless(), new() { Threads = 2 }).First();

        // The rows have no end, so what is not stopped goes on for ever.
        Assert.True(SpinWait.SpinUntil(IsIdle, TimeSpan.FromSeconds(60)));

        bool IsIdle()
        {
            int before = Volatile.Read(ref evaluated);
            Thread.Sleep(300);
            return before == Volatile.Read(ref evaluated);
        }
    }

    [Fact]
    public void What_a_model_raises_passes_through()
    {
        Model failing = Model.FromOracle(
            new DerivativeOracle
            {
                InputSize = 3,
                Value = _ => throw new InvalidTimeZoneException(),
                Gradient = (_, _) => [],
                Curvature = (_, _, _) => new double[0, 0],
            }
        );

        Assert.Throws<InvalidTimeZoneException>(() => Explain.IntegratedHessians(failing, Examples.Rows(2)).ToList());
    }

    [Fact]
    public void A_row_without_a_baseline_is_refused_when_it_comes()
    {
        Explanation<AttributionResult> explanation = Explain.IntegratedGradients(
            Examples.ProductAndSum,
            Examples.Rows(3).Where(_ => true),
            new()
            {
                Baseline = Baseline.Rows([
                    [0, 0, 0],
                    [0, 0, 0],
                ]),
            }
        );

        Assert.Throws<ArgumentException>("rows", explanation.ToList);
    }

    private static double[][] Values(double[][] rows, IntegratedHessiansOptions options) =>
        [
            .. Explain
                .IntegratedHessians(Examples.TanhOfProduct, rows, options)
                .Select(result => result.Interactions.ToArray().Cast<double>().ToArray()),
        ];

    private static IEnumerable<double[]> Endless()
    {
        while (true)
            yield return [1, 2, 3];
    }

    /// <summary>Progress that is kept at once, unlike that of Progress, which comes later on another thread.</summary>
    private sealed class Recorder : ConcurrentQueue<ExplainProgress>, IProgress<ExplainProgress>
    {
        public void Report(ExplainProgress value) => Enqueue(value);
    }
}
