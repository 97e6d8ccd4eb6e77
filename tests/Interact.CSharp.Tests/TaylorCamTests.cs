using System.Globalization;
using System.Xml.Linq;

namespace Interact.CSharp.Tests;

/// <summary>Taylor-CAM of a small convolutional network against its definition, and the picture.</summary>
public class TaylorCamTests
{
    private const string FeatureMap = "/b1/BatchNormalization_output_0";

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private static readonly RowTable Digits = RowTable.Load(Repository.Fixture("digits_cnn/inputs.csv"));

    private static Model Network(string? at = null) =>
        Model.Load(Repository.Fixture("digits_cnn/model.onnx"), new ModelLoadOptions { At = at });

    [Fact]
    public void Strengths_are_those_of_the_hessian()
    {
        Model model = Network(FeatureMap);
        PositionInteractionResult result = Explain.TaylorCam(model, Digits[1]);
        (Model entered, double[] map) = model.Enter(Digits[1]);
        double[,] hessian = entered.Hessian(map, result.Target);
        (int channels, int places) = (model.InputShape[1], model.InputShape[2] * model.InputShape[3]);

        double One(int i, int j) =>
            Enumerable
                .Range(0, channels * channels)
                .Sum(pair =>
                {
                    int from = (pair / channels * places) + i;
                    int to = (pair % channels * places) + j;
                    return map[from] * hessian[from, to];
                });

        Assert.Equal(places * (places - 1) / 2, result.Sets.Count);
        double allowed = 1e-10 * result.Sets[0].Strength;

        foreach (RankedInteraction set in result.Sets)
        {
            (int i, int j) = (set.Members[0], set.Members[1]);
            Assert.Equal(Math.Pow(One(i, j), 2) + Math.Pow(One(j, i), 2), set.Strength, allowed);
            Assert.Equal($"patch{i / 8}.{i % 8}", set.Names[0]);
        }
    }

    [Fact]
    public void Rows_are_explained_as_each_by_itself()
    {
        Model model = Network();
        var options = new TaylorCamOptions { Rows = 1.., Threads = 2 };
        PositionInteractionResult[] results = [.. Explain.TaylorCam(model, Digits, options)];
        Assert.Equal([1, 2], results.Select(result => result.Row));

        foreach (PositionInteractionResult result in results)
        {
            PositionInteractionResult alone = Explain.TaylorCam(model, Digits[result.Row]);
            Assert.Equal(alone.Sets.Select(set => set.Strength), result.Sets.Select(set => set.Strength));
        }
    }

    [Fact]
    public void Three_positions_of_a_product_act_together()
    {
        // Along the map at one of them and along ones at the others, x0·x1·x2 has the derivative x_i.
        Model model = Model.FromFunction(4, x => (x[0] * x[1] * x[2]) + x[3]);
        var positions = FeatureGroups.FromDictionary([new("a", [0]), new("b", [1]), new("c", [2]), new("d", [3])], 4);
        var options = new TaylorCamOptions { Order = 3, Positions = positions };
        PositionInteractionResult result = Explain.TaylorCam(model, [2, 3, 5, 7], options);
        Assert.Equal(["a", "b", "c"], result.Sets[0].Names);
        Assert.Equal(4.0 + 9 + 25, result.Sets[0].Strength, 1e-12);
        Assert.All(result.Sets.Skip(1), set => Assert.Equal(0, set.Strength));
    }

    [Fact]
    public void What_has_no_positions_is_refused()
    {
        Model model = Examples.ProductAndSum;
        Assert.Throws<ArgumentException>("options", () => Explain.TaylorCam(model, [1, 2, 3]));
        Assert.Throws<ArgumentException>(() => Explain.TaylorCam(Network(), Digits[0], new() { Order = 1 }));
        // 41,664 sets of 64 places are fine; 7.6 million of order 5 are not.
        Assert.Throws<ArgumentException>(() => Explain.TaylorCam(Network(), Digits[0], new() { Order = 5 }));
    }

    [Fact]
    public void The_picture_joins_the_strongest_positions_by_lines()
    {
        Model model = Network(FeatureMap);
        PositionInteractionResult result = Explain.TaylorCam(model, Digits[0]);
        XElement picture = XElement.Parse(TaylorCamPicture.Svg(model, Digits[0], result, 3));
        XElement[] lines = [.. picture.Elements(Svg + "polyline")];
        Assert.Equal(3, lines.Length);

        // The strongest is drawn last, 8 wide, between the middles of its 64 x 64 squares.
        XElement strongest = lines[^1];
        Assert.Equal("8", strongest.Attribute("stroke-width")!.Value);

        IEnumerable<string> ends = result
            .Sets[0]
            .Members.Select(place =>
                string.Create(CultureInfo.InvariantCulture, $"{(place % 8 * 64) + 32},{(place / 8 * 64) + 32}")
            );

        Assert.Equal(string.Join(' ', ends), strongest.Attribute("points")!.Value);

        // Pixels cover the whole image once.
        double area = picture
            .Element(Svg + "g")!
            .Elements(Svg + "rect")
            .Sum(pixel => (double)pixel.Attribute("width")! * (double)pixel.Attribute("height")!);

        Assert.Equal(512 * 512, area, 1e-6);
    }

    [Fact]
    public void A_table_has_no_picture()
    {
        Model model = Examples.ProductAndSum;
        var positions = FeatureGroups.FromDictionary([new("a", [0]), new("b", [1]), new("c", [2])], 3);
        PositionInteractionResult result = Explain.TaylorCam(model, [1, 2, 3], new() { Positions = positions });
        Assert.Throws<ArgumentException>("model", () => TaylorCamPicture.Svg(model, [1, 2, 3], result));
        using var folder = new TemporaryFolder();
        Assert.Throws<ArgumentException>(() =>
            TaylorCamFile.Write(
                folder["x.svg"],
                model,
                [
                    [1, 2, 3],
                ],
                [result]
            )
        );
        Assert.False(File.Exists(folder["x.svg"]));
    }
}
