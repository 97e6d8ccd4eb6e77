namespace Interact;

/// <summary>What stands between a hidden layer and its activation.</summary>
public enum TableNormalization
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Mean 0 and variance 1 of each unit over the batch in training, by running averages in use.</summary>
    Batch,

    /// <summary>Mean 0 and variance 1 over the units of each row.</summary>
    Layer,
}
