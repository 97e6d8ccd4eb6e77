namespace Interact.Cli;

/// <summary>Rows to name in a message: all are counted, the first ten are named.</summary>
internal sealed class NamedRows
{
    private const int Most = 10;

    private readonly List<int> _first = [];

    public int Count { get; private set; }

    public void Add(int row)
    {
        if (++Count <= Most)
            _first.Add(row);
    }

    /// <summary>"row 3", or "rows 1, 2".</summary>
    public override string ToString() =>
        $"{(Count == 1 ? "row" : "rows")} {string.Join(", ", _first)}{(Count > Most ? ", ..." : "")}";
}
