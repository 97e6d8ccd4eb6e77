using System.Globalization;
using System.Text.Json;

namespace Interact;

/// <summary>Writes Taylor-CAM of rows to files that are there whole or not at all.</summary>
/// <remarks>
/// <para><b>.json</b>: schema "interact.taylor-cam/1" with <c>model</c>, <c>settings</c> where they are given, <c>positions</c> (their names) and <c>rows</c>, each with
/// <c>row</c>, <c>target</c>, <c>value</c> and <c>sets</c>, all of them, the strongest first, each with <c>members</c> (indices into
/// <c>positions</c>) and <c>strength</c>.</para>
/// <para><b>.csv</b>: a line for each set, with the columns row, target, value, rank (from 1), positions (names joined by " x "),
/// strength.</para>
/// <para><b>.svg</b>: the picture of one row. <b>.html</b>: a page of the pictures of all rows.</para>
/// </remarks>
public static class TaylorCamFile
{
    /// <summary>Writes results to a file, in the format that its extension names.</summary>
    /// <param name="path">A .json, .csv, .svg or .html file, in a folder that exists; replaced if it exists.</param>
    /// <param name="model">The model that was explained.</param>
    /// <param name="rows">The rows, by the numbers that results bear.</param>
    /// <param name="results">The results, enumerated once. What they raise passes through.</param>
    /// <param name="strongest">How many of the strongest sets pictures show, at least 1.</param>
    /// <param name="settings">What else decided the numbers, for .json files, such as <see cref="TaylorCamOptions.Settings"/>.</param>
    /// <exception cref="ArgumentException">
    /// The extension is none of these, the model has no picture, or an .svg would hold several rows.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written; the message says what would mend it.</exception>
    public static void Write(
        string path,
        Model model,
        IReadOnlyList<double[]> rows,
        IEnumerable<PositionInteractionResult> results,
        int strongest = 10,
        IReadOnlyDictionary<string, string>? settings = null
    )
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(results);
        ArgumentOutOfRangeException.ThrowIfLessThan(strongest, 1);

        string Picture(PositionInteractionResult result) =>
            TaylorCamPicture.Svg(model, rows[result.Row], result, strongest);

        Action<Stream> write = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".JSON" => stream => WriteJson(stream, model, settings, results),
            ".CSV" => stream => WriteCsv(stream, results),
            ".SVG" => stream => WriteText(stream, [Picture(Only(results))]),
            ".HTML" => stream => WriteText(stream, Page(results.Select(Picture))),
            _ => throw new ArgumentException(
                $"{path}: its extension is none of those that are written; use one of .json, .csv, .svg, .html.",
                nameof(path)
            ),
        };

        if (Path.GetExtension(path).ToUpperInvariant() is ".SVG" or ".HTML")
            TaylorCamPicture.Check(model);

        Interop.WriteAtomically(path, write);
    }

    private static PositionInteractionResult Only(IEnumerable<PositionInteractionResult> results)
    {
        PositionInteractionResult[] first = [.. results.Take(2)];

        return first.Length == 1
            ? first[0]
            : throw new ArgumentException("An .svg shows one row; choose one, or write .html.", nameof(results));
    }

    private static IEnumerable<string> Page(IEnumerable<string> pictures)
    {
        yield return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Taylor-CAM</title></head><body>\n";

        foreach (string picture in pictures)
            yield return $"<figure style=\"display:inline-block;margin:1em\">\n{picture}</figure>\n";

        yield return "</body></html>\n";
    }

    private static void WriteText(Stream stream, IEnumerable<string> parts)
    {
        using var text = new StreamWriter(stream, leaveOpen: true);

        foreach (string part in parts)
            text.Write(part);
    }

    private static void WriteCsv(Stream stream, IEnumerable<PositionInteractionResult> results)
    {
        using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        text.WriteLine("row,target,value,rank,positions,strength");

        foreach (PositionInteractionResult result in results)
        {
            for (int i = 0; i < result.Sets.Count; i++)
            {
                RankedInteraction set = result.Sets[i];
                string positions = CsvExplanation.Field(string.Join(" x ", set.Names));
                text.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{result.Row},{result.Target},{result.Value},{i + 1},{positions},{set.Strength}"
                    )
                );
            }
        }
    }

    private static void WriteJson(
        Stream stream,
        Model model,
        IReadOnlyDictionary<string, string>? settings,
        IEnumerable<PositionInteractionResult> results
    )
    {
        using var json = new Utf8JsonWriter(stream, JsonExplanation.Options);
        json.WriteStartObject();
        json.WriteString("schema"u8, "interact.taylor-cam/1"u8);
        JsonExplanation.WriteModel(json, model.Source);
        JsonExplanation.WriteSettings(json, settings);
        bool hasNames = false;

        foreach (PositionInteractionResult result in results)
        {
            if (!hasNames)
            {
                JsonExplanation.WriteNames(json, "positions"u8, result.Positions.Names);
                json.WriteStartArray("rows"u8);
                hasNames = true;
            }

            WriteRow(json, result);
        }

        if (!hasNames)
            json.WriteStartArray("rows"u8);

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRow(Utf8JsonWriter json, PositionInteractionResult result)
    {
        json.WriteStartObject();
        json.WriteNumber("row"u8, result.Row);
        json.WriteNumber("target"u8, result.Target);
        json.WriteNumber("value"u8, result.Value);
        RankingFile.WriteSets(json, "sets"u8, result.Sets);
        json.WriteEndObject();
        json.Flush();
    }
}
