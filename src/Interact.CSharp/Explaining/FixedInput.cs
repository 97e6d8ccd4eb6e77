using System.Collections.Immutable;

namespace Interact;

/// <summary>The values of an input that is not explained but held fixed, along the whole path of a row.</summary>
public sealed class FixedInput
{
    private FixedInput(string name, ImmutableArray<double[]> points, bool isPerRow)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
        Points = points;
        IsPerRow = isPerRow;
    }

    /// <summary>The input's name, one of <see cref="Model.HeldInputs"/>.</summary>
    public string Name { get; }

    internal ImmutableArray<double[]> Points { get; }

    /// <summary>Whether there is a value for every row, not one for all.</summary>
    public bool IsPerRow { get; }

    /// <summary>One value for all rows.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="values">As many elements as the input has in one example; copied.</param>
    public static FixedInput Row(string name, params ReadOnlySpan<double> values) =>
        new(name, [values.ToArray()], isPerRow: false);

    /// <summary>A value of its own for every row.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="values">As many as there are rows; copied.</param>
    public static FixedInput Rows(string name, IEnumerable<double[]> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new FixedInput(name, [.. values.Select(row => row.ToArray())], isPerRow: true);
    }

    internal double[] Of(int row) =>
        !IsPerRow ? Points[0]
        : row < Points.Length ? Points[row]
        : throw new ArgumentException($"There are {Points.Length} values of input '{Name}'; row {row} has none.", Name);

    /// <summary>The name, and how many values there are.</summary>
    public override string ToString() => IsPerRow ? $"{Name}: {Points.Length} rows" : $"{Name}: one row";
}
