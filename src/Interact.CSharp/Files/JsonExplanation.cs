using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Interact;

/// <summary>Explanations as JSON, one row a line.</summary>
internal static class JsonExplanation
{
    internal static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(Stream stream, ExplanationHeader header, IEnumerable<AttributionResult> results)
    {
        // Header and rows are written one by one, so that each row can stand on a line of its own.
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Options);
        WriteHeader(json, header);
        json.Flush();
        stream.Write(buffer.WrittenSpan);
        ReadOnlySpan<byte> separator = "\n"u8;

        foreach (AttributionResult result in results)
        {
            buffer.ResetWrittenCount();
            json.Reset();
            WriteRow(json, result);
            json.Flush();
            stream.Write(separator);
            stream.Write(buffer.WrittenSpan);
            separator = ",\n"u8;
        }

        stream.Write("\n]}\n"u8);
    }

    private static void WriteHeader(Utf8JsonWriter json, ExplanationHeader header)
    {
        json.WriteStartObject();
        json.WriteString("schema"u8, "interact.explanation/1"u8);
        WriteModel(json, header.Model);
        json.WriteString("method"u8, header.Method);

        // Double precision goes without saying.
        if (header.Precision == Precision.Single)
            json.WriteString("precision"u8, "single"u8);

        if (header.Input is { } input)
            json.WriteString("input"u8, input);

        WriteNames(json, "features"u8, header.FeatureNames);

        if (header.Part is { } part)
            WritePart(json, part, header.FeatureNames);

        WriteSettings(json, header.Settings);

        json.WriteStartArray("rows"u8);
    }

    /// <summary>The model's file; both texts are null where it was written in code.</summary>
    internal static void WriteModel(Utf8JsonWriter json, ModelSource? model)
    {
        json.WriteStartObject("model"u8);
        json.WriteString("file"u8, model?.File);
        json.WriteString("sha256"u8, model?.Sha256);
        json.WriteEndObject();
    }

    /// <summary>Settings as an object; nothing where there are none.</summary>
    internal static void WriteSettings(Utf8JsonWriter json, IReadOnlyDictionary<string, string>? settings)
    {
        if (settings is null or { Count: 0 })
            return;

        json.WriteStartObject("settings"u8);

        foreach ((string name, string value) in settings)
            json.WriteString(name, value);

        json.WriteEndObject();
    }

    /// <summary>Names as an array.</summary>
    internal static void WriteNames(Utf8JsonWriter json, ReadOnlySpan<byte> property, IEnumerable<string> names)
    {
        json.WriteStartArray(property);

        foreach (string name in names)
            json.WriteStringValue(name);

        json.WriteEndArray();
    }

    /// <summary>The features whose rows of the matrix the results hold, or the pairs, by their names.</summary>
    private static void WritePart(Utf8JsonWriter json, InteractionPart part, IReadOnlyList<string> names)
    {
        if (part.IsRows)
        {
            json.WriteStartArray("rowsOf"u8);

            foreach (int feature in part.FeaturesAmong(names))
                json.WriteStringValue(names[feature]);
        }
        else
        {
            json.WriteStartArray("pairs"u8);

            foreach ((int first, int second) in part.PairsAmong(names))
            {
                json.WriteStartArray();
                json.WriteStringValue(names[first]);
                json.WriteStringValue(names[second]);
                json.WriteEndArray();
            }
        }

        json.WriteEndArray();
    }

    private static void WriteRow(Utf8JsonWriter json, AttributionResult result)
    {
        json.WriteStartObject();
        json.WriteNumber("row"u8, result.Row);
        json.WriteNumber("target"u8, result.Target);
        json.WriteNumber("value"u8, result.Value);
        json.WriteNumber("baselineValue"u8, result.BaselineValue);
        json.WritePropertyName("attributions"u8);
        WriteNumbers(json, result.Attributions.Values);

        if (result is InteractionResult { Interactions: var interactions })
        {
            json.WriteStartArray("interactions"u8);

            for (int i = 0; i < interactions.Count; i++)
                WriteNumbers(json, interactions.Values.Slice(i * interactions.Count, interactions.Count));

            json.WriteEndArray();
        }

        if (result is PartialInteractionResult { RowFeatures.Count: > 0 } rows)
        {
            json.WriteStartArray("rowsOf"u8);

            foreach (int feature in rows.RowFeatures)
                WriteNumbers(json, rows.RowOf(feature));

            json.WriteEndArray();
        }
        else if (result is PartialInteractionResult pairs)
        {
            json.WritePropertyName("pairs"u8);
            WriteNumbers(json, pairs.Values);
        }

        WriteCertificate(json, result.Certificate);
        json.WriteEndObject();
    }

    private static void WriteCertificate(Utf8JsonWriter json, Certificate certificate)
    {
        json.WriteStartObject("certificate"u8);
        json.WriteBoolean("satisfied"u8, certificate.Satisfied);
        WriteFinite(json, "completenessResidual"u8, certificate.CompletenessResidual);

        if (certificate.RowResidual is { } rowResidual)
            WriteFinite(json, "rowResidual"u8, rowResidual);

        WriteFinite(json, "errorEstimate"u8, certificate.ErrorEstimate);
        json.WriteNumber("evaluations"u8, certificate.Evaluations);

        if (certificate.Kinks is { } kinks)
            json.WriteNumber("kinks"u8, kinks);

        if (certificate.StandardError is { } standardError)
            WriteFinite(json, "standardError"u8, standardError);

        json.WriteString("method"u8, certificate.Method);
        json.WriteEndObject();
    }

    private static void WriteFinite(Utf8JsonWriter json, ReadOnlySpan<byte> name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }

    private static void WriteNumbers(Utf8JsonWriter json, ReadOnlySpan<double> values)
    {
        json.WriteStartArray();

        foreach (double value in values)
            json.WriteNumberValue(value);

        json.WriteEndArray();
    }
}
