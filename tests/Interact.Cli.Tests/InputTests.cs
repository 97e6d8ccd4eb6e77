using System.Text.Json;

namespace Interact.Cli.Tests;

/// <summary>Several inputs, tensors inside a model, groups by their kind, and parts of the matrix.</summary>
public class InputTests
{
    private const double Allowed = 1e-9;

    private static readonly string[] HeldCodes = ["--fix", $"codes={Two("codes.csv")}"];

    [Fact]
    public void An_input_is_explained_with_another_one_held_at_each_rows_own_codes()
    {
        using var folder = new TemporaryFolder();
        Explain([.. HeldCodes, "--tolerance", "1e-10", "--out", folder["out.json"]]).Succeeded();
        JsonElement[] rows = ExplanationJson.Rows(folder["out.json"]);

        foreach (JsonElement wanted in Reference())
        {
            JsonElement row = rows[wanted.GetProperty("row").GetInt32()];
            AssertClose(
                wanted.Matrix("ih").SelectMany(cells => cells),
                row.Matrix("interactions").SelectMany(cells => cells)
            );
            AssertClose(wanted.Numbers("ig"), row.Numbers("attributions"));
            Assert.True(row.IsCertified());
        }
    }

    [Fact]
    public void Rows_and_pairs_of_the_matrix_are_written_by_themselves()
    {
        using var folder = new TemporaryFolder();
        string[] options = [.. HeldCodes, "--tolerance", "1e-10", "--out"];
        Explain([.. options, folder["rows.json"], "--rows-of", "mean_radius,3", "--rows-of", "mean_texture"])
            .Succeeded();
        Explain([.. options, folder["pairs.json"], "--pairs", "mean_radius:3,2:2"]).Succeeded();
        JsonElement byRows = ExplanationJson.Read(folder["rows.json"]);
        JsonElement byPairs = ExplanationJson.Read(folder["pairs.json"]);

        Assert.Equal(
            ["mean_radius", "mean_area", "mean_texture"],
            byRows.GetProperty("rowsOf").Deserialize<string[]>()!
        );
        Assert.Equal(
            [
                ["mean_radius", "mean_area"],
                ["mean_perimeter", "mean_perimeter"],
            ],
            byPairs.GetProperty("pairs").Deserialize<string[][]>()!
        );

        foreach (JsonElement wanted in Reference())
        {
            int number = wanted.GetProperty("row").GetInt32();
            double[][] matrix = wanted.Matrix("ih");
            JsonElement row = byRows.GetProperty("rows")[number];
            AssertClose([.. matrix[0], .. matrix[3], .. matrix[1]], row.Matrix("rowsOf").SelectMany(cells => cells));
            AssertClose([matrix[0][3], matrix[2][2]], byPairs.GetProperty("rows")[number].Numbers("pairs"));
            Assert.False(row.TryGetProperty("interactions", out _));
            Assert.True(row.IsCertified());
        }
    }

    [Fact]
    public void A_part_file_with_other_interactions_is_refused()
    {
        using var folder = new TemporaryFolder();
        string[] options = [.. HeldCodes, "--shard", "1/3", "--out", folder["out.json"]];
        Explain([.. options, "--rows-of", "0"]).Succeeded();
        CliResult again = Explain([.. options, "--rows-of", "mean_radius"]);
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("there already", Assert.Single(again.ErrorLines), StringComparison.Ordinal);
        Explain([.. options, "--rows-of", "1"]).IsRefused("a part with other interactions", "delete it");
        Explain(options).IsRefused("a part with other interactions", "delete it");
    }

    [Fact]
    public void An_embedding_is_explained_between_its_tokens()
    {
        using var folder = new TemporaryFolder();

        Cli.Run(
                "explain",
                Two("model.onnx"),
                Two("codes.csv"),
                "--input",
                "codes",
                "--at",
                "/emb/Gather_output_0",
                "--fix",
                $"numeric={Two("inputs.csv")}",
                "--groups",
                "tokens",
                "--out",
                folder["out.json"]
            )
            .Succeeded();

        JsonElement root = ExplanationJson.Read(folder["out.json"]);
        Assert.Equal("/emb/Gather_output_0", root.GetProperty("input").GetString());
        Assert.Equal(["token0", "token1", "token2"], root.GetProperty("features").Deserialize<string[]>()!);

        foreach (JsonElement wanted in Reference())
        {
            JsonElement row = root.GetProperty("rows")[wanted.GetProperty("row").GetInt32()];
            AssertClose([wanted.Number("f_x")], [row.Number("value")]);
            Assert.Equal(3, row.Matrix("interactions").Length);
        }
    }

