using System.Security.Cryptography;
using System.Text.Json;

namespace Interact;

/// <summary>The report of a training for programs: schema interact.training/1.</summary>
internal static class TrainingReport
{
    private const string Schema = "interact.training/1";

    public static void Write(Stream stream, TrainedTable trained, byte[] onnx)
    {
        var options = new JsonWriterOptions
        {
            Encoder = JsonExplanation.Options.Encoder,
            Indented = true,
            NewLine = "\n",
        };
        using var json = new Utf8JsonWriter(stream, options);
        json.WriteStartObject();
        json.WriteString("schema"u8, Schema);
        json.WriteStartObject("data"u8);
        json.WriteString("file"u8, Path.GetFileName(trained.Options.Data));
        json.WriteString("sha256"u8, trained.DataSha256);
        json.WriteNumber("rows"u8, trained.RowCount);
        json.WriteEndObject();
        json.WriteStartObject("model"u8);
        json.WriteString("file"u8, TrainingFolder.ModelFile);
        json.WriteString("sha256"u8, Convert.ToHexStringLower(SHA256.HashData(onnx)));
        json.WriteEndObject();
        WriteTarget(json, trained);
        WriteColumns(json, trained);
        JsonExplanation.WriteNames(json, "features"u8, trained.FeatureNames);
        WriteParts(json, trained);
        WriteTraining(json, trained);
        WriteConfiguration(json, trained.Options);
        json.WriteEndObject();
    }

    /// <exception cref="DataFormatException">The file cannot be read, or is no report of a training.</exception>
    public static Core.Learning.TableEncoder ReadEncoder(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = document.RootElement;

            return root.GetProperty("schema"u8).GetString() == Schema
                ? TableInterop.ToEncoder([.. root.GetProperty("columns"u8).EnumerateArray().Select(ReadColumn)])
                : throw new FormatException();
        }
        catch (Exception problem)
            when (problem is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DataFormatException($"{path}: it is no report of a training ({Schema}); train the network anew");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"{path}: it cannot be read; check the name, or train the network first");
        }
    }

    private static TrainedColumn ReadColumn(JsonElement column)
    {
        string name = column.GetProperty("name"u8).GetString()!;
        var kind = Enum.Parse<TrainedColumnKind>(column.GetProperty("kind"u8).GetString()!, ignoreCase: true);
        int missing = column.GetProperty("missing"u8).GetInt32();

        if (kind is TrainedColumnKind.LeftOut or TrainedColumnKind.Target)
        {
            string? reason = column.TryGetProperty("reason"u8, out JsonElement why) ? why.GetString() : null;
            return new TrainedColumn(name, kind, missing, []) { Reason = reason };
        }

        int[] features = [.. column.GetProperty("features"u8).EnumerateArray().Select(feature => feature.GetInt32())];
        bool hasMissing = column.GetProperty("hasMissingFeature"u8).GetBoolean();

        return kind == TrainedColumnKind.Numeric
            ? new TrainedColumn(name, kind, missing, features)
            {
                Median = column.GetProperty("median"u8).GetDouble(),
                Mean = column.GetProperty("mean"u8).GetDouble(),
                Deviation = column.GetProperty("deviation"u8).GetDouble(),
                HasMissingFeature = hasMissing,
            }
            : new TrainedColumn(name, kind, missing, features)
            {
                Levels = [.. column.GetProperty("levels"u8).EnumerateArray().Select(level => level.GetString()!)],
                HasMissingFeature = hasMissing,
            };
    }

    private static void WriteTarget(Utf8JsonWriter json, TrainedTable trained)
    {
        json.WriteStartObject("target"u8);
        json.WriteString("name"u8, trained.Options.Target);
        json.WriteString("task"u8, ConfigurationKeys.Tasks.First(task => task.Value == trained.Task).Key);

        if (trained.Classes.Count > 0)
            JsonExplanation.WriteNames(json, "classes"u8, trained.Classes);

        json.WriteEndObject();
    }

    private static void WriteColumns(Utf8JsonWriter json, TrainedTable trained)
    {
        json.WriteStartArray("columns"u8);

        foreach (TrainedColumn column in trained.Columns)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, column.Name);
            json.WriteString("kind"u8, Lower(column.Kind.ToString()));
            json.WriteNumber("missing"u8, column.Missing);

            if (column.Reason is { } reason)
                json.WriteString("reason"u8, reason);

            if (column.Kind == TrainedColumnKind.Numeric)
            {
                json.WriteNumber("median"u8, column.Median!.Value);
                json.WriteNumber("mean"u8, column.Mean!.Value);
                json.WriteNumber("deviation"u8, column.Deviation!.Value);
            }

            if (column.Levels.Count > 0)
                JsonExplanation.WriteNames(json, "levels"u8, column.Levels);

            if (column.Features.Count > 0)
            {
                json.WriteBoolean("hasMissingFeature"u8, column.HasMissingFeature);
                json.WriteStartArray("features"u8);

                foreach (int feature in column.Features)
                    json.WriteNumberValue(feature);

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteParts(Utf8JsonWriter json, TrainedTable trained)
    {
        json.WriteStartObject("parts"u8);

        foreach (TablePart part in trained.Parts)
        {
            json.WriteStartObject(part.Name);
            json.WriteString("file"u8, TrainingFolder.RowsFile(part));
            json.WriteNumber("rows"u8, part.Rows.Count);
            WriteMetrics(json, "metrics", part.Metrics);
            WriteMetrics(json, "constantMetrics", part.ConstantMetrics);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteMetrics(Utf8JsonWriter json, string name, IReadOnlyList<TableMetric> metrics)
    {
        json.WriteStartObject(name);

        foreach (TableMetric metric in metrics)
            WriteNumber(json, Lower(metric.Kind.ToString()), metric.Value);

        json.WriteEndObject();
    }

    private static void WriteTraining(Utf8JsonWriter json, TrainedTable trained)
    {
        json.WriteStartObject("training"u8);
        json.WriteString("end"u8, Lower(trained.Training.End.ToString()));
        json.WriteNumber("bestEpoch"u8, trained.Training.BestEpoch);
        json.WriteStartArray("history"u8);

        foreach (TrainingEpoch epoch in trained.Training.History)
        {
            json.WriteStartObject();
            json.WriteNumber("epoch"u8, epoch.Epoch);
            WriteNumber(json, "learningRate", epoch.LearningRate);
            WriteNumber(json, "trainingLoss", epoch.TrainingLoss);
            WriteNumber(json, "validationLoss", epoch.ValidationLoss);

            foreach ((string name, double value) in trained.Training.PenaltyNames.Zip(epoch.Penalties))
                WriteNumber(json, name, value);

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The configuration with every key, as it was used, but for the folder: results are the same in any.</summary>
    private static void WriteConfiguration(Utf8JsonWriter json, TableTrainingOptions options)
    {
        IEnumerable<ConfigurationKey> keys = ConfigurationKeys.All.Where(key => key.Path != "out");
        json.WriteStartObject("configuration"u8);

        foreach (IGrouping<string, ConfigurationKey> section in keys.GroupBy(key => key.Section))
        {
            if (section.Key.Length > 0)
                json.WriteStartObject(section.Key);

            foreach (ConfigurationKey key in section)
            {
                json.WritePropertyName(key.Name);
                json.WriteRawValue(key.Json(options));
            }

            if (section.Key.Length > 0)
                json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>A number, or null where it is none.</summary>
    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    private static string Lower(string name) => $"{char.ToLowerInvariant(name[0])}{name[1..]}";
}
