using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;

namespace Interact.Cli.Tests;

/// <summary>The command `taylor-cam`.</summary>
public class TaylorCamTests
{
    private static readonly string ModelFile = Repository.Fixture("digits_cnn/model.onnx");
    private static readonly string Rows = Repository.Fixture("digits_cnn/inputs.csv");

    [Fact]
    public void Json_and_csv_hold_the_same_strengths()
    {
        using var folder = new TemporaryFolder();
        Run("--rows", "1..2", "--out", folder["out.json"]).Succeeded();
        Run("--rows", "1..2", "--out", folder["out.csv"]).Succeeded();
        using var json = JsonDocument.Parse(File.ReadAllText(folder["out.json"]));
        JsonElement root = json.RootElement;
        Assert.Equal("interact.taylor-cam/1", root.GetProperty("schema").GetString());
        JsonElement settings = root.GetProperty("settings");
        Assert.Equal("1..2", settings.GetProperty("rows").GetString());
        Assert.Equal("predicted", settings.GetProperty("target").GetString());
        Assert.Equal("2", settings.GetProperty("order").GetString());
        Assert.Equal(12, settings.GetProperty("data").GetString()!.Length);
        Assert.Equal(64, root.GetProperty("positions").GetArrayLength());
        string[] names = root.GetProperty("positions").Deserialize<string[]>()!;

        IEnumerable<string> expected =
            from row in root.GetProperty("rows").EnumerateArray()
            from set in row.GetProperty("sets").EnumerateArray().Select((set, rank) => (set, rank))
            let members = set.set.GetProperty("members").Deserialize<int[]>()!
            let positions = string.Join(" x ", members.Select(member => names[member]))
            select string.Create(
                CultureInfo.InvariantCulture,
                $"{row.GetProperty("row")},{row.GetProperty("target")},{row.GetProperty("value").GetDouble()},{set.rank + 1},{positions},{set.set.GetProperty("strength").GetDouble()}"
            );

        string[] lines = File.ReadAllLines(folder["out.csv"]);
        Assert.Equal("row,target,value,rank,positions,strength", lines[0]);
        Assert.Equal(expected, lines[1..]);
        Assert.Equal(2 * 64 * 63 / 2, lines.Length - 1);
    }

    [Fact]
    public void A_picture_shows_one_row_and_a_page_shows_all()
    {
        using var folder = new TemporaryFolder();
        Run("--rows", "0..0", "--order", "3", "--groups", "patches:2x2", "--top", "4", "--out", folder["one.svg"])
            .Succeeded();
        XElement picture = XElement.Load(folder["one.svg"]);
        Assert.Equal(4, picture.Elements().Count(shape => shape.Name.LocalName == "polygon"));
        Run("--out", folder["all.html"]).Succeeded();
        Assert.Equal(3, File.ReadAllText(folder["all.html"]).Split("<svg").Length - 1);
        Run("--out", folder["all.svg"]).IsRefused("--rows", ".html");
        Assert.Equal(["all.html", "one.svg"], folder.Files);
    }

    [Fact]
    public void What_has_no_positions_or_no_picture_is_refused()
    {
        using var folder = new TemporaryFolder();
        string[] table = ["taylor-cam", Repository.SampleModel, Repository.SampleRows];
        Cli.Run(table).IsRefused("--at", "--groups");
        Cli.Run([.. table, "--groups", Repository.Sample("groups.json"), "--rows", "0..0", "--out", folder["x.svg"]])
            .IsRefused("no image");
        Run("--order", "3", "--groups", "patches:8x8").IsRefused("--order 3", "1 positions");
        Run("--baseline", "zeros").IsRefused("--baseline");
        Run("--out", folder["x.png"]).IsRefused(".svg");
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void Strengths_that_are_all_zero_are_told()
    {
        // Behind the last softplus the network is linear.
        CliResult result = Run("--at", "/Softplus_1_output_0");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("earlier tensor", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    private static CliResult Run(params string[] options) => Cli.Run(["taylor-cam", ModelFile, Rows, .. options]);
}
