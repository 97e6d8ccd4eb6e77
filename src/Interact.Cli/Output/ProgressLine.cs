using System.Diagnostics;

namespace Interact.Cli;

/// <summary>
/// Rows done, rate and time left on the last line of a terminal's standard error, once a run has taken a second; nothing elsewhere.
/// </summary>
internal sealed class ProgressLine : IProgress<ExplainProgress>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private const int BarWidth = 24;

    // A terminal shows Ctrl-C as ^C behind the line.
    private const int EchoWidth = 2;

    private readonly int _total;
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _next = Patience;
    private int _shown;

    public ProgressLine(int total) => _total = total;

    public void Report(ExplainProgress value)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);

        if (!_isTerminal || elapsed < _next)
            return;

        _next = elapsed + Pause;
        Show(Describe(value, elapsed));
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        if (_shown > 0)
            Console.Error.Write($"\r{new string(' ', _shown + EchoWidth)}\r");

        _shown = 0;
    }

    private string Describe(ExplainProgress progress, TimeSpan elapsed)
    {
        double done = progress.Completed + progress.Underway;
        double rate = done / elapsed.TotalSeconds;
        TimeSpan left = TimeSpan.FromSeconds((_total - done) / rate);
        int filled = (int)(BarWidth * done / _total);
        string bar = new string('█', filled) + new string('░', BarWidth - filled);
        string failed = progress.Uncertified > 0 ? $", {progress.Uncertified} not certified" : "";

        return $"{bar} {progress.Completed} of {Numbers.Count(_total, "row")}{failed}, {Numbers.Rate(rate)} rows/s, {Numbers.Time(left)} left";
    }

    private void Show(string text)
    {
        int width = Math.Max(Console.WindowWidth - 1 - EchoWidth, 1);
        string line = text.Length > width ? text[..width] : text;
        Console.Error.Write($"\r{line.PadRight(Math.Min(_shown, width))}");
        _shown = line.Length;
    }
}
