using System.Globalization;
using System.Text.Json;

namespace Interact;

/// <summary>Relative centralities as JSON and as comma-separated text, described at RateResult.</summary>
internal static class RateFile
{
    public static void Write(string path, RateResult result) =>
        ResultFile.Write(path, stream => WriteJson(stream, result), text => WriteCsv(text, result));

    private static void WriteJson(Stream stream, RateResult result)
    {
        using var json = new Utf8JsonWriter(stream, JsonExplanation.Options);
        json.WriteStartObject();
        json.WriteString("schema"u8, "interact.rate/1"u8);
        JsonExplanation.WriteModel(json, result.Model);

        if (result.Effect is { } effect)
            json.WriteString("effect"u8, effect == EffectSizeAnalogue.Projection ? "projection"u8 : "covariance"u8);

        if (result.Output is { } output)
            json.WriteNumber("output"u8, output);

        json.WriteString("divergence"u8, result.Divergence == RateDivergence.Exact ? "exact"u8 : "quadratic"u8);
        json.WriteNumber("ridge"u8, result.Ridge);
        JsonExplanation.WriteNames(json, "given"u8, result.Given);
        json.WriteNumber("uniformRate"u8, result.UniformRate);
        json.WriteNumber("divergenceFromUniform"u8, result.DivergenceFromUniform);
        json.WriteNumber("effectiveSampleSize"u8, result.EffectiveSampleSize);
        json.WriteStartArray("variables"u8);

        foreach (RatedVariable variable in result.Variables)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, variable.Index);
            json.WriteString("name"u8, variable.Name);
            json.WriteNumber("rate"u8, variable.Rate);
            json.WriteNumber("divergence"u8, variable.Divergence);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCsv(StreamWriter text, RateResult result)
    {
        text.WriteLine("rank,index,variable,rate,divergence,aboveUniform");

        foreach ((int rank, RatedVariable variable) in result.Strongest(int.MaxValue).Index())
        {
            string name = CsvExplanation.Field(variable.Name);
            string above = variable.Rate > result.UniformRate ? "true" : "false";
            text.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{rank + 1},{variable.Index},{name},{variable.Rate},{variable.Divergence},{above}"
                )
            );
        }
    }
}
