using System.Text.Json;

namespace Interact.CSharp.Tests;

/// <summary>Relative centrality of variables, against its definition in 60 digits and between ways of asking for it.</summary>
public class RateTests
{
    private static readonly RateOptions Second = new() { Output = 1 };

    [Fact]
    public void A_last_layer_of_several_outputs_has_the_shares_of_the_definition()
    {
        JsonElement found = Case("the second of three outputs");
        LastLayer layer = LastLayer.Create(
            Matrix(found.GetProperty("mean")),
            Matrix(found.GetProperty("variance")),
            Numbers(found.GetProperty("bias"))
        );
        Assert.Equal((8, 3), (layer.FeatureCount, layer.OutputCount));
        double[][] rows = Rows(found.GetProperty("data"));
        double[][] features = Rows(found.GetProperty("features"));

        AssertShares(found.GetProperty("quadratic"), Rate.OfLastLayer(rows, features, layer, Second));
        RateOptions exact = Second with { Divergence = RateDivergence.Exact, Threads = 1 };
        RateResult result = Rate.OfLastLayer(rows, features, layer, exact);
        AssertShares(found.GetProperty("exact"), result);
        Assert.Equal(1, result.Output);
    }

    [Fact]
    public void Groups_and_what_is_given_have_the_shares_of_the_definition()
    {
        JsonElement found = Case("a group given");
        Assert.Equal([1], Numbers(found.GetProperty("given")));
        int[][] members = [.. Rows(found.GetProperty("groups")).Select(row => row.Select(i => (int)i).ToArray())];
        string[] names = ["a", "b", "c", "d"];
        var options = new RateOptions
        {
            Groups = FeatureGroups.FromDictionary(names.Zip(members, KeyValuePair.Create), 8),
            Given = ["b"],
        };

        RateResult result = Rate.OfLastLayer(
            Rows(found.GetProperty("data")),
            Rows(found.GetProperty("features")),
            LastLayer.Create(Matrix(found.GetProperty("mean")), Matrix(found.GetProperty("variance")), [0]),
            options
        );

        AssertShares(found.GetProperty("quadratic"), result);
        Assert.Equal(["a", "c", "d"], result.Variables.Select(variable => variable.Name));
        Assert.Equal([0, 2, 3], result.Variables.Select(variable => variable.Index));
        Assert.Equal(["b"], result.Given);

        // The same by its index.
        RateResult byIndex = Rate.OfLastLayer(
            Rows(found.GetProperty("data")),
            Rows(found.GetProperty("features")),
            LastLayer.Create(Matrix(found.GetProperty("mean")), Matrix(found.GetProperty("variance"))),
            options with
            {
                Given = ["1", "b"],
            }
        );

        Assert.Equal(Shares(result), Shares(byIndex));
    }

    [Fact]
    public void Draws_have_the_shares_of_the_definition()
    {
        JsonElement drawn = Case("projected function draws");
        var projection = new RateOptions { Effect = EffectSizeAnalogue.Projection };
        AssertShares(
            drawn.GetProperty("quadratic"),
            Rate.OfFunctionDraws(Rows(drawn.GetProperty("data")), Rows(drawn.GetProperty("draws")), projection)
        );

        JsonElement effects = Case("few draws");
        RateResult result = Rate.OfEffectSizeDraws(Rows(effects.GetProperty("draws")));
        AssertShares(effects.GetProperty("quadratic"), result);
        Assert.Null(result.Effect);
        Assert.Null(result.Output);
        Assert.Equal("x14", result.Variables[14].Name);
    }

