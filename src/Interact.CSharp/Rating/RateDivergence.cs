namespace Interact;

/// <summary>How far effect sizes move where a variable's is known to be 0.</summary>
public enum RateDivergence
{
    /// <summary>½ μ_j² α_j, the move of the means: what RATE is defined by.</summary>
    Quadratic,

    /// <summary>The Kullback-Leibler divergence, the change of the covariance counted in.</summary>
    Exact,
}
