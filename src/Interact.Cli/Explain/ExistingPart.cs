using System.Security.Cryptography;
using System.Text.Json;

namespace Interact.Cli;

/// <summary>A part file that an earlier run has left: it is taken as it is, if it belongs to what is asked for.</summary>
internal static class ExistingPart
{
    /// <summary>
    /// The exit code of the run that wrote the part. Only .json files say which model, method and precision they come from, and
    /// only these are looked into; others are taken to be certified.
    /// </summary>
    /// <exception cref="CommandException">The part comes from another model, method or precision, or cannot be read.</exception>
    public static int Accept(string file, ExplainOptions options)
    {
        if (!file.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            return ExitCode.Success;

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            JsonElement root = document.RootElement;
            string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(options.Run.Model)));

            if (root.GetProperty("model").GetProperty("sha256").GetString() != hash)
                throw new CommandException($"{file}: a part for another model; delete it, or name another --out");

            if (root.GetProperty("method").GetString() != options.Method.Name())
                throw new CommandException($"{file}: a part by another method; delete it, or name another --out");

            bool isSingle =
                root.TryGetProperty("precision", out JsonElement precision) && precision.GetString() == "single";

            if (isSingle != (options.Run.Precision == Precision.Single))
                throw new CommandException($"{file}: a part in another precision; delete it, or name another --out");

            if (!HoldsPart(root, options.Part))
                throw new CommandException($"{file}: a part with other interactions; delete it, or name another --out");

            string? input = root.TryGetProperty("input", out JsonElement name) ? name.GetString() : null;
            string? wanted = options.Run.At ?? options.Run.Input;

            // The first floating input goes without saying, and so does the only one.
            if (
                options.Run.At is not null
                    ? input != wanted
                    : wanted is not (null or "*") && input is not null && input != wanted
            )
                throw new CommandException($"{file}: a part for another input; delete it, or name another --out");

            return root.GetProperty("rows").EnumerateArray().All(IsCertified)
                ? ExitCode.Success
                : ExitCode.NotCertified;
        }
        catch (Exception problem)
            when (problem is JsonException or KeyNotFoundException or InvalidOperationException or IOException)
        {
            throw new CommandException($"{file}: there, but not readable as results; delete it, or name another --out");
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
