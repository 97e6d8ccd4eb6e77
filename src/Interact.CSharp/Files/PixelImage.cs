using System.Globalization;
using System.Text;

namespace Interact;

/// <summary>A row of numbers seen as an image, drawn with rectangles of one colour.</summary>
internal sealed class PixelImage
{
    /// <summary>The most pixels along a side; larger images are drawn as means of blocks.</summary>
    private const int LargestSide = 128;

    private readonly int _channels;
    private readonly double[] _pixels;

    private PixelImage(int channels, int height, int width, double[] pixels)
    {
        _channels = channels;
        Height = height;
        Width = width;
        _pixels = pixels;
    }

    public int Height { get; }

    public int Width { get; }

    /// <param name="row">Channels x height x width elements; three channels are red, green and blue, others are averaged.</param>
    /// <param name="shape">Batch (1) x channels x height x width.</param>
    public static PixelImage Of(ReadOnlySpan<double> row, IReadOnlyList<int> shape)
    {
        (int channels, int height, int width) = (shape[1], shape[2], shape[3]);
        int block = (Math.Max(height, width) + LargestSide - 1) / LargestSide;
        (int rows, int columns) = ((height + block - 1) / block, (width + block - 1) / block);
        int kept = channels == 3 ? 3 : 1;
        var sums = new double[kept * rows * columns];
        var counts = new int[sums.Length];

        for (int c = 0; c < channels; c++)
        for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
        {
            int place = ((c % kept * rows) + (y / block)) * columns + (x / block);
            sums[place] += row[(((c * height) + y) * width) + x];
            counts[place]++;
        }

        for (int i = 0; i < sums.Length; i++)
            sums[i] /= counts[i];

        return new PixelImage(kept, rows, columns, sums);
    }

    /// <summary>Draws the image as a group of rectangles; neighbours in a line that have one colour are one rectangle.</summary>
    public void Draw(StringBuilder svg, double size)
    {
        double smallest = _pixels.Min();
        double range = _pixels.Max() - smallest;
        double scale = range > 0 ? 255 / range : 0;
        double pixel = size / Math.Max(Height, Width);
        svg.Append("<g shape-rendering=\"crispEdges\">\n");

        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; )
            {
                string colour = Colour(y, x, smallest, scale);
                int end = x + 1;

                while (end < Width && Colour(y, end, smallest, scale) == colour)
                    end++;

                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<rect x=\"{x * pixel:0.##}\" y=\"{y * pixel:0.##}\" width=\"{(end - x) * pixel:0.##}\" height=\"{pixel:0.##}\" fill=\"{colour}\"/>\n"
                );
                x = end;
            }
        }

        svg.Append("</g>\n");
    }

    private string Colour(int y, int x, double smallest, double scale)
    {
        int Level(int channel) => (int)Math.Round((_pixels[(((channel * Height) + y) * Width) + x] - smallest) * scale);

        return _channels == 3
            ? $"#{Level(0):x2}{Level(1):x2}{Level(2):x2}"
            : $"#{Level(0):x2}{Level(0):x2}{Level(0):x2}";
    }
}
