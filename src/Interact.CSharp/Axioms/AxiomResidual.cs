namespace Interact;

/// <summary>
/// How far an explanation is from satisfying an axiom. Residual, scale and bound are absolute, in units of the output.
/// </summary>
public sealed record AxiomResidual
{
    internal AxiomResidual(Core.AxiomResidual inner)
    {
        Axiom = (Axiom)inner.Axiom.Tag;
        Applies = inner.Applies;
        Holds = inner.Holds;
        Residual = inner.Residual;
        Scale = inner.Scale;
        Allowed = inner.Allowed;
        Note = inner.Note;
    }

    /// <summary>The axiom.</summary>
    public Axiom Axiom { get; }

    /// <summary>False where there was nothing to check; <see cref="Note"/> says why.</summary>
    public bool Applies { get; }

    /// <summary>Whether the residual is at most what is allowed, or there was nothing to check.</summary>
    public bool Holds { get; }

    /// <summary>The largest difference found.</summary>
    public double Residual { get; }

    /// <summary>
    /// What the residual is judged against: the larger of |f(x) - f(x')| and the largest |attribution|, added up over
    /// the explanations that were compared.
    /// </summary>
    public double Scale { get; }

    /// <summary>
    /// The largest residual that passes: tolerance times scale, or what rounding alone may leave, whichever is larger.
    /// </summary>
    public double Allowed { get; }

    /// <summary>What was checked, in words.</summary>
    public string Note { get; }
}
