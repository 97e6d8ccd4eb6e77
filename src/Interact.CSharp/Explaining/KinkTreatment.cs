namespace Interact;

/// <summary>
/// What is done where a model has kinks (ReLU, max and the like), at which its gradient jumps along the path.
/// </summary>
public enum KinkTreatment
{
    /// <summary>
    /// Kinks are found and counted in exactly, where the model's path has any. A model whose derivatives come from outside
    /// cannot tell where its kinks are; they are ignored then.
    /// </summary>
    Automatic,

    /// <summary>The same, but a model whose derivatives come from outside is refused.</summary>
    Exact,

    /// <summary>
    /// Kinks are not looked for: only what quadrature sees is counted, and interactions of networks with kinks are not
    /// certified.
    /// </summary>
    Ignored,
}
