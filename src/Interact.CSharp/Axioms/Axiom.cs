namespace Interact;

/// <summary>
/// What an explanation must satisfy whatever the function f, with x the row, x' the baseline, φ the attributions and Γ
/// the interactions.
/// </summary>
/// <remarks>Sources: Sundararajan, Taly, Yan 2017; Janizek, Sturmfels, Lee 2021.</remarks>
public enum Axiom
{
    /// <summary>ΣΓ = f(x) - f(x'), and Σφ = f(x) - f(x').</summary>
    Completeness,

    /// <summary>Σ_j Γ_ij = φ_i.</summary>
    InteractionCompleteness,

    /// <summary>Γ = Γᵀ.</summary>
    Symmetry,

    /// <summary>A feature that interacts with no other has Γ_ii = f(x_i alone) - f(x').</summary>
    SelfCompleteness,

    /// <summary>A feature that f ignores gets zeros.</summary>
    Dummy,

    /// <summary>Explanations of a·f + b·g are a times those of f plus b times those of g.</summary>
    Linearity,

    /// <summary>Features that f treats alike get alike values where their inputs and baselines agree.</summary>
    SymmetryPreservation,

    /// <summary>Two ways of computing one function are explained alike.</summary>
    ImplementationInvariance,
}
