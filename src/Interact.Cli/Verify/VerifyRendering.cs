using System.Text.RegularExpressions;

namespace Interact.Cli;

/// <summary>The report of `verify` for people.</summary>
internal static partial class VerifyRendering
{
    public static void Show(Screen screen, Run run, IReadOnlyDictionary<Axiom, AxiomSummary> summaries, TimeSpan time)
    {
        var table = new Table(
            new Column("axiom"),
            new Column("rows", IsNumber: true),
            new Column("worst residual", IsNumber: true),
            new Column("scale", IsNumber: true),
            new Column("worst row", IsNumber: true),
            new Column("holds")
        );

        foreach ((Axiom axiom, AxiomSummary summary) in summaries)
            table.Add(Cells(axiom, summary));

        int failed = summaries.Values.Count(summary => summary.Failed.Count > 0);
        screen.Line($"Axioms of Integrated Hessians on {run.Describe(run.Rows)}, baseline {run.Baseline}");
        screen.Line();
        screen.Show(table);
        screen.Line();
        screen.Line("What was checked, at the worst row:");

        foreach ((Axiom axiom, AxiomSummary summary) in summaries)
            screen.Line($"- {NameOf(axiom)}: {summary.Worst?.Note}");

        screen.Line();
        screen.Line(
            $"{Marks.Of(failed == 0)} {Numbers.Count(run.Rows.Count, "row")}, {Numbers.Count(summaries.Count - failed)} of {Numbers.Count(summaries.Count, "axiom")} hold (tolerance {Numbers.Residual(run.Tolerance)}), {Numbers.Time(time)}"
        );
    }

    /// <summary>"interaction completeness".</summary>
    public static string NameOf(Axiom axiom) =>
        Capitals().Replace($"{axiom}", match => $" {match.Value}").TrimStart().ToLowerInvariant();

    private static string[] Cells(Axiom axiom, AxiomSummary summary)
    {
        if (summary.Worst is not { Applies: true } worst)
            return [NameOf(axiom), "0", "", "", "", "nothing to check"];

        string holds =
            summary.Failed.Count == 0
                ? $"{Marks.Passed} yes"
                : $"{Marks.Failed} not on {Numbers.Count(summary.Failed.Count, "row")}";

        return
        [
            NameOf(axiom),
            Numbers.Count(summary.Checked),
            Numbers.Residual(worst.Residual),
            Numbers.Residual(worst.Scale),
            $"{summary.WorstRow}",
            holds,
        ];
    }

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capitals();
}
