using System.Text.RegularExpressions;

namespace Interact.Cli;

/// <summary>The groups that --groups says: tokens, patches:HxW, or a JSON file.</summary>
internal static partial class GroupChoice
{
    private const string Tokens = "tokens";

    /// <summary>The file that is read, if one is.</summary>
    public static string? FileOf(string? text) => text is null or Tokens || Patches().IsMatch(text) ? null : text;

    /// <exception cref="CommandException">The model's input has not the axes that are asked for.</exception>
    /// <exception cref="DataFormatException">The file cannot be read, or does not fit.</exception>
    public static FeatureGroups Choose(string text, Model model)
    {
        try
        {
            if (text == Tokens)
                return FeatureGroups.Tokens(model.InputShape);

            if (Patches().Match(text) is { Success: true } match)
                return FeatureGroups.Patches(model.InputShape, Size(match, "height"), Size(match, "width"));
        }
        catch (ArgumentException problem)
        {
            string why = Failure.Reason(problem);
            throw new CommandException($"--groups {text}: {why}; give a JSON file of groups, or another --at");
        }

        if (!Path.Exists(text))
            throw new CommandException(
                $"--groups {text}: no such file; give 'tokens', 'patches:HxW' such as patches:4x4, or a JSON file of groups"
            );

        return FeatureGroups.Load(text, model.InputSize);
    }

    private static int Size(Match match, string name) => Parsing.Integer(match.Groups[name].Value) ?? int.MaxValue;

    [GeneratedRegex("^patches:(?<height>[0-9]+)x(?<width>[0-9]+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Patches();
}
