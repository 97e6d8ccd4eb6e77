namespace Interact;

/// <summary>A measure of how well outputs tell targets, as scikit-learn defines it.</summary>
public enum TableMetricKind
{
    /// <summary>The mean negative logarithm of the probability of the row's class, in nats.</summary>
    LogLoss,

    /// <summary>The share of rows whose likeliest class is their own.</summary>
    Accuracy,

    /// <summary>The mean over classes of the share of their rows that are told right.</summary>
    BalancedAccuracy,

    /// <summary>
    /// The probability that a row of a class ranks above one of another; of more than two classes the mean of each against the rest.
    /// </summary>
    RocAuc,

    /// <summary>The square root of the mean squared error, in the units of the target.</summary>
    RootMeanSquaredError,

    /// <summary>The mean absolute error, in the units of the target.</summary>
    MeanAbsoluteError,

    /// <summary>One minus the squared errors over the squared deviations from the mean of the targets.</summary>
    RSquared,
}
