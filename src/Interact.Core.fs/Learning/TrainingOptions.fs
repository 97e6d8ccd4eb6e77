namespace Interact.Core.Learning

open System
open System.Threading
open Interact.Core

/// How far training has come.
type TrainingProgress = {
    /// Counted from 1.
    Epoch: int
    /// Steps done of all.
    Step: int
    Steps: int
    /// Mean loss of this epoch's steps so far.
    Loss: float
    /// Mean loss of the validation data after the epoch before; NaN where there is none.
    ValidationLoss: float
    /// As much as is left if no epoch is saved, by the time that steps took so far.
    TimeLeft: TimeSpan
}

/// How a network is trained.
[<NoEquality; NoComparison>]
type TrainingOptions = {
    Loss: Loss
    Optimizer: Optimizer
    LearningRate: float
    Schedule: Schedule
    /// Examples in a step.
    Batch: int
    /// How often all examples are seen.
    Epochs: int
    /// After how many epochs without a better loss of the validation data, or a better measure, training ends; None: never.
    Patience: int option
    /// What the best epoch is best by; None: the loss of the validation data.
    Measure: ValidationMeasure option
    /// What is added to the loss.
    Penalties: Penalty list
    /// Rows that penalties take as baselines; None: the training data.
    Background: float[][] option
    /// Largest Euclidean norm of the gradient by all parameters: a longer one is shortened to it.
    GradientNorm: float option
    /// Of the order of examples, and of all that is drawn.
    Seed: int
    Precision: Precision
    Threads: int
    /// A file that keeps the state after an epoch: after the first, then every ten seconds at most, and at the end, also by cancellation.
    /// Where it is there already, training goes on from it.
    Checkpoint: string option
    Progress: TrainingProgress -> unit
    CancellationToken: CancellationToken
}

/// Why training ended.
[<RequireQualifiedAccess>]
type TrainingEnd =
    /// All epochs are done.
    | Finished
    /// The loss of the validation data, or the measure, had not become better for as many epochs as patience lasts.
    | StoppedEarly
    /// The loss was not finite at that epoch, counted from 1.
    | Diverged of epoch: int

/// A trained network.
[<NoEquality; NoComparison>]
type TrainingResult = {
    /// With the parameters after the best epoch.
    Network: Network
    /// The first epoch with the least loss of the validation data, or the largest measure; the last one with finite parameters where there
    /// are no validation data; 0: before all training.
    BestEpoch: int
    History: EpochRecord list
    /// The names of the penalties in the history's records.
    PenaltyNames: string list
    End: TrainingEnd
}
