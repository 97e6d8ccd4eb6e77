using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Interact.CSharp.Tests;

public class NpzExplanationTests
{
    [Fact]
    public void Arrays_hold_the_results_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        string[] names = ["a", "größe", "c"];
        Explanation<InteractionResult> explanation = Explain.IntegratedHessians(
            Examples.TanhOfProduct,
            Examples.Rows(20),
            new() { FeatureNames = names }
        );
        List<InteractionResult> results = [.. explanation];

        explanation.Save(folder["out.npz"]);

        Dictionary<string, (string Type, int[] Shape, byte[] Data)> arrays = Read(folder["out.npz"]);
        Assert.Equal([20, 3], arrays["attributions"].Shape);
        Assert.Equal([20, 3, 3], arrays["interactions"].Shape);
        Assert.Equal(results.SelectMany(result => result.Attributions), Doubles(arrays["attributions"].Data));
        Assert.Equal(
            results.SelectMany(result => result.Interactions.ToArray().Cast<double>()),
            Doubles(arrays["interactions"].Data)
        );
        Assert.Equal(results.Select(result => result.Value), Doubles(arrays["values"].Data));
        Assert.Equal(results.Select(result => result.BaselineValue), Doubles(arrays["baselineValues"].Data));
        Assert.Equal(
            results.Select(result => result.Certificate.RowResidual!.Value),
            Doubles(arrays["rowResiduals"].Data)
        );
        Assert.Equal(results.Select(result => (long)result.Row), Integers(arrays["rows"].Data));
        Assert.Equal("|b1", arrays["satisfied"].Type);
        Assert.Equal(Enumerable.Repeat((byte)1, 20), arrays["satisfied"].Data);
        Assert.Equal("<U5", arrays["features"].Type);
        Assert.Equal(names, Texts(arrays["features"].Data, 5));
        Assert.Empty(arrays["method"].Shape);
        Assert.Equal(["integrated-hessians"], Texts(arrays["method"].Data, 19));
    }

    [Fact]
    public void Attributions_alone_have_no_interactions()
    {
        using var folder = new TemporaryFolder();

        Explain.IntegratedGradients(Examples.TanhOfProduct, Examples.Rows(3)).Save(folder["out.npz"]);

        Dictionary<string, (string Type, int[] Shape, byte[] Data)> arrays = Read(folder["out.npz"]);
        Assert.Equal([3, 3], arrays["attributions"].Shape);
        Assert.DoesNotContain("interactions", arrays.Keys);
        Assert.DoesNotContain("rowResiduals", arrays.Keys);
    }

    [Fact]
    public void No_rows_make_empty_arrays()
    {
        using var folder = new TemporaryFolder();

        Explain.IntegratedHessians(Examples.TanhOfProduct, Array.Empty<double[]>()).Save(folder["out.npz"]);

        Assert.Equal([0, 3], Read(folder["out.npz"])["attributions"].Shape);
    }

    [Fact]
    public void Attributions_are_read_as_a_table()
    {
        using var folder = new TemporaryFolder();
        Explanation<AttributionResult> explanation = Explain.IntegratedGradients(
            Examples.TanhOfProduct,
            Examples.Rows(3)
        );
        explanation.Save(folder["out.npz"]);

        using (ZipArchive archive = ZipFile.OpenRead(folder["out.npz"]))
            archive.GetEntry("attributions.npy")!.ExtractToFile(folder["attributions.npy"]);

        Assert.Equal(
            explanation.Select(result => result.Attributions.ToArray()),
            RowTable.Load(folder["attributions.npy"])
        );
    }

    private static Dictionary<string, (string Type, int[] Shape, byte[] Data)> Read(string path)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        return archive.Entries.ToDictionary(entry => Path.GetFileNameWithoutExtension(entry.Name), ReadArray);
    }

    private static (string Type, int[] Shape, byte[] Data) ReadArray(ZipArchiveEntry entry)
    {
        using var stream = new MemoryStream();
        using (Stream source = entry.Open())
            source.CopyTo(stream);

        byte[] bytes = stream.ToArray();
        int start = 10 + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8));
        string head = Encoding.ASCII.GetString(bytes, 10, start - 10);
        Match found = Regex.Match(head, @"'descr': '(.*?)', 'fortran_order': False, 'shape': \((.*?)\)");
        string[] sizes = found
            .Groups[2]
            .Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        return (found.Groups[1].Value, [.. sizes.Select(int.Parse)], bytes[start..]);
    }

    private static IEnumerable<double> Doubles(byte[] data) =>
        data.Chunk(8).Select(bytes => BinaryPrimitives.ReadDoubleLittleEndian(bytes));

    private static IEnumerable<long> Integers(byte[] data) =>
        data.Chunk(8).Select(bytes => BinaryPrimitives.ReadInt64LittleEndian(bytes));

    private static IEnumerable<string> Texts(byte[] data, int width) =>
        data.Chunk(4 * width).Select(bytes => Encoding.UTF32.GetString(bytes).TrimEnd('\0'));
}
