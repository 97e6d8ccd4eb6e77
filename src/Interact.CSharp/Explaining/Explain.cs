namespace Interact;

/// <summary>
/// Explains rows: how the value f(x) of a model comes to differ from f(x') at a baseline x', as shares of the features
/// (attributions) and of pairs of features (interactions).
/// </summary>
public static partial class Explain;
