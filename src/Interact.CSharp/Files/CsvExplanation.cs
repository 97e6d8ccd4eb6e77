using System.Buffers;
using System.Globalization;

namespace Interact;

/// <summary>
/// Explanations as comma-separated text, one number a line; the columns are described at ExplanationFile.
/// </summary>
internal static class CsvExplanation
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    public static void Write(Stream stream, ExplanationHeader header, IEnumerable<AttributionResult> results)
    {
        string[] names = [.. header.FeatureNames.Select(Field)];
        using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };

        text.WriteLine(
            "row,target,value,baselineValue,kind,first,second,amount,"
                + "satisfied,completenessResidual,rowResidual,errorEstimate,evaluations,method,standardError"
        );

        foreach (AttributionResult result in results)
            WriteRow(text, names, result);
    }

    private static void WriteRow(StreamWriter text, string[] names, AttributionResult result)
    {
        Certificate certificate = result.Certificate;
        string satisfied = certificate.Satisfied ? "true" : "false";
        string start = Line($"{result.Row},{result.Target},{result.Value},{result.BaselineValue}");
        string residuals = Line($"{certificate.CompletenessResidual},{certificate.RowResidual}");
        string end = Line(
            $"{satisfied},{residuals},{certificate.ErrorEstimate},{certificate.Evaluations},{certificate.Method},{certificate.StandardError}"
        );

        void Write(string kind, string first, string second, double amount) =>
            text.WriteLine(Line($"{start},{kind},{first},{second},{amount},{end}"));

        for (int i = 0; i < names.Length; i++)
            Write("attribution", names[i], "", result.Attributions[i]);

        if (result is PartialInteractionResult partial)
        {
            foreach (FeaturePair cell in partial.Cells)
            {
                bool isMain = cell.FirstIndex == cell.SecondIndex;
                string second = isMain ? "" : names[cell.SecondIndex];
                Write(isMain ? "main" : "interaction", names[cell.FirstIndex], second, cell.WholeEffect);
            }
        }

        if (result is not InteractionResult { Interactions: var interactions })
            return;

        for (int i = 0; i < names.Length; i++)
            Write("main", names[i], "", interactions[i, i]);

        foreach (FeaturePair pair in interactions.Pairs())
            Write("interaction", names[pair.FirstIndex], names[pair.SecondIndex], pair.WholeEffect);
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A text as a field, quoted where it must be.</summary>
    internal static string Field(string text) =>
        text.AsSpan().ContainsAny(Quoted) || text != text.Trim() ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
