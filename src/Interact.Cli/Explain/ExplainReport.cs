namespace Interact.Cli;

/// <summary>
/// What is shown of the results, gathered while they pass by: each row where there are few, the mean effects where there are many.
/// </summary>
/// <param name="top">How many of the strongest effects are shown.</param>
/// <param name="rows">How many rows will come.</param>
internal sealed class ExplainReport(int top, int rows)
{
    /// <summary>With more rows than this the table shows means over all of them.</summary>
    public const int MostSingleRows = 20;

    private readonly List<ExplainedRow> _rows = [];

    public bool ShowsRows { get; } = rows <= MostSingleRows;

    /// <summary>The rows, where each is shown.</summary>
    public IReadOnlyList<ExplainedRow> Rows => _rows;

    /// <summary>The means over the rows, where these are shown.</summary>
    public MeanEffects Means { get; } = new();

    public CertificateSummary Certificates { get; } = new();

    /// <summary>The same results, noted as they are enumerated.</summary>
    public IEnumerable<AttributionResult> Watch(IEnumerable<AttributionResult> results)
    {
        foreach (AttributionResult result in results)
        {
            Certificates.Add(result);

            if (ShowsRows)
                _rows.Add(ExplainedRow.Of(result, top));
            else
                Means.Add(result);

            yield return result;
        }
    }
}
