namespace Interact.Cli;

/// <summary>A table for people.</summary>
/// <param name="columns">The columns' titles.</param>
internal sealed class Table(params IReadOnlyList<Column> columns)
{
    private readonly List<IReadOnlyList<string>> _rows = [];

    public IReadOnlyList<Column> Columns => columns;

    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    /// <summary>Adds a row of as many cells as there are columns; a cell may have several lines.</summary>
    public void Add(params IReadOnlyList<string> cells) => _rows.Add(cells);
}
