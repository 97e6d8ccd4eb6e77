using System.Globalization;
using System.Text.Json;

namespace Interact;

/// <summary>Rankings as JSON and as comma-separated text, described at InteractionRanking.</summary>
internal static class RankingFile
{
    public static void Write(string path, InteractionRanking ranking) =>
        ResultFile.Write(path, stream => WriteJson(stream, ranking), text => WriteCsv(text, ranking));

    private static void WriteJson(Stream stream, InteractionRanking ranking)
    {
        using var json = new Utf8JsonWriter(stream, JsonExplanation.Options);
        json.WriteStartObject();
        json.WriteString("schema"u8, "interact.ranking/1"u8);
        JsonExplanation.WriteModel(json, ranking.Model);
        json.WriteString("method"u8, ranking.Method);

        if (ranking.Aggregation is { } aggregation)
            json.WriteString("aggregation"u8, NameOf(aggregation));

        json.WriteNumber("rowCount"u8, ranking.RowCount);
        JsonExplanation.WriteSettings(json, ranking.Settings);
        JsonExplanation.WriteNames(json, "features"u8, ranking.FeatureNames);
        WriteSets(json, "interactions"u8, ranking.Interactions);
        json.WriteEndObject();
    }

    /// <summary>Sets with their members and strengths, as an array.</summary>
    public static void WriteSets(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<RankedInteraction> sets)
    {
        json.WriteStartArray(name);

        foreach (RankedInteraction set in sets)
        {
            json.WriteStartObject();
            json.WriteStartArray("members"u8);

            foreach (int member in set.Members)
                json.WriteNumberValue(member);

            json.WriteEndArray();
            json.WriteNumber("strength"u8, set.Strength);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string NameOf(SetAggregation aggregation) =>
        aggregation switch
        {
            SetAggregation.Mean => "mean",
            SetAggregation.Median => "median",
            SetAggregation.Minimum => "minimum",
            SetAggregation.Maximum => "maximum",
            _ => throw new ArgumentOutOfRangeException(nameof(aggregation), aggregation, "No such aggregation."),
        };

    private static void WriteCsv(StreamWriter text, InteractionRanking ranking)
    {
        text.WriteLine("rank,order,first,second,features,members,strength");

        for (int i = 0; i < ranking.Interactions.Count; i++)
        {
            RankedInteraction set = ranking.Interactions[i];
            bool isPair = set.Members.Count == 2;
            string first = isPair ? CsvExplanation.Field(set.Names[0]) : "";
            string second = isPair ? CsvExplanation.Field(set.Names[1]) : "";
            string features = CsvExplanation.Field(string.Join(" x ", set.Names));
            string members = string.Join(' ', set.Members);
            text.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{i + 1},{set.Members.Count},{first},{second},{features},{members},{set.Strength}"
                )
            );
        }
    }
}
