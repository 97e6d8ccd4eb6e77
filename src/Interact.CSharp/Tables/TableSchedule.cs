namespace Interact;

/// <summary>How the learning rate changes over the epochs.</summary>
public enum TableSchedule
{
    /// <summary>Not at all.</summary>
    Constant,

    /// <summary>Half a cosine wave down to 0 after the last epoch.</summary>
    Cosine,
}
