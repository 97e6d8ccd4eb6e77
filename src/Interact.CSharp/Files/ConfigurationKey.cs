using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Interact;

/// <summary>A key of a configuration: what it means, and how its value is taken and told.</summary>
/// <param name="Path">Its name, after that of its section and a point where it stands in one.</param>
/// <param name="Meaning">What it says, in lines of their own.</param>
/// <param name="Get">The value in the options: a text, a number, a list of either, or null.</param>
/// <param name="Set">The options with the value; raises FormatException where it is none.</param>
internal sealed record ConfigurationKey(
    string Path,
    string Meaning,
    Func<TableTrainingOptions, object?> Get,
    Func<TableTrainingOptions, ConfigurationValue, TableTrainingOptions> Set
)
{
    /// <summary>The section; empty for keys of the file itself.</summary>
    public string Section => Path.Contains('.') ? Path[..Path.IndexOf('.')] : "";

    /// <summary>The name without the section.</summary>
    public string Name => Path[(Path.IndexOf('.') + 1)..];

    /// <summary>The value in the options, as JSON.</summary>
    public string Json(TableTrainingOptions options) => Json(Get(options));

    private static string Json(object? value) =>
        value switch
        {
            null => "null",
            string text => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"",
            IEnumerable<string> texts => $"[{string.Join(", ", texts.Select(Json))}]",
            IEnumerable<(string First, string Second)> pairs =>
                $"[{string.Join(", ", pairs.Select(pair => Json(new[] { pair.First, pair.Second })))}]",
            IEnumerable<int> numbers => $"[{string.Join(", ", numbers)}]",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => throw new InvalidOperationException($"{value.GetType()} is no value of a configuration."),
        };
}
