using Spectre.Console;

namespace Interact.Cli;

/// <summary>A terminal: tables have borders, marks have colours, long lines are wrapped at words.</summary>
internal sealed class TerminalScreen : Screen
{
    private readonly IAnsiConsole _console = AnsiConsole.Create(
        new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) }
    );

    public override void Line(string text = "") => _console.Write(new Text(Plain.Line(text) + "\n", StyleOf(text)));

    public override void Show(Table table)
    {
        var grid = new Spectre.Console.Table { Border = TableBorder.Rounded, ShowRowSeparators = HasTallCells(table) };

        foreach (Column column in table.Columns)
        {
            grid.AddColumn(
                new TableColumn(new Text(column.Title, new Style(decoration: Decoration.Bold)))
                {
                    Alignment = column.IsNumber ? Justify.Right : Justify.Left,
                    NoWrap = column.IsNumber || column.IsFixed,
                }
            );
        }

        foreach (IReadOnlyList<string> cells in table.Rows)
            grid.AddRow(cells.Select(Cell));

        _console.Write(grid);
    }

    private static Text Cell(string cell) => new(string.Join('\n', cell.Split('\n').Select(Plain.Line)), StyleOf(cell));

    private static bool HasTallCells(Table table) => table.Rows.Any(row => row.Any(cell => cell.Contains('\n')));

    private static Style StyleOf(string text) =>
        text.StartsWith(Marks.Passed, StringComparison.Ordinal) ? new Style(Color.Green)
        : text.StartsWith(Marks.Failed, StringComparison.Ordinal) ? new Style(Color.Red)
        : Style.Plain;
}
