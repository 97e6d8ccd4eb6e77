using System.Text.Json;

namespace Interact.Cli.Tests;

/// <summary>Explanations as they are written to JSON, and the reference values to compare them with.</summary>
internal static class ExplanationJson
{
    public static JsonElement Read(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        return document.RootElement.Clone();
    }

    public static JsonElement[] Rows(string path) => [.. Read(path).GetProperty("rows").EnumerateArray()];

    /// <summary>The reference results of the sample: rows 0, 1 and 100, baseline zeros.</summary>
    public static JsonElement[] SampleReference() =>
        [
            .. Read(Repository.Fixture("sample_breast_cancer/expected.json"))
                .GetProperty("targets")[0]
                .GetProperty("results")
                .EnumerateArray(),
        ];

    public static double[] Numbers(this JsonElement element, string property) =>
        element.GetProperty(property).Deserialize<double[]>()!;

    public static double[][] Matrix(this JsonElement element, string property) =>
        element.GetProperty(property).Deserialize<double[][]>()!;

    public static double Number(this JsonElement element, string property) => element.GetProperty(property).GetDouble();

    public static bool IsCertified(this JsonElement row) =>
        row.GetProperty("certificate").GetProperty("satisfied").GetBoolean();
}
