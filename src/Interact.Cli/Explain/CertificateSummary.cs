namespace Interact.Cli;

/// <summary>How exact the explanations of several rows are.</summary>
internal sealed class CertificateSummary
{
    /// <summary>Rows that were explained.</summary>
    public int Rows { get; private set; }

    /// <summary>Rows whose certificate is not satisfied.</summary>
    public NamedRows Uncertified { get; } = new();

    /// <summary>The largest relative residual or error.</summary>
    public double Worst { get; private set; }

    /// <summary>Points of the paths at which the full derivatives were evaluated, of all rows together.</summary>
    public long Evaluations { get; private set; }

    /// <summary>The largest standard error of one number; null where nothing was drawn.</summary>
    public double? StandardError { get; private set; }

    public void Add(AttributionResult result)
    {
        Rows++;
        Worst = Math.Max(Worst, Relative(result));
        Evaluations += result.Certificate.Evaluations;

        if (result.Certificate.StandardError is { } error)
            StandardError = Math.Max(StandardError ?? 0, error);

        if (!result.Certificate.Satisfied)
            Uncertified.Add(result.Row);
    }

    /// <summary>
    /// The largest of a row's residuals and error estimate, relative to the row's scale.
    /// </summary>
    public static double Relative(AttributionResult result)
    {
        Certificate certificate = result.Certificate;

        double worst = Math.Max(
            Math.Max(certificate.CompletenessResidual, certificate.RowResidual ?? 0),
            certificate.ErrorEstimate
        );

        return worst == 0 ? 0 : worst / certificate.Scale;
    }
}
