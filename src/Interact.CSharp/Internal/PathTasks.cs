using System.Collections;

namespace Interact;

/// <summary>Rows with their numbers and baselines, made while they are enumerated.</summary>
internal sealed class PathTasks : IEnumerable<RowTask>
{
    private readonly IEnumerable<double[]> _rows;
    private readonly PathMethodOptions _options;
    private readonly Model _model;
    private readonly int _length;
    private readonly string _parameter;

    private PathTasks(IEnumerable<double[]> rows, PathMethodOptions options, Model model, string parameter)
    {
        _rows = rows;
        _model = model;
        _options = options;
        _length = model.RowSize;
        _parameter = parameter;

        if (CountOf(rows) is { } count)
        {
            Count = OptionsGuard.CountRows(options, count, nameof(options));
            OptionsGuard.CountFixed(options, count, nameof(options));
        }

        if (rows is IReadOnlyList<double[]> list)
        {
            for (int i = 0; i < list.Count; i++)
                Check(i, list[i]);
        }
    }

    /// <summary>Number of elements that are explained.</summary>
    public int RowLength => _model.InputSize;

    /// <summary>How many rows will come, where that is known before they are read.</summary>
    public int? Count { get; }

    /// <summary>One row by itself, checked together with the options; the parameters are called as here.</summary>
    public static RowTask Only(Model model, double[] row, PathMethodOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(row);
        OptionsGuard.Check(options, model, nameof(options));
        OptionsGuard.CountFixed(options, 1, nameof(options));
        Guard.Row(row, model.RowSize, "the row", nameof(row));
        Model held = Holding(model, options, 0);
        double[]? point = OptionsGuard.OnlyBaseline(model, row, options, nameof(options));
        double[] baseline = point is null ? new double[model.InputSize] : held.Enter(point).Value;
        (Model entered, double[] input) = held.Enter(row);
        return new RowTask(entered.Inner, new Core.PathTask(0, input, baseline));
    }

    /// <summary>Several rows, checked as far as they are known; the parameters are called as here.</summary>
    public static PathTasks OfRows(Model model, IEnumerable<double[]> rows, PathMethodOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        OptionsGuard.Check(options, model, nameof(options));
        return new PathTasks(rows, options, model, nameof(rows));
    }

    /// <summary>The rows of a table, checked; the parameters are called as here.</summary>
    public static PathTasks OfTable(Model model, RowTable table, PathMethodOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(table);

        if (table.ColumnCount != model.RowSize)
        {
            throw new ArgumentException(
                $"The table has {table.ColumnCount} columns; the model takes {model.RowSize}.",
                nameof(table)
            );
        }

        OptionsGuard.Check(options, model, nameof(options));
        return new PathTasks(table, options, model, nameof(table));
    }

    public IEnumerator<RowTask> GetEnumerator()
    {
        IEnumerable<double[]> rows = _options.Baseline.Kind is BaselineKind.Mean or BaselineKind.Median
            ? _rows.Select((row, i) => Checked(i, row)).ToArray()
            : _rows;

        bool isSame = _options.FixedInputs.All(input => !input.IsPerRow);
        Model? same = isSame ? Holding(_model, _options, 0) : null;
        Model Held(int number) => same ?? Holding(_model, _options, number);
        Func<int, double[], double[]> baseline = Baselines(rows, Held, isSame);

        HashSet<int>? chosen = _options.RowNumbers?.ToHashSet();

        foreach (NumberedRow row in rows.Select((row, number) => new NumberedRow(number, row)).Take(_options.Rows))
        {
            if (chosen?.Contains(row.Number) == false)
                continue;

            double[] values = Checked(row.Number, row.Values);
            Model held = Held(row.Number);
            (Core.Model entered, double[] input) = Core.ModelModule.enter(values, held.Inner);
            yield return new RowTask(entered, new Core.PathTask(row.Number, input, baseline(row.Number, input)));
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private sealed record NumberedRow(int Number, double[] Values);

    private static int? CountOf(IEnumerable<double[]> rows) =>
        rows is IReadOnlyCollection<double[]> collection ? collection.Count
        : rows.TryGetNonEnumeratedCount(out int count) ? count
        : null;

    /// <summary>The model with what is fixed for a row.</summary>
    private static Model Holding(Model model, PathMethodOptions options, int row)
    {
        foreach (FixedInput input in options.FixedInputs)
            model = model.Hold(input.Name, input.Of(row));

        return model;
    }

    /// <summary>The baseline of each row, by its number and what is explained of it.</summary>
    /// <param name="rows">All rows.</param>
    /// <param name="held">The model with what is fixed for a row.</param>
    /// <param name="isSame">Whether that is the same for all rows.</param>
    private Func<int, double[], double[]> Baselines(IEnumerable<double[]> rows, Func<int, Model> held, bool isSame)
    {
        Baseline baseline = _options.Baseline;
        double[] Explained(int number, double[] point) => held(number).Enter(point).Value;

        switch (baseline.Kind)
        {
            case BaselineKind.Zeros:
                var zeros = new double[RowLength];
                return (_, _) => zeros;
            case BaselineKind.Blurred:
                int[] shape = [.. _model.InputShape];
                return (_, row) => Interop.Blurred(shape, baseline.Sigma, row);
            case BaselineKind.Row:
                double[]? only = isSame ? Explained(0, baseline.Points[0]) : null;
                return (number, _) => only ?? Explained(number, baseline.Points[0]);
            case BaselineKind.Rows:
                return (number, _) =>
                    number < baseline.Points.Length
                        ? Explained(number, baseline.Points[number])
                        : throw new ArgumentException(
                            $"There are {baseline.Points.Length} baselines; row {number} has none.",
                            _parameter
                        );
            default:
                double[][] all = [.. rows.Select((row, number) => Explained(number, row))];

                double[] middle =
                    all.Length == 0 ? []
                    : baseline.Kind == BaselineKind.Mean ? Interop.ColumnMeans(all)
                    : Interop.ColumnMedians(all);

                return (_, _) => middle;
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
