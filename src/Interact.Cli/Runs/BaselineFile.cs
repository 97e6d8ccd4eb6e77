namespace Interact.Cli;

/// <summary>What rows are compared with, as --baseline says.</summary>
internal static class BaselineFile
{
    /// <summary>All elements 0: the default.</summary>
    public const string Zeros = "zeros";

    private const string Mean = "mean";

    /// <exception cref="CommandException">The file does not fit the rows.</exception>
    /// <exception cref="DataFormatException">The file cannot be read.</exception>
    public static Baseline Choose(RunOptions options, Model model, RowTable table) =>
        options.Baseline switch
        {
            Zeros => Baseline.Zeros,
            Mean => Baseline.Mean,
            string file => Fitting(file, RowTable.Load(file), options.Data, model, table),
        };

    private static Baseline Fitting(string file, RowTable baselines, string data, Model model, RowTable table)
    {
        if (baselines.ColumnCount != table.ColumnCount)
        {
            throw new CommandException(
                $"{file}: it has {baselines.ColumnCount} columns, but {data} has {table.ColumnCount}; give a baseline the columns of the rows"
            );
        }

        if (baselines.Count != 1 && baselines.Count != table.Count)
        {
            throw new CommandException(
                $"{file}: it has {baselines.Count} rows, but {data} has {table.Count}; give one baseline for all rows, or one for each"
            );
        }

        if (FirstMoved(baselines, table) is { } moved)
        {
            throw new CommandException(
                $"{file}: its column {moved + 1} is \"{baselines.Columns![moved]}\", but that of {data} is \"{table.Columns![moved]}\"; give both files the same order of columns"
            );
        }

        if (model.StartsInside)
        {
            for (int row = 0; row < baselines.Count; row++)
            {
                double[] values = baselines[row];
                RowCheck.Run(file, row, () => model.CheckData(values));
            }
        }

        return baselines.Count == 1 ? Baseline.Row(baselines[0]) : Baseline.Rows(baselines);
    }

    /// <summary>The first column whose name the other table has at another place.</summary>
    private static int? FirstMoved(RowTable baselines, RowTable table)
    {
        if (baselines.Columns is not { } found || table.Columns is not { } wanted)
            return null;

        var names = wanted.ToHashSet();

        return Enumerable
            .Range(0, found.Count)
            .Cast<int?>()
            .FirstOrDefault(i => found[i!.Value] != wanted[i.Value] && names.Contains(found[i.Value]));
    }
}
