namespace Interact.Cli;

/// <summary>One of several parts of the rows, for jobs that run side by side.</summary>
/// <param name="Number">Which part, from 1.</param>
/// <param name="Count">How many parts there are.</param>
internal sealed record Shard(int Number, int Count)
{
    /// <summary>Reads "I/N".</summary>
    /// <exception cref="FormatException">The text is none.</exception>
    public static Shard Parse(string text) =>
        text.Split('/') is [var part, var parts]
        && Parsing.Integer(part) is { } number
        && Parsing.Integer(parts) is { } count
        && number >= 1
        && number <= count
            ? new Shard(number, count)
            : throw new FormatException("give the part and the number of parts, from 1/N to N/N, such as 1/4");

    /// <summary>The part's rows: a block whose size differs by at most one row from that of any other part.</summary>
    /// <exception cref="CommandException">There are more parts than rows.</exception>
    public RowRange Of(RowRange rows) =>
        Count <= rows.Count
            ? new RowRange(rows.First + Start(Number - 1, rows.Count), rows.First + Start(Number, rows.Count) - 1)
            : throw new CommandException($"--shard {this}: there are {rows.Count} rows only; use fewer parts");

    public override string ToString() => $"{Number}/{Count}";

    private int Start(int parts, int rows) => (int)((long)rows * parts / Count);
}
