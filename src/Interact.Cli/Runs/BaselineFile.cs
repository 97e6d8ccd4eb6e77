using System.Globalization;

namespace Interact.Cli;

/// <summary>What rows are compared with, as --baseline says.</summary>
internal static class BaselineFile
{
    /// <summary>All elements 0: the default.</summary>
    public const string Zeros = "zeros";

    private const string Mean = "mean";
    private const string Median = "median";
    private const string Blur = "blur:";

    /// <exception cref="CommandException">The baseline does not fit the model, or the file does not fit the rows.</exception>
    /// <exception cref="DataFormatException">The file cannot be read.</exception>
    public static Baseline Choose(RunOptions options, Model model, RowTable table) =>
        options.Baseline switch
        {
            null or Zeros => Baseline.Zeros,
            Mean => Baseline.Mean,
            Median => Baseline.Median,
            { } blur when blur.StartsWith(Blur, StringComparison.Ordinal) => Blurred(blur, model),
            { } file => Fitting(file, RowTable.Load(file), options.Data, model, table),
        };

    /// <summary>Checks that a file has the columns of the data, and in their order.</summary>
    /// <exception cref="CommandException">It has not.</exception>
    public static void CheckColumns(string file, RowTable baselines, string data, RowTable table)
    {
        if (baselines.ColumnCount != table.ColumnCount)
        {
            throw new CommandException(
                $"{file}: it has {baselines.ColumnCount} columns, but {data} has {table.ColumnCount}; give a baseline the columns of the rows"
            );
        }

        if (FirstMoved(baselines, table) is { } moved)
        {
            throw new CommandException(
                $"{file}: its column {moved + 1} is \"{baselines.Columns![moved]}\", but that of {data} is \"{table.Columns![moved]}\"; give both files the same order of columns"
            );
        }
    }

    private static Baseline Blurred(string text, Model model)
    {
        IReadOnlyList<int> shape = model.InputShape;
        string described = string.Join(" x ", shape);

        if (model.StartsInside || shape.Count != 4)
        {
            throw new CommandException(
                $"--baseline {text}: only images are blurred, of batch x channels x height x width, and what is explained is {described}; give another baseline"
            );
        }

        bool isNumber = double.TryParse(
            text[Blur.Length..],
            NumberStyles.Float,
            CultureInfo.InvariantCulture,
            out double sigma
        );

        return isNumber && sigma > 0 && sigma <= Math.Max(shape[2], shape[3])
            ? Baseline.Blurred(sigma)
            : throw new CommandException(
                $"--baseline {text}: that is no standard deviation in pixels; give a number above 0 and at most {Math.Max(shape[2], shape[3])}, such as blur:2"
            );
    }

    private static Baseline Fitting(string file, RowTable baselines, string data, Model model, RowTable table)
    {
        CheckColumns(file, baselines, data, table);

        if (baselines.Count != 1 && baselines.Count != table.Count)
        {
            throw new CommandException(
                $"{file}: it has {baselines.Count} rows, but {data} has {table.Count}; give one baseline for all rows, or one for each"
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
