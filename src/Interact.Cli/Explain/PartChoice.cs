using System.Text.Json;

namespace Interact.Cli;

/// <summary>The interactions that --rows-of and --pairs say.</summary>
internal static class PartChoice
{
    private const string Mend = "give pairs such as A:B,C:D, or a JSON file such as [[\"A\", \"B\"], [\"C\", \"D\"]]";

    /// <exception cref="CommandException">The text or the file of pairs cannot be read.</exception>
    public static InteractionPart? Choose(IReadOnlyList<string> rowsOf, string? pairs)
    {
        if (rowsOf.Count > 0 && pairs is not null)
            throw new CommandException("--pairs: rows are asked for with --rows-of already; give one of them");

        if (rowsOf.Count > 0)
            return InteractionPart.RowsOf(rowsOf.SelectMany(list => list.Split(',')));

        if (pairs is null)
            return null;

        return pairs.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? InteractionPart.Pairs(Load(pairs))
            : InteractionPart.Pairs(pairs.Split(',').Select(Read));
    }

    private static (string First, string Second) Read(string pair) =>
        pair.Split(':') is [{ Length: > 0 } first, { Length: > 0 } second]
            ? (first, second)
            : throw new CommandException($"--pairs {pair}: not two features with a colon between; {Mend}");

    private static (string First, string Second)[] Load(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            using JsonDocument document = JsonDocument.Parse(stream);
            return [.. document.RootElement.EnumerateArray().Select((pair, place) => Pair(path, pair, place))];
        }
        catch (InvalidOperationException)
        {
            throw new CommandException($"{path}: the text is not an array of pairs; {Mend}");
        }
        catch (JsonException problem)
        {
            string place = $"line {problem.LineNumber + 1}, column {problem.BytePositionInLine + 1}";
            throw new CommandException($"{path}: {place}: the text is not JSON; correct it there");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path}: it cannot be read; check the name, the folder and the permissions");
        }
    }

    private static (string First, string Second) Pair(string path, JsonElement pair, int place)
    {
        if (pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2)
        {
            string?[] features = [.. pair.EnumerateArray().Select(Feature)];

            if (features is [{ } first, { } second])
                return (first, second);
        }

        throw new CommandException($"{path}: element {place} is not a pair of features; {Mend}");
    }

    private static string? Feature(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.String => element.GetString(),
            JsonValueKind.Number => element.GetRawText(),
            _ => null,
        };
}
