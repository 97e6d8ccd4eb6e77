namespace Interact.Cli;

/// <summary>The report of `explain` for people.</summary>
internal sealed class ExplainRendering(Screen screen, ExplainOptions options)
{
    private bool HasPairs => options.Method.HasPairs();

    public void Show(ExplainReport report, RowRange rows, Run run, TimeSpan time, string? file)
    {
        string compared = options.Method.IsExpected()
            ? BackgroundChoice.Describe(options.Background)
            : $"baseline {run.Baseline}";

        screen.Line($"{options.Method.Title()} of {run.Describe(rows)}, {compared}");
        screen.Line();
        screen.Show(report.ShowsRows ? RowTable(report.Rows) : MeanTable(report.Means));
        screen.Line();
        screen.Line(Legend(report.ShowsRows));
        ShowSummary(report.Certificates, run.Tolerance, time);

        if (file is not null)
            screen.Line($"Written to {file}");
    }

    private string Effects => HasPairs ? "strongest pairs" : "strongest features";

    private Table RowTable(IReadOnlyList<ExplainedRow> rows)
    {
        var table = new Table(
            new Column("row", IsNumber: true),
            new Column("target", IsNumber: true),
            new Column("f(x)", IsNumber: true),
            new Column("f(baseline)", IsNumber: true),
            new Column(Effects),
            new Column("certificate", IsFixed: true)
        );

        foreach (ExplainedRow row in rows)
        {
            table.Add(
                $"{row.Row}",
                $"{row.Target}",
                Numbers.Value(row.Value),
                Numbers.Value(row.BaselineValue),
                Lines(row.Strongest),
                $"{Marks.Of(row.IsCertified)} {Numbers.Residual(row.Residual)} ({Numbers.Count(row.Evaluations)})"
            );
        }

        return table;
    }

    private Table MeanTable(MeanEffects means)
    {
        var table = new Table(
            new Column("mean magnitude", IsNumber: true),
            new Column("mean", IsNumber: true),
            new Column(Effects)
        );

        IReadOnlyList<MeanEffect> strongest = means.Strongest(options.Top);
        IReadOnlyList<string> magnitudes = Numbers.Changes([.. strongest.Select(effect => effect.Magnitude)]);
        IReadOnlyList<string> values = Numbers.Changes([.. strongest.Select(effect => effect.Value)]);

        for (int i = 0; i < strongest.Count; i++)
            table.Add(magnitudes[i].TrimStart('+'), values[i], strongest[i].Name);

        return table;
    }

    /// <summary>What the numbers are.</summary>
    private string Legend(bool showsRows)
    {
        string effect = (HasPairs, options.Method.AddsUp()) switch
        {
            (true, true) =>
                "A pair's number is what the two add together to f(x) - f(baseline): both of their cells, Γij + Γji.",
            (false, true) => "A feature's number is its share of f(x) - f(baseline).",
            (true, false) =>
                "A pair's number is both of its cells. The method does not promise that they add up to f(x) - f(baseline); certificates tell how far from it they are, and do not judge it.",
            (false, false) =>
                "The method does not promise that features' numbers add up to f(x) - f(baseline); certificates tell how far from it they are, and do not judge it.",
        };

        return showsRows
            ? $"{effect} A certificate gives the row's largest residual or error, relative to the larger of that change and the largest attribution, and in brackets the number of evaluations."
            : effect;
    }

    private void ShowSummary(CertificateSummary summary, double tolerance, TimeSpan time)
    {
        int failed = summary.Uncertified.Count;

        string certified =
            failed == 0
                ? $"{Marks.Passed} {Numbers.Count(summary.Rows, "row")}, all certified"
                : $"{Marks.Failed} {Numbers.Count(summary.Rows, "row")}, {Numbers.Count(failed)} of them not certified";

        string judged = options.Method.AddsUp() ? $"tolerance {Numbers.Residual(tolerance)}" : "not judged";

        screen.Line(
            $"{certified}: largest relative residual {Numbers.Residual(summary.Worst)} ({judged}), {Numbers.Count(summary.Evaluations, "evaluation")}, {Numbers.Time(time)}"
        );

        if (summary.StandardError is { } error)
        {
            string drawn = options.Method.HasCoalitions() ? "Pairs" : "Baselines";
            string whole = options.Method.HasPairs() ? $", that of a pair's number {Numbers.Value(2 * error)}" : "";
            string single = options.Method.HasPairs() ? "an attribution or a single cell" : "a number";
            screen.Line($"{drawn} were drawn: the standard error of {single} is at most {Numbers.Value(error)}{whole}");
        }
    }

    private static string Lines(IReadOnlyList<Effect> effects)
    {
        if (effects.Count == 0)
            return "(all are 0)";

        IReadOnlyList<string> numbers = Numbers.Changes([.. effects.Select(effect => effect.Value)]);
        int width = numbers.Max(number => number.Length);
        return string.Join('\n', effects.Zip(numbers, (effect, number) => $"{number.PadLeft(width)}  {effect.Name}"));
    }
}
