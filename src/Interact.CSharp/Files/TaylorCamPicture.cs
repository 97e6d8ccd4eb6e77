using System.Globalization;
using System.Net;
using System.Text;

namespace Interact;

/// <summary>Pictures of Taylor-CAM: the image, and the positions that act together most strongly joined by lines.</summary>
public static class TaylorCamPicture
{
    private const double Size = 512;
    private const double Line = 18;
    private const string Ink = "#e8590c";

    /// <summary>The picture of one row as SVG, to be looked at in any browser.</summary>
    /// <param name="model">The model; its row is an image, and what is explained of it has positions.</param>
    /// <param name="row">The row.</param>
    /// <param name="result">The result for the row.</param>
    /// <param name="strongest">How many of the strongest sets are drawn, at least 1.</param>
    /// <returns>
    /// An svg element. A line is as wide as the square root of its strength, the strongest 8 pixels; a set of three positions is a
    /// triangle. Pixels are scaled from the row's smallest to its largest value.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The row is no image (batch x channels x height x width), or what is explained is no feature map, or they do not fit.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of sets is not positive.</exception>
    public static string Svg(Model model, double[] row, PositionInteractionResult result, int strongest = 10)
    {
        Check(model);
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentOutOfRangeException.ThrowIfLessThan(strongest, 1);
        Guard.Row(row, model.RowSize, "the row", nameof(row));

        if (result.Positions.Length != model.InputSize)
        {
            throw new ArgumentException(
                $"The result is for {result.Positions.Length} elements; the model explains {model.InputSize}.",
                nameof(result)
            );
        }

        var image = PixelImage.Of(row, model.RowShape);
        double side = Math.Max(image.Height, image.Width);
        double height = Size * image.Height / side;
        RankedInteraction[] drawn = [.. result.Sets.Where(set => set.Strength > 0).Take(strongest)];
        double whole = height + ((drawn.Length + 2) * Line);

        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Size:0}\" height=\"{whole:0}\" viewBox=\"0 0 {Size:0} {whole:0}\" font-family=\"sans-serif\" font-size=\"13\">\n"
        );
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        image.Draw(svg, Size);
        var places = new Places(result.Positions, model.InputShape, Size * image.Width / side, height);

        // The weakest first, so that the strongest lies on top.
        foreach (RankedInteraction set in drawn.Reverse())
            Draw(svg, places, set, drawn[0].Strength);

        Describe(svg, result, drawn, height);
        svg.Append("</svg>\n");
        return svg.ToString();
    }

    /// <summary>Checks that a model's rows can be drawn.</summary>
    internal static void Check(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);

        if (model.RowShape.Count != 4)
        {
            throw new ArgumentException(
                $"The model's input has shape {Shape(model.RowShape)}, which is no image (batch x channels x height x width); write .json or .csv.",
                nameof(model)
            );
        }

        if (model.InputShape.Count != 4)
        {
            throw new ArgumentException(
                $"What is explained has shape {Shape(model.InputShape)}, which is no feature map (batch x channels x height x width); write .json or .csv.",
                nameof(model)
            );
        }
    }

    private static string Shape(IEnumerable<int> shape) => string.Join(" x ", shape);

    private static void Draw(StringBuilder svg, Places places, RankedInteraction set, double largest)
    {
        double share = Math.Sqrt(set.Strength / largest);
        string points = string.Join(' ', set.Members.Select(places.CentreOf));
        string shape = set.Members.Count == 2 ? "polyline" : "polygon";
        string fill = set.Members.Count == 2 ? "none" : Ink;

        svg.Append(
            CultureInfo.InvariantCulture,
            $"<{shape} points=\"{points}\" fill=\"{fill}\" fill-opacity=\"{0.25 * share:0.###}\" stroke=\"{Ink}\" stroke-opacity=\"{0.3 + (0.7 * share):0.###}\" stroke-width=\"{8 * share:0.##}\" stroke-linecap=\"round\" stroke-linejoin=\"round\"><title>{WebUtility.HtmlEncode(set.ToString())}</title></{shape}>\n"
        );

        foreach (int member in set.Members)
        {
            (double x, double y) = places.Centre(member);
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<circle cx=\"{x:0.##}\" cy=\"{y:0.##}\" r=\"4\" fill=\"white\" stroke=\"{Ink}\" stroke-width=\"2\"/>\n"
            );
        }
    }

    private static void Describe(
        StringBuilder svg,
        PositionInteractionResult result,
        RankedInteraction[] drawn,
        double top
    )
    {
        void Write(int line, string text) =>
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"4\" y=\"{top + ((line + 1) * Line):0.##}\">{WebUtility.HtmlEncode(text)}</text>\n"
            );

        Write(
            0,
            string.Create(
                CultureInfo.InvariantCulture,
                $"row {result.Row}, output {result.Target}: f(x) = {result.Value:g6}"
            )
        );

        for (int i = 0; i < drawn.Length; i++)
            Write(
                i + 1,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{string.Join(" x ", drawn[i].Names)}  {drawn[i].Strength:g4}"
                )
            );

        if (drawn.Length == 0)
            Write(1, "no two positions interact");
    }

    /// <summary>Where positions of a feature map lie on the image: in the middle of their elements.</summary>
    private sealed class Places(FeatureGroups positions, IReadOnlyList<int> shape, double width, double height)
    {
        public (double X, double Y) Centre(int position)
        {
            (int rows, int columns) = (shape[2], shape[3]);
            IReadOnlyList<int> members = positions.Members(position);
            double y = members.Average(element => (element / columns % rows) + 0.5);
            double x = members.Average(element => (element % columns) + 0.5);
            return (x * width / columns, y * height / rows);
        }

        public string CentreOf(int position)
        {
            (double x, double y) = Centre(position);
            return string.Create(CultureInfo.InvariantCulture, $"{x:0.##},{y:0.##}");
        }
    }
}
