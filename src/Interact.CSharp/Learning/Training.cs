namespace Interact;

/// <summary>
/// Training of networks: mini-batches in a new order every epoch, the best parameters kept. The same seed gives the same bits for any
/// number of threads, also after a pause.
/// </summary>
public static class Training
{
    /// <summary>Trains a network on examples and keeps the last parameters.</summary>
    /// <inheritdoc cref="Run(Network, TrainingData, TrainingData?, TrainingOptions, IProgress{TrainingProgress}?, CancellationToken)"/>
    public static TrainingResult Run(
        Network network,
        TrainingData training,
        TrainingOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Run(network, training, null, options, progress, cancellationToken);

    /// <summary>
    /// Trains a network on examples and keeps the parameters with which the loss of the validation data is least, or
    /// <see cref="TrainingOptions.Measure"/> largest.
    /// </summary>
    /// <param name="network">Where training begins; it is not changed.</param>
    /// <param name="training">The examples.</param>
    /// <param name="validation">Examples by which the best epoch is found; null keeps the last parameters.</param>
    /// <param name="options">Loss, optimizer, and so on.</param>
    /// <param name="progress">Told ten times a second at most, and at the end of every epoch.</param>
    /// <param name="cancellationToken">Ends training; a checkpoint has the state after the last whole epoch.</param>
    /// <exception cref="ArgumentException">
    /// Options are out of range, data do not fit the network or the loss, or the checkpoint belongs to another training or cannot be
    /// written.
    /// </exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static TrainingResult Run(
        Network network,
        TrainingData training,
        TrainingData? validation,
        TrainingOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(training);
        OptionsGuard.CheckTraining(options, nameof(options));
        return Interop.Train(network, training, validation, options, progress, cancellationToken);
    }

    /// <summary>The mean loss of a network on examples, weighted where they are, without what training adds.</summary>
    /// <param name="network">The network.</param>
    /// <param name="data">The examples.</param>
    /// <param name="loss">What is measured.</param>
    /// <exception cref="ArgumentException">The data do not fit the network or the loss.</exception>
    public static double MeanLoss(Network network, TrainingData data, Loss loss)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(loss);
        return Core.Learning.Training.loss(loss.Inner, network.Inner, data.Inner);
    }
}