    [Fact]
    public void A_model_gives_the_features_that_are_given_without_it()
    {
        // Features tanh x0, x0·x1 and x2.
        Model model = Model.FromFunction(3, x => Tensor.Stack(Tensor.Tanh(x[0]), x[0] * x[1], x[2]));
        double[][] rows = Examples.Rows(40);
        double[][] features = [.. rows.Select(row => new[] { Math.Tanh(row[0]), row[0] * row[1], row[2] })];
        LastLayer layer = LastLayer.Create([1.0, -2.0, 0.5], [0.1, 0.2, 0.3], bias: 4);
        double[] expected = Shares(Rate.OfLastLayer(rows, features, layer));
        double[] found = Shares(Rate.OfLastLayer(model, rows, layer));
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-10));
    }

    [Fact]
    public void Features_inside_a_network_are_those_of_the_network_cut_there()
    {
        string file = Repository.Sample("model.onnx");
        var inside = Model.Load(file, new ModelLoadOptions { At = "/tanh2/Tanh_output_0" });
        RowTable table = RowTable.Load(Repository.Sample("rows.csv"));
        LastLayer layer = LastLayer.Load(Repository.Sample("last-layer.npz"));
        RateResult result = Rate.OfLastLayer(inside, table, layer);

        double[][] features = [.. table.Select(row => inside.Enter(row).Value)];
        Assert.Equal(Shares(Rate.OfLastLayer(table, features, layer)), Shares(result));
        Assert.Equal(table.Columns, result.Variables.Select(variable => variable.Name));
        Assert.Equal("model.onnx", result.Model?.File);

        // The last layer's mean is what the network itself ends with: its logit is linear in the features.
        var network = Model.Load(file);
        RateResult byNetwork = Rate.OfFunctionDraws(
            table,
            Draws(features, layer, network, table),
            new RateOptions { Ridge = 1e-3 }
        );
        RateResult byLayer = Rate.OfLastLayer(table, features, layer, new RateOptions { Ridge = 1e-3 });
        Assert.All(Shares(byNetwork).Zip(Shares(byLayer)), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    /// <summary>
    /// Draws with exactly the mean and the covariance of the last layer: two for each weight, a multiple of its standard deviation up
    /// and down from the logit of the network.
    /// </summary>
    private static double[][] Draws(double[][] features, LastLayer layer, Model network, RowTable table)
    {
        double[] logits = [.. table.Select(row => network.Evaluate(row)[0])];
        double[] deviations = [.. layer.VarianceRows.Select(row => Math.Sqrt(row[0]))];
        double step = Math.Sqrt((2 * deviations.Length - 1) / 2.0);

        return
        [
            .. from weight in Enumerable.Range(0, deviations.Length)
            from sign in new[] { 1, -1 }
            select logits.Zip(features, (f, h) => f + (sign * step * deviations[weight] * h[weight])).ToArray(),
        ];
    }

    [Fact]
    public void Files_hold_what_the_result_holds()
    {
        using var folder = new TemporaryFolder();
        JsonElement effects = Case("draws");
        var options = new RateOptions { FeatureNames = ["a,b", .. Enumerable.Range(1, 9).Select(i => $"v{i}")] };
        RateResult result = Rate.OfEffectSizeDraws(Rows(effects.GetProperty("draws")), options);
        result.Save(folder["out.json"]);
        result.Save(folder["out.csv"]);

        using var json = JsonDocument.Parse(File.ReadAllText(folder["out.json"]));
        JsonElement root = json.RootElement;
        Assert.Equal("interact.rate/1", root.GetProperty("schema").GetString());
        Assert.Equal("quadratic", root.GetProperty("divergence").GetString());
        Assert.Equal(1e-9, root.GetProperty("ridge").GetDouble());
        Assert.Equal(result.EffectiveSampleSize, root.GetProperty("effectiveSampleSize").GetDouble());
        Assert.Equal(
            Shares(result),
            root.GetProperty("variables").EnumerateArray().Select(variable => variable.GetProperty("rate").GetDouble())
        );

        string[] lines = File.ReadAllLines(folder["out.csv"]);
        Assert.Equal("rank,index,variable,rate,divergence,aboveUniform", lines[0]);
        Assert.Equal(11, lines.Length);
        RatedVariable first = result.Strongest(1)[0];
        Assert.Equal(Shares(result).Max(), first.Rate);
        Assert.StartsWith($"1,{first.Index},", lines[1], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.Contains(",\"a,b\",", StringComparison.Ordinal));

        Assert.Throws<ArgumentException>("path", () => result.Save(folder["out.txt"]));
    }

    [Fact]
    public void A_last_layer_is_read_from_arrays()
    {
        using var folder = new TemporaryFolder();
        (string, int[], double[]) mean = ("mean", [2, 3], [1, 2, 3, 4, 5, 6]);
        (string, int[], double[]) variance = ("variance", [2, 3], [1, 1, 1, 1, 1, 1]);
        LastLayer layer = LastLayer.Load(NpzFile.Write(folder["a.npz"], mean, variance, ("bias", [3], [7, 8, 9])));
        Assert.Equal((2, 3), (layer.FeatureCount, layer.OutputCount));
        Assert.Equal([4.0, 5, 6], layer.MeanRows[1]);
        Assert.Equal([7.0, 8, 9], layer.BiasValues);

        LastLayer one = LastLayer.Load(
            NpzFile.Write(folder["b.npz"], ("mean", [3], [1, 2, 3]), ("variance", [3, 1], [4, 5, 6]))
        );
        Assert.Equal((3, 1), (one.FeatureCount, one.OutputCount));
        Assert.Equal([0.0], one.BiasValues);

        Refused("mean", ("variance", [3], [1, 2, 3]));
        Refused("variance", mean);
        Refused("negative", mean, ("variance", [2, 3], [1, 1, 1, 1, -1, 1]));
        Refused("3 x 1", mean, ("variance", [3], [1, 1, 1]));
        Refused("bias has 2", mean, variance, ("bias", [2], [1, 1]));
        Assert.Throws<DataFormatException>(() => LastLayer.Load(folder["none.npz"]));

        void Refused(string text, params (string, int[], double[])[] arrays)
        {
            File.Delete(folder["c.npz"]);
            string path = NpzFile.Write(folder["c.npz"], arrays);
            var problem = Assert.Throws<DataFormatException>(() => LastLayer.Load(path));
            Assert.Contains(text, problem.Message, StringComparison.Ordinal);
            Assert.Contains("c.npz", problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_its_name()
    {
        double[][] rows = Examples.Rows(5);
        double[][] features = Examples.Rows(5, 2);
        LastLayer layer = LastLayer.Create([1.0, 2.0], [1.0, 1.0]);
        LastLayer several = LastLayer.Create(
            new double[,]
            {
                { 1, 2 },
                { 3, 4 },
            },
            new double[,]
            {
                { 1, 1 },
                { 1, 1 },
            }
        );

        void Refused(string parameter, string text, Func<RateResult> work) =>
            Assert.Contains(text, Assert.Throws<ArgumentException>(parameter, work).Message, StringComparison.Ordinal);

        Refused("layer", "2 features", () => Rate.OfLastLayer(rows, Examples.Rows(5), layer));
        Refused("features", "4 rows", () => Rate.OfLastLayer(rows, features[..4], layer));
        Refused("options", "Output", () => Rate.OfLastLayer(rows, features, several));
        Refused("options", "Output 2", () => Rate.OfLastLayer(rows, features, several, new() { Output = 2 }));
        Refused("options", "'y'", () => Rate.OfLastLayer(rows, features, layer, new() { Given = ["y"] }));
        Refused(
            "options",
            "two at least",
            () => Rate.OfLastLayer(rows, features, layer, new() { Given = ["0", "x1"] })
        );
        Refused("options", "Ridge", () => Rate.OfLastLayer(rows, features, layer, new() { Ridge = 0 }));
        Refused("options", "Threads", () => Rate.OfLastLayer(rows, features, layer, new() { Threads = 0 }));
        Refused(
            "options",
            "FeatureNames",
            () => Rate.OfLastLayer(rows, features, layer, new() { FeatureNames = ["a"] })
        );
        Refused("rows", "one row", () => Rate.OfLastLayer(rows[..1], features[..1], layer));
        Refused("rows", "Row 0 is null", () => Rate.OfFunctionDraws([null!], rows));
        Refused("draws", "one value for each row", () => Rate.OfFunctionDraws(rows, rows));
        Refused("draws", "one draw", () => Rate.OfEffectSizeDraws(rows[..1]));
        Refused(
            "draws",
            "diagonal",
            () =>
                Rate.OfEffectSizeDraws([
                    [1, 2],
                    [3, 2],
                    [1, 4],
                    [3, 4],
                ])
        );
        Assert.Throws<ArgumentException>("variance", () => LastLayer.Create([1.0], [-1.0]));
        Assert.Throws<ArgumentException>("mean", () => LastLayer.Create([], []));
        Assert.Throws<ArgumentException>("bias", () => LastLayer.Create([1.0], [1.0], double.NaN));

        Model logarithm = Model.FromFunction(1, x => Tensor.Stack(Tensor.Log(x[0] + 1), x[0]));
        var problem = Assert.Throws<ModelEvaluationException>(() =>
            Rate.OfLastLayer(
                logarithm,
                [
                    [1.0],
                    [-1.0],
                ],
                layer
            )
        );
        Assert.Equal(1, problem.Row);
    }

    [Fact]
    public void The_computation_can_be_stopped()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        LastLayer layer = LastLayer.Create([1.0, 2.0], [1.0, 1.0]);
        Assert.ThrowsAny<OperationCanceledException>(() =>
            Rate.OfLastLayer(Examples.Rows(5), Examples.Rows(5, 2), layer, null, source.Token)
        );
    }

    private static void AssertShares(JsonElement expected, RateResult result)
    {
        double[] rates = Numbers(expected.GetProperty("rates"));
        double[] divergences = Numbers(expected.GetProperty("divergences"));
        Assert.Equal(rates.Length, result.Variables.Count);

        for (int i = 0; i < rates.Length; i++)
        {
            Assert.Equal(1, result.Variables[i].Rate / rates[i], 1e-8);
            Assert.Equal(1, result.Variables[i].Divergence / divergences[i], 1e-8);
        }

        Assert.Equal(1.0 / rates.Length, result.UniformRate);
        Assert.Equal(expected.GetProperty("fromUniform").GetDouble(), result.DivergenceFromUniform, 1e-8);
        Assert.Equal(expected.GetProperty("effectiveSampleSize").GetDouble(), result.EffectiveSampleSize, 1e-6);
    }

    private static double[] Shares(RateResult result) => [.. result.Variables.Select(variable => variable.Rate)];

    private static JsonElement Case(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Repository.Fixture("rate/cases.json")));
        return document
            .RootElement.EnumerateArray()
            .Single(found => found.GetProperty("name").GetString() == name)
            .Clone();
    }

    private static double[] Numbers(JsonElement element) =>
        [.. element.EnumerateArray().Select(number => number.GetDouble())];

    private static double[][] Rows(JsonElement element) => [.. element.EnumerateArray().Select(Numbers)];

    private static double[,] Matrix(JsonElement element)
    {
        double[][] rows = Rows(element);
        var matrix = new double[rows.Length, rows[0].Length];

        for (int i = 0; i < rows.Length; i++)
        {
            for (int j = 0; j < rows[i].Length; j++)
                matrix[i, j] = rows[i][j];
        }

        return matrix;
    }

    [Fact]
    public void A_network_that_ends_in_a_variational_layer_has_its_posterior_in_its_file()
    {
        double[][] rows = Examples.Rows(200, 4);
        var data = TrainingData.Create(rows, rows.Select(row => row[0] - row[1] > 0 ? 1.0 : 0.0));
        Network network = Network.Create([4], [Layer.Dense(12), Layer.Tanh, Layer.Variational(1)], seed: 1);
        TrainingOptions training = new()
        {
            Loss = Loss.BinaryCrossEntropy,
            Epochs = 30,
            LearningRate = 0.01,
            Threads = 1,
        };
        Network trained = Training.Run(network, data, null, training).Network;

        using var folder = new TemporaryFolder();
        trained.Save(folder["network.onnx"]);
        LastLayer layer = LastLayer.OfNetwork(Network.Load(folder["network.onnx"]));
        Assert.Equal((12, 1), (layer.FeatureCount, layer.OutputCount));

        // From the features to the output by the tensor's name: what the layer's means make of them is the output.
        Model whole = Model.Load(folder["network.onnx"]);
        Model after = Model.Load(folder["network.onnx"], new ModelLoadOptions { At = layer.Features });
        Assert.Equal(12, after.InputSize);

        RateResult result = Rate.OfLastLayer(after, rows, layer);
        RateResult same = Rate.OfLastLayer(after, rows, LastLayer.OfNetwork(trained));
        Assert.Equal(same.Variables.Select(one => one.Rate), result.Variables.Select(one => one.Rate));

        // The first two variables tell the classes apart.
        int[] order = [.. result.Variables.OrderByDescending(one => one.Rate).Select(one => one.Index)];
        Assert.Equal([0, 1], order.Take(2).Order());
        Assert.Equal(1, whole.OutputSize);

        Network plain = Network.Create([4], [Layer.Dense(1)], seed: 1);
        Assert.Contains(
            "not variational",
            Assert.Throws<ArgumentException>(() => LastLayer.OfNetwork(plain)).Message,
            StringComparison.Ordinal
        );
    }
}
