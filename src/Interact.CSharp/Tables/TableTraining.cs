using System.Security.Cryptography;

namespace Interact;

/// <summary>Trains networks on tables.</summary>
public static class TableTraining
{
    /// <summary>Reads a table, finds out what its columns are, and trains a network to tell one of them from the others.</summary>
    /// <param name="options">The table, its target, the network and the training.</param>
    /// <param name="progress">Told after steps of training, at most ten times a second.</param>
    /// <param name="cancellationToken">
    /// Stops training between two steps; <see cref="TableTrainingOptions.Checkpoint"/> then holds the state after the last whole epoch.
    /// </param>
    /// <returns>
    /// The network with the weights of the epoch in which the loss of the validation part was smallest. The same table, options and seed
    /// give the same bits on any number of threads.
    /// </returns>
    /// <exception cref="ArgumentException">An option is out of range, or the checkpoint is that of another training.</exception>
    /// <exception cref="DataFormatException">The table cannot be read, or does not fit the options.</exception>
    /// <exception cref="OperationCanceledException">Training was stopped.</exception>
    public static TrainedTable Run(
        TableTrainingOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        TableTrainingGuard.Check(options, nameof(options));
        Core.Learning.TabularData data = TableInterop.PrepareTable(options);
        string sha256 = HashOf(options.Data);
        cancellationToken.ThrowIfCancellationRequested();
        Core.Learning.TrainedTable trained = TableInterop.TrainTable(options, data, progress, cancellationToken);
        return new TrainedTable(options, sha256, data, trained);
    }

    private static string HashOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
