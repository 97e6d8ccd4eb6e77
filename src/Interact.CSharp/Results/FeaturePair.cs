namespace Interact;

/// <summary>The interaction of two features or groups.</summary>
/// <param name="First">Name of the one that stands first.</param>
/// <param name="Second">Name of the other.</param>
/// <param name="FirstIndex">
/// Row of the matrix, smaller than <paramref name="SecondIndex"/>; equal to it for a main effect among cells.
/// </param>
/// <param name="SecondIndex">Column of the matrix.</param>
/// <param name="Value">
/// One cell of the matrix, Γ_ij, and not the sum of (i, j) and (j, i), which <see cref="WholeEffect"/> is.
/// </param>
public readonly record struct FeaturePair(string First, string Second, int FirstIndex, int SecondIndex, double Value)
{
    /// <summary>
    /// What the pair adds to f(x) - f(x'): Γ_ij + Γ_ji, twice <see cref="Value"/>. The whole effects of all pairs and
    /// the diagonal add up to f(x) - f(x').
    /// </summary>
    public double WholeEffect => FirstIndex == SecondIndex ? Value : 2 * Value;
}
