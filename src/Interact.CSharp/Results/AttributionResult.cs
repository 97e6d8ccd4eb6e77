namespace Interact;

/// <summary>The explanation of one row by attributions: one number a feature or group.</summary>
public class AttributionResult
{
    internal AttributionResult(Core.Explanation inner, IReadOnlyList<string> featureNames)
    {
        Row = inner.Row;
        Target = inner.Target;
        Value = inner.Value;
        BaselineValue = inner.BaselineValue;
        Attributions = new FeatureAttributions(inner.Attributions, featureNames);
        Certificate = new Certificate(inner.Certificate);
    }

    /// <summary>Number of the row, from 0.</summary>
    public int Row { get; }

    /// <summary>Index of the explained output in the flattened output.</summary>
    public int Target { get; }

    /// <summary>f(x): the explained output at the row.</summary>
    public double Value { get; }

    /// <summary>f(x'): the explained output at the baseline.</summary>
    public double BaselineValue { get; }

    /// <summary>The names of the features, or of the groups.</summary>
    public IReadOnlyList<string> FeatureNames => Attributions.FeatureNames;

    /// <summary>One number a feature or group; they add up to f(x) - f(x') where the method promises that.</summary>
    public FeatureAttributions Attributions { get; }

    /// <summary>How exact the result is.</summary>
    public Certificate Certificate { get; }
}
