namespace Interact;

/// <summary>What is wanted of a network for a table beside that it tells the target.</summary>
public enum TablePriorKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>That few columns have most of the attributions: the Gini coefficient of their mean absolute Expected Gradients.</summary>
    Sparsity,

    /// <summary>That columns do not interact: the mean squares of their interactions.</summary>
    Interactions,
}
