namespace Interact;

/// <summary>What follows a hidden layer of a network for tables.</summary>
public enum TableActivation
{
    /// <summary>x Φ(x), with Φ the normal distribution function: smooth.</summary>
    Gelu,

    /// <summary>max(x, 0): with kinks, which are counted in exactly.</summary>
    Relu,

    /// <summary>x / (1 + exp(-x)), also called swish: smooth.</summary>
    Silu,

    /// <summary>The hyperbolic tangent: smooth.</summary>
    Tanh,

    /// <summary>ln(1 + exp(x)): smooth.</summary>
    Softplus,

    /// <summary>x where positive, exp(x) - 1 elsewhere: with kinks of the second derivative.</summary>
    Elu,
}
