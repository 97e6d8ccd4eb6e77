namespace Interact;

/// <summary>How a function's values at n rows become one effect size for each variable: a linear map of the values.</summary>
public enum EffectSizeAnalogue
{
    /// <summary>
    /// The covariance of each variable with the function, Xcᵀ(f - mean f)/(n - 1), Xc with its columns' means taken off.
    /// </summary>
    Covariance,

    /// <summary>
    /// The coefficients of the shortest least squares fit, X⁺f, X as it is: give it a column of ones, or centred columns, where the
    /// function has an offset.
    /// </summary>
    Projection,
}
