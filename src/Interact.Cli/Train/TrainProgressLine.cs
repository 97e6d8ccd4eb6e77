namespace Interact.Cli;

/// <summary>Epochs done, losses and time left.</summary>
internal sealed class TrainProgressLine(int epochs) : StatusLine, IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => Show(_ => Describe(value));

    private string Describe(TrainingProgress progress)
    {
        string validation = progress.ValidationLoss is { } loss ? $", validation {Numbers.Value(loss)}" : "";
        string bar = Bar((double)progress.Step / progress.Steps);

        return $"{bar} epoch {progress.Epoch} of {epochs}, loss {Numbers.Value(progress.Loss)}{validation}, {Numbers.Time(progress.TimeLeft)} left at most";
    }
}
