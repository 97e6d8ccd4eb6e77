namespace Interact;

/// <summary>The axioms, checked on the explanation of one row.</summary>
public sealed class AxiomReport
{
    internal AxiomReport(int row, IReadOnlyList<AxiomResidual> residuals)
    {
        Row = row;
        Residuals = residuals;
    }

    /// <summary>Number of the row, from 0.</summary>
    public int Row { get; }

    /// <summary>One residual for each axiom, in the order of <see cref="Axiom"/>.</summary>
    public IReadOnlyList<AxiomResidual> Residuals { get; }

    /// <summary>Whether every axiom holds.</summary>
    public bool Holds => Residuals.All(residual => residual.Holds);
}
