namespace Interact;

/// <summary>How a network is trained.</summary>
public sealed record TrainingOptions
{
    /// <summary>What is made small.</summary>
    public required Loss Loss { get; init; }

    /// <summary>How a step changes the parameters; Adam by default.</summary>
    public Optimizer Optimizer { get; init; } = Optimizer.Adam();

    /// <summary>Positive; 0.001 by default.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>How the learning rate changes; not at all by default.</summary>
    public Schedule Schedule { get; init; } = Schedule.Constant;

    /// <summary>Examples in a step, at least 1; 32 by default, or all where there are no more.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>How often all examples are seen, at least 1; 100 by default.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>
    /// After how many epochs without a better loss of the validation data, or a better <see cref="Measure"/>, training ends; null, the
    /// default, for never.
    /// </summary>
    public int? Patience { get; init; }

    /// <summary>
    /// What the best epoch is best by, of which the parameters are kept; null, the default, takes the loss of the validation data.
    /// </summary>
    public ValidationMeasure? Measure { get; init; }

    /// <summary>What is added to the loss; nothing by default.</summary>
    public IReadOnlyList<Penalty> Penalties { get; init; } = [];

    /// <summary>Rows that penalties take as baselines; null, the default, takes the training data.</summary>
    public IReadOnlyList<double[]>? Background { get; init; }

    /// <summary>
    /// Largest Euclidean norm of the gradient by all parameters together: a longer one is shortened to it. Null, the default, for none.
    /// </summary>
    public double? GradientNorm { get; init; }

    /// <summary>Of the order of the examples and of all that is drawn; 0 by default.</summary>
    public int Seed { get; init; }

    /// <summary>What steps are computed in; single precision by default.</summary>
    public Precision Precision { get; init; } = Precision.Single;

    /// <summary>
    /// On how many threads, 1 to 1024; the number of processors by default. Results do not depend on it.
    /// </summary>
    public int Threads { get; init; } = Math.Min(Environment.ProcessorCount, 1024);

    /// <summary>
    /// A file that keeps the state, and from which training goes on where it is there already: after the first epoch, then every ten
    /// seconds at most, and when training ends or is cancelled. Null, the default, for none.
    /// </summary>
    public string? Checkpoint { get; init; }
}
