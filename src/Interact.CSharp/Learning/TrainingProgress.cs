namespace Interact;

/// <summary>How far training has come.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="Step">Steps done, of all epochs.</param>
/// <param name="Steps">Steps of all epochs.</param>
/// <param name="Loss">Mean loss of this epoch's steps so far.</param>
/// <param name="ValidationLoss">Mean loss of the validation data after the epoch before; null where there is none.</param>
/// <param name="TimeLeft">As much as is left if no epoch is saved, by the time that steps took so far.</param>
public readonly record struct TrainingProgress(
    int Epoch,
    int Step,
    int Steps,
    double Loss,
    double? ValidationLoss,
    TimeSpan TimeLeft
);
