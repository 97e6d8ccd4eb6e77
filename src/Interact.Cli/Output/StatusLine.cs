using System.Diagnostics;

namespace Interact.Cli;

/// <summary>
/// How far a run has come, on the last line of a terminal's standard error, once it has taken a second; nothing elsewhere.
/// </summary>
internal abstract class StatusLine : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private const int BarWidth = 24;

    // A terminal shows Ctrl-C as ^C behind the line.
    private const int EchoWidth = 2;

    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _next = Patience;
    private int _shown;

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        if (_shown > 0)
            Console.Error.Write($"\r{new string(' ', _shown + EchoWidth)}\r");

        _shown = 0;
    }

    /// <summary>Writes the line anew where it is time for it.</summary>
    /// <param name="describe">The line after so much time.</param>
    protected void Show(Func<TimeSpan, string> describe)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);

        if (!_isTerminal || elapsed < _next)
            return;

        _next = elapsed + Pause;
        Show(describe(elapsed));
    }

    /// <summary>A bar that is filled to a share from 0 to 1.</summary>
    protected static string Bar(double share)
    {
        int filled = (int)(BarWidth * share);
        return new string('█', filled) + new string('░', BarWidth - filled);
    }

    private void Show(string text)
    {
        int width = Math.Max(Console.WindowWidth - 1 - EchoWidth, 1);
        string line = text.Length > width ? text[..width] : text;
        Console.Error.Write($"\r{line.PadRight(Math.Min(_shown, width))}");
        _shown = line.Length;
    }
}
