namespace Interact.CSharp.Tests;

public class ExplainErrorTests
{
    [Fact]
    public void Options_that_do_not_fit_the_model_are_refused_by_name()
    {
        void Refuses(string message, IntegratedHessiansOptions options)
        {
            string alone = Assert
                .Throws<ArgumentException>(
                    "options",
                    () => Explain.IntegratedHessians(Examples.TwoOutputs, [1, 2], options)
                )
                .Message;

            // Refused where the method is called, not when the results are enumerated.
            string several = Assert
                .Throws<ArgumentException>(
                    "options",
                    () =>
                        Explain.IntegratedHessians(
                            Examples.TwoOutputs,
                            [
                                [1, 2],
                                [3, 4],
                            ],
                            options
                        )
                )
                .Message;

            Assert.StartsWith(message, alone, StringComparison.Ordinal);
            Assert.StartsWith(message, several, StringComparison.Ordinal);
        }

        var groups = FeatureGroups.FromDictionary(new Dictionary<string, int[]> { ["a"] = [2] }, 3);

        Refuses("Target 2 does not exist", new() { Target = 2 });
        Refuses("Target -1 does not exist", new() { Target = -1 });
        Refuses("Tolerance is 0", new() { Tolerance = 0 });
        Refuses("Tolerance is NaN", new() { Tolerance = double.NaN });
        Refuses("MaxSamples is 0", new() { MaxSamples = 0 });
        Refuses("Threads is 0", new() { Threads = 0 });
        Refuses("Memory is 0 bytes", new() { Memory = 0 });
        Refuses("Memory is -1 bytes", new() { Memory = -1 });
        Refuses("Precision 7 does not exist", new() { Precision = (Precision)7 });
        Refuses("Kinks 7 does not exist", new() { Kinks = (KinkTreatment)7 });
        Refuses("Groups are made for rows of 3 elements", new() { Groups = groups });
        Refuses("There are 3 FeatureNames", new() { FeatureNames = ["a", "b", "c"] });
        Refuses("One of the FeatureNames is null", new() { FeatureNames = ["a", null!] });
        Refuses("a baseline has 1 elements", new() { Baseline = Baseline.Row(1) });
        Refuses("Element 1 of a baseline is", new() { Baseline = Baseline.Row(1, double.PositiveInfinity) });
        Refuses(
            "There are 3 baselines for",
            new()
            {
                Baseline = Baseline.Rows([
                    [1, 2],
                    [3, 4],
                    [5, 6],
                ]),
            }
        );
        Refuses("Baseline is null", new() { Baseline = null! });
    }

    [Fact]
    public void The_mean_of_one_row_is_refused()
    {
        var options = new IntegratedHessiansOptions { Baseline = Baseline.Mean };

        Assert.Throws<ArgumentException>(
            "options",
            () => Explain.IntegratedHessians(Examples.TwoOutputs, [1, 2], options)
        );
    }

    [Fact]
    public void Rows_that_do_not_fit_the_model_are_refused_by_number()
    {
        double[][] short1 =
        [
            [1, 2],
            [1],
        ];
        double[][] notFinite =
        [
            [1, 2],
            [1, double.NaN],
        ];
        double[][] missing =
        [
            [1, 2],
            null!,
        ];

        Assert.Throws<ArgumentException>("row", () => Explain.IntegratedHessians(Examples.TwoOutputs, [1.0]));
        Assert.Throws<ArgumentNullException>(
            "row",
            () => Explain.IntegratedHessians(Examples.TwoOutputs, (double[])null!)
        );
        Assert.Throws<ArgumentNullException>("model", () => Explain.IntegratedHessians(null!, [1.0]));

        foreach (double[][] rows in new[] { short1, notFinite, missing })
        {
            var problem = Assert.Throws<ArgumentException>(
                "rows",
                () => Explain.IntegratedHessians(Examples.TwoOutputs, rows)
            );
            Assert.Contains("ow 1 ", problem.Message, StringComparison.Ordinal);
        }
    }
}
