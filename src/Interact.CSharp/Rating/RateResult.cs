namespace Interact;

/// <summary>The relative centrality of all variables of a model, or of groups of them.</summary>
public sealed class RateResult
{
    internal RateResult(
        RateOptions options,
        ModelSource? model,
        EffectSizeAnalogue? effect,
        int? output,
        IReadOnlyList<string> names,
        int[] given,
        Core.RateResult found
    )
    {
        Model = model;
        Effect = effect;
        Output = output;
        Divergence = options.Divergence;
        Ridge = options.Ridge;
        Given = Array.AsReadOnly(Array.ConvertAll(given, place => names[place]));
        UniformRate = found.UniformRate;
        DivergenceFromUniform = found.DivergenceFromUniform;
        EffectiveSampleSize = found.EffectiveSampleSize;

        Variables = Array.AsReadOnly([
            .. found.Sets.Select(
                (place, i) => new RatedVariable(place, names[place], found.Rates[i], found.Divergences[i])
            ),
        ]);
    }

    /// <summary>The file of the model; null where there was none.</summary>
    public ModelSource? Model { get; }

    /// <summary>How function values became effect sizes; null where effect sizes themselves were drawn.</summary>
    public EffectSizeAnalogue? Effect { get; }

    /// <summary>Which output of the last layer was rated, counted from 0; null where draws were.</summary>
    public int? Output { get; }

    /// <summary>What shares are taken of.</summary>
    public RateDivergence Divergence { get; }

    /// <summary>What was added to the diagonal of the effect sizes' covariance.</summary>
    public double Ridge { get; }

    /// <summary>The names of what was known to have no effect.</summary>
    public IReadOnlyList<string> Given { get; }

    /// <summary>The variables, or groups, without those given, in their own order.</summary>
    public IReadOnlyList<RatedVariable> Variables { get; }

    /// <summary>What RATE would be if all were alike: one over their number. Variables above it stand out.</summary>
    public double UniformRate { get; }

    /// <summary>
    /// Δ = Σ RATE ln(p RATE), the divergence of RATE from the uniform distribution: 0 where all are alike, ln p where one has all.
    /// </summary>
    public double DivergenceFromUniform { get; }

    /// <summary>100/(1 + Δ), in percent: 100 where all are alike.</summary>
    public double EffectiveSampleSize { get; }

    /// <summary>Those with the largest share, the largest first.</summary>
    /// <param name="count">How many; all where there are fewer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public IReadOnlyList<RatedVariable> Strongest(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Array.AsReadOnly([.. Variables.OrderByDescending(variable => variable.Rate).Take(count)]);
    }

    /// <summary>Writes the result to a file that is there whole or not at all.</summary>
    /// <param name="path">
    /// A .json file, schema "interact.rate/1", with <c>model</c>, <c>effect</c>, <c>output</c>, <c>divergence</c>, <c>ridge</c>, <c>given</c>,
    /// <c>uniformRate</c>, <c>divergenceFromUniform</c>, <c>effectiveSampleSize</c> and <c>variables</c>, each with <c>index</c>,
    /// <c>name</c>, <c>rate</c> and <c>divergence</c>; or a .csv file with the columns rank (from 1), index, variable, rate,
    /// divergence, aboveUniform, the largest share first.
    /// </param>
    /// <exception cref="ArgumentException">The extension is none of these.</exception>
    /// <exception cref="IOException">The file cannot be written; the message says what would mend it.</exception>
    public void Save(string path) => RateFile.Write(path, this);
}
