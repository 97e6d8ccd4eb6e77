using System.Security.Cryptography;
using System.Text.Json;

namespace Interact.Cli;

/// <summary>A part file that an earlier run has left: it is taken as it is, if it belongs to what is asked for.</summary>
internal static class ExistingPart
{
    private const string Mend = "delete it, or name another --out";

    /// <summary>Whether files of this format say what they come from; others are taken as they are, and to be certified.</summary>
    public static bool TellsItsRun(string file) => file.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    /// <summary>The exit code of the run that wrote the part.</summary>
    /// <param name="file">The part, a .json file.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="header">What its results would have in common.</param>
    /// <param name="rows">The rows that the part must have.</param>
    /// <exception cref="CommandException">The part comes from another run, or cannot be read.</exception>
    public static int Accept(string file, ExplainOptions options, ExplanationHeader header, RowRange rows)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            JsonElement root = document.RootElement;
            string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(options.Run.Model)));

            if (root.GetProperty("model").GetProperty("sha256").GetString() != hash)
                throw new CommandException($"{file}: a part for another model; {Mend}");

            if (root.GetProperty("method").GetString() != options.Method.Name())
                throw new CommandException($"{file}: a part by another method; {Mend}");

            bool isSingle =
                root.TryGetProperty("precision", out JsonElement precision) && precision.GetString() == "single";

            if (isSingle != (options.Run.Precision == Precision.Single))
                throw new CommandException($"{file}: a part in another precision; {Mend}");

            if (!HoldsPart(root, options.Part))
                throw new CommandException($"{file}: a part with other interactions; {Mend}");

            string? input = root.TryGetProperty("input", out JsonElement name) ? name.GetString() : null;
            ModelLoadOptions load = options.Run.Load;
            string? wanted = load.At ?? (load.AllInputs ? LoadArguments.All : load.Input);

            // The first floating input goes without saying, and so does the only one.
            if (
                load.At is not null
                    ? input != wanted
                    : wanted is not (null or "*") && input is not null && input != wanted
            )
                throw new CommandException($"{file}: a part for another input; {Mend}");

            CheckSettings(file, root, header.Settings);
            JsonElement[] found = [.. root.GetProperty("rows").EnumerateArray()];
            IEnumerable<int> numbers = Enumerable.Range(rows.First, rows.Count);

            if (!found.Select(row => row.GetProperty("row").GetInt32()).SequenceEqual(numbers))
                throw new CommandException($"{file}: a part with other rows than {rows}; {Mend}");

            return found.All(IsCertified) ? ExitCode.Success : ExitCode.NotCertified;
        }
        catch (Exception problem)
            when (problem is JsonException or KeyNotFoundException or InvalidOperationException or IOException)
        {
            throw new CommandException($"{file}: there, but not readable as results; {Mend}");
        }
    }

    /// <summary>Checks that the file was made with the same settings.</summary>
    /// <exception cref="CommandException">A setting differs.</exception>
    private static void CheckSettings(string file, JsonElement root, IReadOnlyDictionary<string, string> wanted)
    {
        Dictionary<string, string?> found = root.TryGetProperty("settings", out JsonElement settings)
            ? settings.EnumerateObject().ToDictionary(own => own.Name, own => own.Value.GetString())
            : throw new CommandException($"{file}: a part that does not tell its settings; {Mend}");

        foreach (string name in wanted.Keys.Union(found.Keys))
        {
            string? before = found.GetValueOrDefault(name);
            string? now = wanted.GetValueOrDefault(name);

            if (before != now)
            {
                throw new CommandException(
                    $"{file}: a part with another {name} ({before ?? "none"}, not {now ?? "none"}); {Mend}"
                );
            }
        }
    }

    /// <summary>Whether the file has the rows of the matrix, the pairs, or the whole matrix, as is asked for.</summary>
    private static bool HoldsPart(JsonElement root, InteractionPart? part)
    {
        string[] features = [.. root.GetProperty("features").EnumerateArray().Select(name => name.GetString()!)];

        string[]? found =
            root.TryGetProperty("rowsOf", out JsonElement rows)
                ? [.. rows.EnumerateArray().Select(row => row.GetString()!)]
            : root.TryGetProperty("pairs", out JsonElement pairs)
                ?
                [
                    .. pairs
                        .EnumerateArray()
                        .SelectMany(pair => pair.EnumerateArray())
                        .Select(name => name.GetString()!),
                ]
            : null;

        if (part is null || found is null)
            return part is null && found is null;

        return part.IsRows == root.TryGetProperty("rowsOf", out _) && part.NamesAmong(features).SequenceEqual(found);
    }

    private static bool IsCertified(JsonElement row) =>
        row.GetProperty("certificate").GetProperty("satisfied").GetBoolean();
}
