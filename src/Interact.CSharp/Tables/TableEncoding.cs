namespace Interact;

/// <summary>What makes the rows of a table fit for a network that was trained on it, or on another one with the same columns.</summary>
public sealed class TableEncoding
{
    private readonly Core.Learning.TableEncoder _inner;

    internal TableEncoding(Core.Learning.TableEncoder inner)
    {
        _inner = inner;
        Columns = Array.AsReadOnly(Array.ConvertAll(inner.Columns, TableInterop.ToColumn));
        FeatureNames = Array.AsReadOnly(Core.Learning.TableEncoderModule.names(inner));
    }

    /// <summary>The columns of the table.</summary>
    public IReadOnlyList<TrainedColumn> Columns { get; }

    /// <summary>The names of the network's features: a numeric column's own, "column=level", and "column=(missing)".</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>Reads the encoding of a training from its report.</summary>
    /// <param name="path">The <c>report.json</c> that <see cref="TrainedTable.Save"/> wrote.</param>
    /// <exception cref="DataFormatException">The file cannot be read, or is no such report.</exception>
    public static TableEncoding Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new TableEncoding(TrainingReport.ReadEncoder(path));
    }

    /// <summary>Encodes the rows of a table, whose columns are found by their names.</summary>
    /// <param name="path">A .csv file whose first line names the columns; it may have more, in any order, and needs no target.</param>
    /// <returns>
    /// Rows that the network takes: numbers in their own units, the training part's median where one is missing; zeros for a level that the training part had not.
    /// </returns>
    /// <exception cref="DataFormatException">
    /// The file cannot be read, a column is not there, or a numeric cell is no number.
    /// </exception>
    public RowTable Encode(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new RowTable(TableInterop.Encode(_inner, path), [.. FeatureNames]);
    }

    /// <summary>Writes the encoded rows of a table to a .csv file that is there whole or not at all.</summary>
    /// <param name="path">The table, as for <see cref="Encode"/>.</param>
    /// <param name="encoded">The file to make or replace.</param>
    /// <exception cref="DataFormatException">The table cannot be encoded, see <see cref="Encode"/>.</exception>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    public void Save(string path, string encoded)
    {
        ArgumentNullException.ThrowIfNull(encoded);
        RowTable rows = Encode(path);
        Interop.WriteAtomically(encoded, stream => TrainingFolder.WriteRows(stream, FeatureNames, rows));
    }
}
