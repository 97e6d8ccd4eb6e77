namespace Interact.Cli;

/// <summary>Some rows of a table that follow each other.</summary>
/// <param name="First">Number of the first one, from 0.</param>
/// <param name="Last">Number of the last one, included.</param>
internal readonly record struct RowRange(int First, int Last)
{
    public int Count => Last - First + 1;

    public Range ToRange() => First..(Last + 1);

    public override string ToString() => $"{First}..{Last}";

    /// <summary>Reads "A..B".</summary>
    /// <exception cref="FormatException">The text is none.</exception>
    public static RowRange? Parse(string text) =>
        text.Split("..") is [var from, var to]
        && Parsing.Integer(from) is { } first
        && Parsing.Integer(to) is { } last
        && first <= last
        && last < int.MaxValue
            ? new RowRange(first, last)
            : throw new FormatException("give the first and the last row, counted from 0, such as 0..99");
}
