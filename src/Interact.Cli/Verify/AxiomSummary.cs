namespace Interact.Cli;

/// <summary>How far several rows are from satisfying one axiom.</summary>
internal sealed class AxiomSummary
{
    /// <summary>Rows on which there was something to check.</summary>
    public int Checked { get; private set; }

    /// <summary>Rows on which the axiom does not hold.</summary>
    public NamedRows Failed { get; } = new();

    /// <summary>The residual that is largest for what is allowed of it; of the first row where nothing was checked.</summary>
    public AxiomResidual? Worst { get; private set; }

    /// <summary>The row of <see cref="Worst"/>.</summary>
    public int WorstRow { get; private set; }

    public void Add(int row, AxiomResidual residual)
    {
        Checked += residual.Applies ? 1 : 0;

        if (!residual.Holds)
            Failed.Add(row);

        if (Worst is null || Badness(residual) > Badness(Worst))
            (Worst, WorstRow) = (residual, row);
    }

    private static double Badness(AxiomResidual residual) =>
        !residual.Applies ? -1
        : double.IsNaN(residual.Residual) ? double.PositiveInfinity
        : residual.Residual == 0 ? 0
        : residual.Residual / residual.Allowed;
}
