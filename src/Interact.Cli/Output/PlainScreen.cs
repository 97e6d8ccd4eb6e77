using System.Text;

namespace Interact.Cli;

/// <summary>Plain text, as wide as it needs to be.</summary>
internal sealed class PlainScreen(TextWriter output) : Screen
{
    private const string Gap = "  ";

    public override void Line(string text = "") => output.WriteLine(Plain.Line(text));

    public override void Show(Table table)
    {
        IReadOnlyList<string> titles = [.. table.Columns.Select(column => column.Title)];
        string[][][] rows = [.. table.Rows.Prepend(titles).Select(cells => cells.Select(LinesOf).ToArray())];

        int[] widths =
        [
            .. Enumerable.Range(0, titles.Count).Select(i => rows.Max(row => row[i].Max(line => line.Length))),
        ];

        foreach (string[][] row in rows)
            ShowRow(table, row, widths);
    }

    private void ShowRow(Table table, string[][] cells, int[] widths)
    {
        for (int line = 0; line < cells.Max(cell => cell.Length); line++)
        {
            var text = new StringBuilder();

            for (int i = 0; i < cells.Length; i++)
            {
                string part = line < cells[i].Length ? cells[i][line] : "";
                text.Append(table.Columns[i].IsNumber ? part.PadLeft(widths[i]) : part.PadRight(widths[i])).Append(Gap);
            }

            output.WriteLine(text.ToString().TrimEnd());
        }
    }

    private static string[] LinesOf(string cell) => [.. cell.Split('\n').Select(Plain.Line)];
}
