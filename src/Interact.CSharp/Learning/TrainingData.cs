namespace Interact;

/// <summary>Examples to learn from, or to judge by.</summary>
/// <remarks>Whether they fit a network and a loss is checked when training begins.</remarks>
public sealed class TrainingData
{
    private TrainingData(Core.Learning.TrainingData inner) => Inner = inner;

    internal Core.Learning.TrainingData Inner { get; }

    /// <summary>Number of examples.</summary>
    public int Count => Inner.Count;

    /// <summary>Examples with a target of one number each: a value, or the number of a class.</summary>
    /// <param name="inputs">Each example's elements, row-major, such as a <see cref="RowTable"/>; copied.</param>
    /// <param name="targets">A number for each.</param>
    /// <param name="weights">How much each example counts, none negative; null where all count alike.</param>
    /// <exception cref="ArgumentException">There is no example, or there are not as many targets or weights.</exception>
    public static TrainingData Create(
        IEnumerable<double[]> inputs,
        IEnumerable<double> targets,
        IEnumerable<double>? weights = null
    )
    {
        ArgumentNullException.ThrowIfNull(targets);
        return Create(inputs, targets.Select(target => new[] { target }), weights);
    }

    /// <summary>Examples with targets of one or more numbers.</summary>
    /// <param name="inputs">Each example's elements, row-major, such as a <see cref="RowTable"/>; copied.</param>
    /// <param name="targets">Numbers for each, as many as the loss takes; copied.</param>
    /// <param name="weights">How much each example counts, none negative; null where all count alike.</param>
    /// <exception cref="ArgumentException">There is no example, or there are not as many targets or weights.</exception>
    public static TrainingData Create(
        IEnumerable<double[]> inputs,
        IEnumerable<double[]> targets,
        IEnumerable<double>? weights = null
    )
    {
        double[][] rows = Guard.Table(inputs, nameof(inputs));
        double[][] wanted = Guard.Table(targets, nameof(targets));
        double[]? counting = weights is null ? null : [.. weights];

        if (wanted.Length != rows.Length)
        {
            throw new ArgumentException(
                $"There are {wanted.Length} targets for {rows.Length} examples; give one for each.",
                nameof(targets)
            );
        }

        if (counting is not null && counting.Length != rows.Length)
        {
            throw new ArgumentException(
                $"There are {counting.Length} weights for {rows.Length} examples; give one for each.",
                nameof(weights)
            );
        }

        return new(Interop.TrainingData(rows, wanted, counting));
    }

    /// <summary>How many examples there are.</summary>
    public override string ToString() => $"{Count} examples";
}
