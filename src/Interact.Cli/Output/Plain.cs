using System.Globalization;

namespace Interact.Cli;

/// <summary>Text that came out of files or exceptions, made fit for a terminal.</summary>
internal static class Plain
{
    /// <summary>The text on one line, without what a terminal would obey or not show.</summary>
    public static string Line(string text) =>
        text.All(IsPlain) ? text : string.Concat(text.Select(character => IsPlain(character) ? character : ' ')).Trim();

    private static bool IsPlain(char character) =>
        char.GetUnicodeCategory(character)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );
}
