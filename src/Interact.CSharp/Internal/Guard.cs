using System.Runtime.CompilerServices;

namespace Interact;

/// <summary>
/// Checks of arguments: each raises an exception that names the parameter, the value and what is allowed.
/// </summary>
internal static class Guard
{
    public static void Index(int index, int count, string parameter)
    {
        if (index < 0 || index >= count)
            throw new ArgumentOutOfRangeException(parameter, index, $"There are {count} elements, counted from 0.");
    }

    public static void Target(int target, int outputs, string parameter)
    {
        if (target < 0 || target >= outputs)
        {
            throw new ArgumentOutOfRangeException(
                parameter,
                target,
                $"The model has {outputs} outputs, numbered 0..{outputs - 1}."
            );
        }
    }

    public static void Positive(double value, string parameter)
    {
        if (!(value > 0 && double.IsFinite(value)))
            throw new ArgumentOutOfRangeException(parameter, value, "The value must be positive and finite.");
    }

    public static void NotNegative(double value, string parameter)
    {
        if (!(value >= 0 && double.IsFinite(value)))
            throw new ArgumentOutOfRangeException(parameter, value, "The value must be finite and not negative.");
    }

    public static void Fraction(double value, string parameter)
    {
        if (!(value >= 0 && value < 1))
            throw new ArgumentOutOfRangeException(parameter, value, "The value must lie in [0, 1).");
    }

    public static void Finite(ReadOnlySpan<double> values, string parameter)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
                throw new ArgumentException($"Element {i} is {values[i]}; it must be finite.", parameter);
        }
    }

    /// <summary>Sizes of axes, at least one, all positive.</summary>
    public static void Sizes(IReadOnlyList<int> sizes, string parameter)
    {
        ArgumentNullException.ThrowIfNull(sizes, parameter);

        if (sizes.Count == 0)
            throw new ArgumentException("There is no size; give one for each axis.", parameter);

        foreach (int size in sizes)
            ArgumentOutOfRangeException.ThrowIfLessThan(size, 1, parameter);
    }

    /// <summary>Items of which none is null.</summary>
    public static T[] Items<T>(IEnumerable<T> items, string parameter)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(items, parameter);
        T[] own = [.. items];
        int empty = Array.IndexOf(own, null);
        return empty < 0 ? own : throw new ArgumentException($"Item {empty} is null.", parameter);
    }

    /// <summary>A row, or what it is called, must have the given length and finite elements.</summary>
    public static void Row(ReadOnlySpan<double> row, int length, string name, string parameter)
    {
        if (row.Length != length)
            throw new ArgumentException($"{name} has {row.Length} elements; {length} are needed.", parameter);

        for (int i = 0; i < row.Length; i++)
        {
            if (!double.IsFinite(row[i]))
                throw new ArgumentException($"Element {i} of {name} is {row[i]}; it must be finite.", parameter);
        }
    }

    /// <summary>Copies of rows, at least one, all of one length.</summary>
    public static double[][] Table(IEnumerable<double[]> rows, string parameter)
    {
        ArgumentNullException.ThrowIfNull(rows, parameter);
        double[][] table = [.. rows.Select(row => (double[])row?.Clone()!)];

        if (table.Length == 0)
            throw new ArgumentException("There are no rows.", parameter);

        for (int i = 0; i < table.Length; i++)
        {
            if (table[i] is null)
                throw new ArgumentException($"Row {i} is null.", parameter);

            Row(table[i], table[0].Length, $"row {i}", parameter);
        }

        return table;
    }

    public static void NotEmpty(ReadOnlySpan<Tensor> parts, string parameter)
    {
        if (parts.IsEmpty)
            throw new ArgumentException("There is nothing to join.", parameter);
    }

    /// <summary>The axis counted from 0.</summary>
    public static int Axis(int axis, Tensor x, [CallerArgumentExpression(nameof(axis))] string parameter = "")
    {
        int rank = x.Rank;

        if (axis < -rank || axis >= rank)
        {
            throw new ArgumentOutOfRangeException(
                parameter,
                axis,
                $"A tensor of shape {Describe(x.Sizes)} has {rank} axes, counted from 0."
            );
        }

        return axis < 0 ? axis + rank : axis;
    }

    /// <summary>The axis counted from 0, along which there is something.</summary>
    public static int FilledAxis(int axis, Tensor x)
    {
        int counted = Axis(axis, x);

        return x.Size > 0
            ? counted
            : throw new ArgumentOutOfRangeException(nameof(axis), axis, "There is nothing along the axis.");
    }

    public static void Shape(ReadOnlySpan<int> shape, int elements, string parameter)
    {
        long product = 1;

        foreach (int size in shape)
        {
            if (size < 0)
                throw new ArgumentOutOfRangeException(parameter, size, "The size of an axis cannot be negative.");

            product = Math.Min(product * size, int.MaxValue + 1L);
        }

        if (product != elements)
        {
            throw new ArgumentException(
                $"There are {elements} elements; shape {Describe(shape)} does not hold as many.",
                parameter
            );
        }
    }

    public static void SameShape(ReadOnlySpan<int> shape, ReadOnlySpan<int> wanted, string parameter)
    {
        if (!shape.SequenceEqual(wanted))
            throw new ArgumentException($"The shape is {Describe(shape)}; {Describe(wanted)} is needed.", parameter);
    }

    /// <summary>The common shape of two that are aligned at the last axis, with axes of size 1 repeated.</summary>
    public static int[] Common(ReadOnlySpan<int> left, ReadOnlySpan<int> right, string parameter)
    {
        var common = new int[Math.Max(left.Length, right.Length)];

        for (int fromEnd = 1; fromEnd <= common.Length; fromEnd++)
        {
            int one = fromEnd <= left.Length ? left[^fromEnd] : 1;
            int other = fromEnd <= right.Length ? right[^fromEnd] : 1;

            if (one != other && one != 1 && other != 1)
            {
                throw new ArgumentException($"Shapes {Describe(left)} and {Describe(right)} do not fit.", parameter);
            }

            common[^fromEnd] = one == 1 ? other : one;
        }

        return common;
    }

    /// <summary>A function of two tensors whose shapes must fit.</summary>
    public static Tensor Fitting(
        Tensor left,
        Tensor right,
        string parameter,
        Func<Core.Tensor, Core.Tensor, Core.Tensor> function
    )
    {
        Common(left.Sizes, right.Sizes, parameter);
        return new Tensor(function(left.Inner, right.Inner));
    }

    /// <summary>"2 x 3", or "scalar".</summary>
    public static string Describe(ReadOnlySpan<int> shape) =>
        shape.IsEmpty ? "scalar" : string.Join(" x ", shape.ToArray());
}
