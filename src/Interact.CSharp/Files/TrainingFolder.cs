using System.Globalization;
using System.Text.Json;

namespace Interact;

/// <summary>The files that training leaves in a folder.</summary>
internal static class TrainingFolder
{
    public const string ModelFile = "model.onnx";

    private const string GroupsFile = "groups.json";

    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(string folder, TrainedTable trained, byte[] onnx)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (UnauthorizedAccessException)
        {
            throw new IOException($"{folder}: the folder may not be made; check the permissions, or name another one");
        }

        void Keep(string name, Action<Stream> write) => Interop.WriteAtomically(Path.Combine(folder, name), write);

        // What an earlier training with a test part left would not belong to this one.
        if (trained.Parts.All(part => part.Name != "test"))
            File.Delete(Path.Combine(folder, "test.csv"));

        foreach (TablePart part in trained.Parts)
            Keep(RowsFile(part), stream => WriteRows(stream, trained.FeatureNames, part.Inputs));

        Keep("predictions.csv", stream => WritePredictions(stream, trained));
        Keep(GroupsFile, stream => WriteGroups(stream, trained));
        Keep(ModelFile, stream => stream.Write(onnx));
        Keep("report.md", stream => TrainingPage.Write(stream, trained));
        Keep("report.json", stream => TrainingReport.Write(stream, trained, onnx));
    }

    /// <summary>The file of a part's encoded rows.</summary>
    public static string RowsFile(TablePart part) => $"{part.Name}.csv";

    /// <summary>Rows that read back to the same doubles, with every name in quotes, so that line 1 is a header whatever they are.</summary>
    public static void WriteRows(Stream stream, IReadOnlyList<string> names, RowTable rows)
    {
        using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        text.WriteLine(string.Join(',', names.Select(name => $"\"{name.Replace("\"", "\"\"")}\"")));

        foreach (double[] row in rows)
            text.WriteLine(string.Join(',', row.Select(Number)));
    }

    private static void WritePredictions(Stream stream, TrainedTable trained)
    {
        using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        IEnumerable<string> probabilities = trained.Classes.Select(name => CsvExplanation.Field($"probability={name}"));
        text.WriteLine(string.Join(',', ["part", "row", "line", "target", "predicted", .. probabilities]));

        foreach (TablePart part in trained.Parts)
        {
            for (int row = 0; row < part.Rows.Count; row++)
            {
                double[] outputs = part.Outputs[row];
                double[] shares = trained.Probabilities(outputs);

                string Told(double target) =>
                    shares.Length > 0 ? CsvExplanation.Field(trained.Classes[(int)target]) : Number(target);

                double predicted = shares.Length > 0 ? Array.IndexOf(shares, shares.Max()) : outputs[0];
                string line = trained.LineOf(part.Rows[row]).ToString(CultureInfo.InvariantCulture);
                string[] cells = [part.Name, $"{row}", line, Told(part.Targets[row]), Told(predicted)];
                text.WriteLine(string.Join(',', [.. cells, .. shares.Select(Number)]));
            }
        }
    }

    private static void WriteGroups(Stream stream, TrainedTable trained)
    {
        using var json = new Utf8JsonWriter(stream, JsonExplanation.Options);
        json.WriteStartObject();

        foreach (TrainedColumn column in trained.Columns.Where(column => column.Features.Count > 0))
        {
            json.WriteStartArray(column.Name);

            foreach (int feature in column.Features)
                json.WriteNumberValue(feature);

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
