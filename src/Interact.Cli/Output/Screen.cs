namespace Interact.Cli;

/// <summary>Standard output: with colours and lines for a terminal, plain for a file or another program.</summary>
internal abstract class Screen
{
    public static Screen Open() => Console.IsOutputRedirected ? new PlainScreen(Console.Out) : new TerminalScreen();

    /// <summary>Writes a line.</summary>
    public abstract void Line(string text = "");

    /// <summary>Writes a table.</summary>
    public abstract void Show(Table table);
}