    [Fact]
    public void Patches_hold_an_image_of_a_4d_array()
    {
        using var folder = new TemporaryFolder();
        string[] rows = File.ReadAllLines(Repository.Fixture("digits_cnn/inputs.csv"));
        double[] image =
        [
            .. rows[^1]
                .Split(',')
                .Select(text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture)),
        ];
        string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 8, 8), }".PadRight(117) + "\n";
        byte[] data = new byte[64 * 8];
        Buffer.BlockCopy(image, 0, data, 0, data.Length);
        File.WriteAllBytes(
            folder["rows.npy"],
            [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. System.Text.Encoding.ASCII.GetBytes(header), .. data]
        );
        string last = $"{rows.Length - 2}..{rows.Length - 2}";
        string[] options = ["--groups", "patches:4x4", "--out"];
        string model = Repository.Fixture("digits_cnn/model.onnx");
        Cli.Run(["explain", model, folder["rows.npy"], .. options, folder["a.json"]]).Succeeded();
        Cli.Run([
                "explain",
                model,
                Repository.Fixture("digits_cnn/inputs.csv"),
                "--rows",
                last,
                .. options,
                folder["b.json"],
            ])
            .Succeeded();
        JsonElement found = ExplanationJson.Read(folder["a.json"]);
        Assert.Equal(
            ["patch0.0", "patch0.1", "patch1.0", "patch1.1"],
            found.GetProperty("features").Deserialize<string[]>()!
        );
        AssertClose(
            ExplanationJson.Rows(folder["b.json"])[0].Numbers("attributions"),
            found.GetProperty("rows")[0].Numbers("attributions")
        );
    }

    [Fact]
    public void Ids_that_are_not_in_the_table_are_told_with_their_row_and_place()
    {
        using var folder = new TemporaryFolder();
        folder.Write("ids.csv", "1,5,8\n2,6,99\n");
        string[] start =
        [
            "--input",
            "codes",
            "--at",
            "/emb/Gather_output_0",
            "--fix",
            $"numeric={Two("baseline.csv")}",
        ];

        Cli.Run(["explain", Two("model.onnx"), folder["ids.csv"], .. start])
            .IsRefused("ids.csv: row 1: codes[2] is 99", "among 12 elements", "whole numbers from 0 to 11");

        Cli.Run(["explain", Two("model.onnx"), folder["ids.csv"], .. start, "--rows", "0..0"]).Succeeded();

        folder.Write("base.csv", "0,0.5,0\n");

        Cli.Run(["explain", Two("model.onnx"), Two("codes.csv"), .. start, "--baseline", folder["base.csv"]])
            .IsRefused("base.csv: row 0: codes[1] is 0.5", "whole numbers only");
    }

    [Fact]
    public void What_does_not_fit_is_told_in_one_line()
    {
        using var folder = new TemporaryFolder();
        folder.Write("fraction.csv", "1,5,1.5\n");
        folder.Write("narrow.csv", "1,5\n");
        folder.Write("two.csv", "1,5,8\n2,6,11\n");
        Explain().IsRefused("its input 'codes' is not explained and has no value", "--fix codes=FILE");
        Explain("--fix", $"codes={folder["fraction.csv"]}").IsRefused("row 0: codes[2] is 1.5", "whole numbers");
        folder.Write("unknown.csv", "1,5,99\n");
        Explain("--fix", $"codes={folder["unknown.csv"]}")
            .IsRefused("row 0: codes[2] is 99", "node '/emb/Gather' (Gather)", "whole numbers from 0 to 11");
        Explain("--fix", $"codes={folder["narrow.csv"]}").IsRefused("row 0: codes has 2 elements; 3 are needed");
        Explain("--fix", $"codes={folder["two.csv"]}")
            .IsRefused("it has 2 rows", "give one for all rows, or one for each");
        Explain("--fix", $"other={folder["two.csv"]}").IsRefused("no such input to hold fixed; it has 'codes'");
        Explain("--fix", "codes").IsRefused("--fix codes", "codes=codes.csv");
        Explain([.. HeldCodes, "--groups", "tokens"]).IsRefused("--groups tokens", "batch x tokens x width is needed");
        Explain([.. HeldCodes, "--groups", "patches:2x2"]).IsRefused("--groups patches:2x2", "is no image");
        Explain([.. HeldCodes, "--groups", "patches:2"]).IsRefused("--groups patches:2", "such as patches:4x4");
        Explain([.. HeldCodes, "--rows-of", "nothing"]).IsRefused("--rows-of: No feature or group is named 'nothing'");
        Explain([.. HeldCodes, "--pairs", "0:1,1:0"]).IsRefused("--pairs", "asked for twice");
        Explain([.. HeldCodes, "--pairs", "0"]).IsRefused("--pairs 0", "A:B,C:D");
        Explain([.. HeldCodes, "--pairs", "0:1", "--rows-of", "1"]).IsRefused("--pairs", "give one of them");
    }

    private static string Two(string file) => Repository.Fixture($"breast_cancer_two_inputs/{file}");

    private static CliResult Explain(params string[] options) =>
        Cli.Run(["explain", Two("model.onnx"), Two("inputs.csv"), .. options]);

    private static IEnumerable<JsonElement> Reference() =>
        ExplanationJson.Read(Two("expected.json")).GetProperty("targets")[0].GetProperty("results").EnumerateArray();

    private static void AssertClose(IEnumerable<double> expected, IEnumerable<double> actual)
    {
        double[] wanted = [.. expected];
        double[] found = [.. actual];
        Assert.Equal(wanted.Length, found.Length);
        double allowed = Allowed * Math.Max(1e-3, wanted.Max(Math.Abs));

        foreach ((double first, double second) in wanted.Zip(found))
            Assert.InRange(second, first - allowed, first + allowed);
    }
}
