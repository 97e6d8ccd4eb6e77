namespace Interact;

/// <summary>What the methods share that average over a background of baselines.</summary>
/// <remarks>
/// <see cref="PathMethodOptions.Baseline"/> has no part in them, and must be left as it is. The tolerance is that of the
/// average.
/// </remarks>
public abstract record ExpectedMethodOptions : PathMethodOptions
{
    private protected ExpectedMethodOptions() { }

    /// <summary>
    /// The baselines that are averaged over. With <see cref="ModelLoadOptions.At"/> they are rows of the input, like the
    /// rows that are explained; noise is around the tensor.
    /// </summary>
    public required Background Background { get; init; }
}
