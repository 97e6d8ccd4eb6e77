using System.Collections;

namespace Interact;

/// <summary>Rows with their numbers and baselines, made while they are enumerated.</summary>
internal sealed class PathTasks : IEnumerable<Core.PathTask>
{
    private readonly IEnumerable<double[]> _rows;
    private readonly PathMethodOptions _options;
    private readonly int _length;
    private readonly string _parameter;

    private PathTasks(IEnumerable<double[]> rows, PathMethodOptions options, int length, string parameter)
    {
        _rows = rows;
        _options = options;
        _length = length;
        _parameter = parameter;

        if (CountOf(rows) is { } count)
            Count = OptionsGuard.CountRows(options, count, nameof(options));

        if (rows is IReadOnlyList<double[]> list)
        {
            for (int i = 0; i < list.Count; i++)
                Check(i, list[i]);
        }
    }

    /// <summary>Number of elements in a row.</summary>
    public int RowLength => _length;

    /// <summary>How many rows will come, where that is known before they are read.</summary>
    public int? Count { get; }

    /// <summary>One row by itself, checked together with the options; the parameters are called as here.</summary>
    public static Core.PathTask Only(Model model, double[] row, PathMethodOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(row);
        OptionsGuard.Check(options, model.InputSize, model.OutputSize, nameof(options));
        Guard.Row(row, model.InputSize, "the row", nameof(row));
        return new Core.PathTask(0, row, OptionsGuard.OnlyBaseline(options, model.InputSize, nameof(options)));
    }

    /// <summary>Several rows, checked as far as they are known; the parameters are called as here.</summary>
    public static PathTasks OfRows(Model model, IEnumerable<double[]> rows, PathMethodOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        OptionsGuard.Check(options, model.InputSize, model.OutputSize, nameof(options));
        return new PathTasks(rows, options, model.InputSize, nameof(rows));
    }

    /// <summary>The rows of a table, checked; the parameters are called as here.</summary>
    public static PathTasks OfTable(Model model, RowTable table, PathMethodOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(table);

        if (table.ColumnCount != model.InputSize)
        {
            throw new ArgumentException(
                $"The table has {table.ColumnCount} columns; the model takes {model.InputSize}.",
                nameof(table)
            );
        }

        OptionsGuard.Check(options, model.InputSize, model.OutputSize, nameof(options));
        return new PathTasks(table, options, model.InputSize, nameof(table));
    }

    public IEnumerator<Core.PathTask> GetEnumerator()
    {
        IEnumerable<double[]> rows =
            _options.Baseline.Kind == BaselineKind.Mean ? _rows.Select((row, i) => Checked(i, row)).ToArray() : _rows;

        Func<int, double[]> baseline = Baselines(rows);

        foreach (NumberedRow row in rows.Select((row, number) => new NumberedRow(number, row)).Take(_options.Rows))
            yield return new Core.PathTask(row.Number, Checked(row.Number, row.Values), baseline(row.Number));
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private sealed record NumberedRow(int Number, double[] Values);

    private static int? CountOf(IEnumerable<double[]> rows) =>
        rows is IReadOnlyCollection<double[]> collection ? collection.Count
        : rows.TryGetNonEnumeratedCount(out int count) ? count
        : null;

    /// <summary>The baseline of each row.</summary>
    private Func<int, double[]> Baselines(IEnumerable<double[]> rows)
    {
        Baseline baseline = _options.Baseline;

        switch (baseline.Kind)
        {
            case BaselineKind.Zeros:
                var zeros = new double[_length];
                return _ => zeros;
            case BaselineKind.Row:
                return _ => baseline.Points[0];
            case BaselineKind.Rows:
                return number =>
                    number < baseline.Points.Length
                        ? baseline.Points[number]
                        : throw new ArgumentException(
                            $"There are {baseline.Points.Length} baselines; row {number} has none.",
                            _parameter
                        );
            default:
                double[][] all = (double[][])rows;
                double[] means = all.Length > 0 ? Interop.ColumnMeans(all) : [];
                return _ => means;
        }
    }

    /// <summary>A copy of a row that fits the model: its owner may fill the same array with the next one.</summary>
    private double[] Checked(int number, double[] row)
    {
        Check(number, row);
        return [.. row];
    }

    private void Check(int number, double[]? row)
    {
        if (row is null)
            throw new ArgumentException($"Row {number} is null.", _parameter);

        Guard.Row(row, _length, $"row {number}", _parameter);
    }
}
