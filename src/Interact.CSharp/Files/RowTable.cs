using System.Collections;

namespace Interact;

/// <summary>
/// A rectangular table of finite numbers: one row an example, one column an element of the model's input.
/// </summary>
/// <remarks>A table never changes: rows are handed out as copies.</remarks>
public sealed class RowTable : IReadOnlyList<double[]>
{
    private readonly double[][] _rows;

    internal RowTable(double[][] rows, string[]? columns)
    {
        _rows = rows;
        Columns = columns is null ? null : Array.AsReadOnly(columns);
    }

    /// <summary>Number of rows, at least 1.</summary>
    public int Count => _rows.Length;

    /// <summary>Number of columns, at least 1.</summary>
    public int ColumnCount => _rows[0].Length;

    /// <summary>The names of the columns, all different; null where the file has none.</summary>
    public IReadOnlyList<string>? Columns { get; }

    /// <summary>A copy of a row.</summary>
    /// <param name="index">From 0 to <see cref="Count"/>, excluded.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public double[] this[int index]
    {
        get
        {
            Guard.Index(index, Count, nameof(index));
            return [.. _rows[index]];
        }
    }

    /// <summary>Reads a table from a file, in the format that its extension names.</summary>
    /// <param name="path">
    /// A .csv file, with or without a header, which is found out; a .json file with an array of rows or of objects; a
    /// .npy file, or a .npz file with one array. Axes beyond the first are flattened in row-major order.
    /// </param>
    /// <exception cref="DataFormatException">
    /// The file cannot be read, or holds something else than finite numbers in rows of one length.
    /// </exception>
    public static RowTable Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Interop.ReadTable(path);
    }

    /// <inheritdoc/>
    public IEnumerator<double[]> GetEnumerator() => _rows.Select(row => row.ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
