namespace Interact;

/// <summary>The attribution of one feature or group.</summary>
/// <param name="Feature">Its name.</param>
/// <param name="Index">Its place in the attributions.</param>
/// <param name="Value">Its share of f(x) - f(x').</param>
public readonly record struct FeatureAttribution(string Feature, int Index, double Value);
