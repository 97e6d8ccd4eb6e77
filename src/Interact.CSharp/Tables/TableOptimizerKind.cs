namespace Interact;

/// <summary>How gradients become steps.</summary>
public enum TableOptimizerKind
{
    /// <summary>Adam, with weight decay apart from the gradient (AdamW).</summary>
    Adam,

    /// <summary>Gradient descent with a momentum of 0.9.</summary>
    Sgd,
}
