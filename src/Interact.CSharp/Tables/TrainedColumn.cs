namespace Interact;

/// <summary>A column of a table, and how it enters a network.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What became of it.</param>
/// <param name="Missing">How many of its cells in the whole table have no value.</param>
/// <param name="Features">The features of the network that it became; none where it is left out.</param>
public sealed record TrainedColumn(string Name, TrainedColumnKind Kind, int Missing, IReadOnlyList<int> Features)
{
    /// <summary>Of a numeric column the median of the training part, which stands for missing cells; null for others.</summary>
    public double? Median { get; init; }

    /// <summary>Of a numeric column the mean of the training part; null for others.</summary>
    public double? Mean { get; init; }

    /// <summary>Of a numeric column the standard deviation of the training part; null for others.</summary>
    public double? Deviation { get; init; }

    /// <summary>
    /// Of a categorical column the levels of the training part, in the order of its features; empty for others. Others than these are all zeros.
    /// </summary>
    public IReadOnlyList<string> Levels { get; init; } = [];

    /// <summary>Whether its last feature tells that the value is missing.</summary>
    public bool HasMissingFeature { get; init; }

    /// <summary>Why it is left out; null where it is not.</summary>
    public string? Reason { get; init; }
}
