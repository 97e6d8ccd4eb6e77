using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Interact.Cli;

/// <summary>Arguments and options whose values are read by functions that raise FormatException.</summary>
internal static class Parsing
{
    public static Argument<string> File(string name, string description) =>
        new(name) { Description = description, CustomParser = result => Value(result, name, NotEmpty) };

    /// <summary>An option with one value; null where it is not given.</summary>
    public static Option<T> Option<T>(string name, string value, string description, Func<string, T> read) =>
        new(name)
        {
            HelpName = value,
            Description = description,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result => Value(result, name, read),
        };

    /// <summary>An option that may be given several times, with one value each time; null where it is not given.</summary>
    public static Option<T[]> Options<T>(string name, string value, string description, Func<string, T> read) =>
        new(name)
        {
            HelpName = value,
            Description = description,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            CustomParser = result => [.. result.Tokens.Select(token => Value(result, name, token.Value, read)!)],
        };

    public static string NotEmpty(string text) =>
        text.Length > 0 ? text : throw new FormatException("the value is empty; give a name");

    public static double? Positive(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        && number > 0
        && double.IsFinite(number)
            ? number
            : throw new FormatException("give a positive number, such as 10 or 1e-6");

    public static int? Between(int least, int most, string text) =>
        Integer(text) is { } number && number >= least && number <= most
            ? number
            : throw new FormatException($"give an integer from {least} to {most}");

    /// <summary>A number of decimal digits only; null for any other text.</summary>
    public static int? Integer(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static T? Value<T>(ArgumentResult result, string name, Func<string, T> read) =>
        Value(result, name, result.Tokens[0].Value, read);

    private static T? Value<T>(ArgumentResult result, string name, string text, Func<string, T> read)
    {
        try
        {
            return read(text);
        }
        catch (FormatException problem)
        {
            result.AddError($"{name} {text}: {problem.Message}");
            return default;
        }
    }
}
