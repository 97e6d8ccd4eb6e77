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

    /// <summary>The rows of a table: the columns of the given names are the targets, the others the inputs.</summary>
    /// <param name="table">A table with named columns.</param>
    /// <param name="targets">One or more.</param>
    /// <exception cref="ArgumentException">The table has no column of such a name, or no other column.</exception>
    public static TrainingData FromTable(RowTable table, params IReadOnlyList<string> targets)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(targets);

        if (targets.Count == 0)
            throw new ArgumentException("There is no target; name a column.", nameof(targets));

        if (table.Columns is not { } columns)
            throw new ArgumentException("The table has no names of columns; add a header.", nameof(table));

        string? missing = targets.FirstOrDefault(target => !columns.Contains(target));

        if (missing is not null)
            throw new ArgumentException($"The table has no column '{missing}'.", nameof(targets));

        int[] places = [.. targets.Select(target => columns.Index().First(column => column.Item == target).Index)];
        int[] others = [.. Enumerable.Range(0, columns.Count).Except(places)];

        if (others.Length == 0)
            throw new ArgumentException("Every column is a target; inputs are needed too.", nameof(targets));

        return Create(table.Select(row => Pick(row, others)), table.Select(row => Pick(row, places)));

        static double[] Pick(double[] row, int[] columns) => Array.ConvertAll(columns, column => row[column]);
    }

    /// <summary>How many examples there are.</summary>
    public override string ToString() => $"{Count} examples";
}
