namespace Interact;

/// <summary>How the relative centrality of variables is computed.</summary>
public sealed record RateOptions
{
    /// <summary>How function values become effect sizes; by default their covariances with the variables.</summary>
    public EffectSizeAnalogue Effect { get; init; } = EffectSizeAnalogue.Covariance;

    /// <summary>What shares are taken of; by default the quadratic divergence.</summary>
    public RateDivergence Divergence { get; init; } = RateDivergence.Quadratic;

    /// <summary>Groups of variables instead of single ones; null, the default, for single variables.</summary>
    public FeatureGroups? Groups { get; init; }

    /// <summary>
    /// Variables that have been found already, or groups where there are some: the others are compared given that these have no effect. Names,
    /// or indices from 0 where there is no such name; none by default.
    /// </summary>
    public IReadOnlyList<string> Given { get; init; } = [];

    /// <summary>
    /// Which output of the last layer, such as a class, counted from 0; null, the default, for the only one.
    /// </summary>
    public int? Output { get; init; }

    /// <summary>
    /// Values of the model's inputs that the features depend on beside the variables, one for all rows or one each; none by default.
    /// Those that <see cref="Model.Hold"/> holds need no value here.
    /// </summary>
    public IReadOnlyList<FixedInput> FixedInputs { get; init; } = [];

    /// <summary>What is added to the diagonal of the effect sizes' covariance, so that it has an inverse; 1e-9 by default.</summary>
    public double Ridge { get; init; } = 1e-9;

    /// <summary>
    /// Names of the variables, one each; null, the default, takes the columns of a <see cref="RowTable"/>, or x0, x1, and so on.
    /// </summary>
    public IReadOnlyList<string>? FeatureNames { get; init; }

    /// <summary>On how many threads, 1 to 1024; the number of processors by default. Results do not depend on it.</summary>
    public int Threads { get; init; } = Math.Min(Environment.ProcessorCount, 1024);
}
