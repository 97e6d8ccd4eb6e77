namespace Interact;

/// <summary>
/// What the explanation of one row achieved. Residuals and errors are absolute, in units of the output.
/// </summary>
public sealed record Certificate
{
    internal Certificate(Core.Certificate inner)
    {
        Satisfied = inner.Satisfied;
        Scale = inner.Scale;
        CompletenessResidual = inner.CompletenessResidual;
        RowResidual = Interop.ToNullable(inner.RowResidual);
        ErrorEstimate = inner.ErrorEstimate;
        Evaluations = inner.Evaluations;
        Probes = inner.Probes;
        Kinks = Interop.ToNullable(inner.Kinks);
        StandardError = Interop.ToNullable(inner.StandardError);
        Method = inner.Method;
    }

    /// <summary>
    /// Whether the quadrature converged, and residuals and error estimate are at most the tolerance times the row's
    /// scale, or at most what rounding leaves, whichever is larger.
    /// </summary>
    public bool Satisfied { get; }

    /// <summary>
    /// The row's scale: |f(x) - f(x')| or the largest |attribution|, whichever is larger.
    /// </summary>
    public double Scale { get; }

    /// <summary>|Σ - (f(x) - f(x'))|: how far the parts are from adding up to the whole.</summary>
    public double CompletenessResidual { get; }

    /// <summary>
    /// max_i |Σ_j Γ_ij - IG_i|: how far rows of interactions are from adding up to attributions that were integrated
    /// separately. Null for methods without interactions.
    /// </summary>
    public double? RowResidual { get; }

    /// <summary>
    /// The estimated error of the integrals: for attributions the change to the next finer rule, for interactions what
    /// probes of the second derivatives tell.
    /// </summary>
    public double ErrorEstimate { get; }

    /// <summary>
    /// Points of the path at which the derivatives of the result were evaluated: gradients for attributions, full
    /// second derivatives for interactions; of piecewise linear models, which have none, gradients. Where there is no path:
    /// coalitions or sets of features.
    /// </summary>
    public int Evaluations { get; }

    /// <summary>Points at which cheaper derivatives were evaluated to find the rule and to check the result.</summary>
    public int Probes { get; }

    /// <summary>
    /// Places on the path where the gradient jumps, all of them counted in. Null where kinks were not looked for or there
    /// are none.
    /// </summary>
    public int? Kinks { get; }

    /// <summary>
    /// The largest standard error of one number of the result, where it is an average over drawn samples; null where nothing
    /// was drawn. No residual sees it: drawn results add up to the whole as exact ones do.
    /// </summary>
    public double? StandardError { get; }

    /// <summary>
    /// The quadrature, "gauss-legendre" or "gauss-log"; "exact" where the path was divided at its kinks, or where there is no
    /// path and all coalitions or sets were evaluated; "sampled" where coalitions were drawn; "derivative" for derivatives at the
    /// row.
    /// </summary>
    public string Method { get; }
}
