namespace Interact;

/// <summary>What training came to.</summary>
public sealed record TrainingResult
{
    internal TrainingResult() { }

    /// <summary>The trained network, with the parameters after the best epoch.</summary>
    public required Network Network { get; init; }

    /// <summary>
    /// The epoch with the least loss of the validation data, or the last one where there are none; 0 where the network is as it was.
    /// </summary>
    public required int BestEpoch { get; init; }

    /// <summary>The epochs in their order.</summary>
    public required IReadOnlyList<TrainingEpoch> History { get; init; }

    /// <summary>The names of the penalties in the history, and of the terms that layers add to the loss.</summary>
    public required IReadOnlyList<string> PenaltyNames { get; init; }

    /// <summary>Why training ended.</summary>
    public required TrainingEnd End { get; init; }
}
