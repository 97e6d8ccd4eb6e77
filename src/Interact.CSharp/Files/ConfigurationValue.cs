using System.Globalization;
using System.Text.Json;

namespace Interact;

/// <summary>A value in a configuration; what it is not raises FormatException with what is wrong and what would mend it.</summary>
internal readonly struct ConfigurationValue(JsonElement element)
{
    private const int LongestPiece = 40;

    private bool IsNull => element.ValueKind == JsonValueKind.Null;

    public string Text() =>
        element.ValueKind == JsonValueKind.String && element.GetString() is { Length: > 0 } text
            ? text
            : throw Misplaced("write a text in quotes");

    public string? OptionalText() => IsNull ? null : Text();

    public string[] Texts() => [.. Items("a list of texts").Select(item => item.Text())];

    /// <summary>Lists of two texts.</summary>
    public (string First, string Second)[] Pairs() => [.. Items("a list of pairs").Select(item => item.Pair())];

    public int Integer(int least, int most = int.MaxValue) =>
        element.ValueKind == JsonValueKind.Number
        && element.TryGetInt32(out int number)
        && number >= least
        && number <= most
            ? number
            : throw Misplaced(
                most == int.MaxValue
                    ? $"write an integer of at least {least}"
                    : $"write an integer from {least} to {most}"
            );

    public int? OptionalInteger(int least) => IsNull ? null : Integer(least);

    public int[] Integers(int least, int most) =>
        [.. Items("a list of integers").Select(item => item.Integer(least, most))];

    /// <summary>A finite number from 0 on, below a bound where there is one.</summary>
    public double NotNegative(double below = double.PositiveInfinity) =>
        Number() is { } number and >= 0 && number < below
            ? number
            : throw Misplaced(
                double.IsFinite(below)
                    ? string.Create(CultureInfo.InvariantCulture, $"write a number from 0 to {below}, excluded")
                    : "write a number that is not negative"
            );

    public double? OptionalNotNegative() => IsNull ? null : NotNegative();

    public double Positive() => Number() is { } number and > 0 ? number : throw Misplaced("write a positive number");

    public T Choice<T>(IReadOnlyDictionary<string, T> known) =>
        element.ValueKind == JsonValueKind.String && known.TryGetValue(element.GetString()!, out T? found)
            ? found
            : throw Misplaced($"write {string.Join(" or ", known.Keys.Select(name => $"\"{name}\""))}");

    private (string First, string Second) Pair() =>
        Items("two texts").Select(item => item.Text()).ToArray() is [var first, var second]
            ? (first, second)
            : throw Misplaced("write two texts in brackets");

    private double? Number() =>
        element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : null;

    private IEnumerable<ConfigurationValue> Items(string what) =>
        element.ValueKind == JsonValueKind.Array
            ? element.EnumerateArray().Select(item => new ConfigurationValue(item))
            : throw Misplaced($"write {what} in brackets");

    private FormatException Misplaced(string mend)
    {
        string raw = element.GetRawText().ReplaceLineEndings(" ");
        string shown = raw.Length <= LongestPiece ? raw : $"{raw[..LongestPiece]}…";
        return new FormatException($"{shown} does not fit; {mend}");
    }
}
