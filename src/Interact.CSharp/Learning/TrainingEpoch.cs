namespace Interact;

/// <summary>One epoch of training.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="LearningRate">Of its last step.</param>
/// <param name="TrainingLoss">
/// Mean of the loss over its steps, before each changed the network, with what training adds, such as dropout.
/// </param>
/// <param name="ValidationLoss">
/// Mean loss of the validation data after it, without what training adds; null where there is none.
/// </param>
/// <param name="Penalties">Mean of each penalty over its steps, without its weight, by <see cref="TrainingResult.PenaltyNames"/>.</param>
/// <param name="ValidationMeasure">
/// The measure (<see cref="TrainingOptions.Measure"/>) of the validation data after it; null where there is none, or where it is not defined.
/// </param>
public sealed record TrainingEpoch(
    int Epoch,
    double LearningRate,
    double TrainingLoss,
    double? ValidationLoss,
    IReadOnlyList<double> Penalties,
    double? ValidationMeasure
);
