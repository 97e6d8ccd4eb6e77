namespace Interact.Cli;

/// <summary>What is shown of one row.</summary>
internal sealed record ExplainedRow
{
    public required int Row { get; init; }

    public required int Target { get; init; }

    public required double Value { get; init; }

    public required double BaselineValue { get; init; }

    /// <summary>The strongest pairs, or features where there are no interactions.</summary>
    public required IReadOnlyList<Effect> Strongest { get; init; }

    public required bool IsCertified { get; init; }

    /// <summary>The largest relative residual or error.</summary>
    public required double Residual { get; init; }

    public required int Evaluations { get; init; }

    public static ExplainedRow Of(AttributionResult result, int top) =>
        new()
        {
            Row = result.Row,
            Target = result.Target,
            Value = result.Value,
            BaselineValue = result.BaselineValue,
            Strongest = Effect.Strongest(result, top),
            IsCertified = result.Certificate.Satisfied,
            Residual = CertificateSummary.Relative(result),
            Evaluations = result.Certificate.Evaluations,
        };
}
