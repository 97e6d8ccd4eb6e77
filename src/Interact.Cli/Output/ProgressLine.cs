namespace Interact.Cli;

/// <summary>Rows done, rate and time left.</summary>
internal sealed class ProgressLine(int total) : StatusLine, IProgress<ExplainProgress>
{
    public void Report(ExplainProgress value) => Show(elapsed => Describe(value, elapsed));

    private string Describe(ExplainProgress progress, TimeSpan elapsed)
    {
        double done = progress.Completed + progress.Underway;
        double rate = done / elapsed.TotalSeconds;
        TimeSpan left = TimeSpan.FromSeconds((total - done) / rate);
        string failed = progress.Uncertified > 0 ? $", {progress.Uncertified} not certified" : "";

        return $"{Bar(done / total)} {progress.Completed} of {Numbers.Count(total, "row")}{failed}, {Numbers.Rate(rate)} rows/s, {Numbers.Time(left)} left";
    }
}
