namespace Interact.Cli;

/// <summary>A model and rows that fit each other, ready to be explained.</summary>
internal sealed class Run
{
    private readonly RunOptions _options;
    private readonly Baseline _baseline;
    private readonly FixedInput[] _fixed;

    private Run(RunOptions options, Model model, RowTable table)
    {
        _options = options;
        Model = model;
        Table = table;
        Rows = options.Rows ?? new RowRange(0, table.Count - 1);
        _baseline = BaselineFile.Choose(options, model, table);
        _fixed = [.. options.Fixed.Select(file => file.Load(model, options.Data, table))];
    }

    public Model Model { get; }

    public RowTable Table { get; }

    /// <summary>The file of the rows.</summary>
    public string Data => _options.Data;

    /// <summary>What rows are compared with, in words.</summary>
    public string Baseline => _options.Baseline ?? BaselineFile.Zeros;

    /// <summary>The rows that are asked for.</summary>
    public RowRange Rows { get; }

    /// <summary>The largest relative residual and error of a certified row.</summary>
    public double Tolerance => _options.Tolerance ?? new IntegratedHessiansOptions().Tolerance;

    /// <summary>Reads the files, and checks all that can be checked before anything is computed.</summary>
    /// <exception cref="CommandException">Model, data and options do not fit each other.</exception>
    /// <exception cref="ModelImportException">The model cannot be read.</exception>
    /// <exception cref="DataFormatException">The data cannot be read.</exception>
    public static Run Load(RunOptions options)
    {
        if (options is { Exact: true, Smooth: not null })
            throw new CommandException(
                "--exact and --smooth exclude each other: a smoothed model is another function; leave one of them out"
            );

        // Both files at once; what is wrong with the model comes first.
        Task<RowTable> reading = Task.Run(() => RowTable.Load(options.Data));
        Model model = Model.Load(options.Model, options.Load);

        foreach (string warning in model.Warnings)
            StandardError.WriteLine($"warning: {warning}");

        if (model.OutputSize == 0)
            throw new CommandException($"{options.Model}: the output has no element; name another one with --output");

        if (options.Target.Index >= model.OutputSize)
            throw new CommandException($"--target {options.Target}: {Outputs(model.OutputSize)}");

        RowTable table = reading.GetAwaiter().GetResult();

        if (table.ColumnCount != model.RowSize)
        {
            throw new CommandException(
                $"{options.Data}: it has {Numbers.Count(table.ColumnCount, "column")}, but the model takes {model.RowSize}; {Columns(model)}"
            );
        }

        CheckFixed(options, model);

        if (options.Rows?.Last >= table.Count)
        {
            throw new CommandException(
                $"--rows {options.Rows}: {options.Data} has {Numbers.Count(table.Count, "row")}; give numbers from 0 to {table.Count - 1}"
            );
        }

        // Tables of floating inputs are checked as they are read.
        if (model.StartsInside)
        {
            for (int row = options.Rows?.First ?? 0; row <= (options.Rows?.Last ?? table.Count - 1); row++)
            {
                double[] values = table[row];
                RowCheck.Run(options.Data, row, () => model.CheckData(values));
            }
        }

        return new Run(options, options.Smooth is { } beta ? model.Smooth(beta) : model, table);
    }

    /// <summary>Every input that is not explained must have one file.</summary>
    private static void CheckFixed(RunOptions options, Model model)
    {
        foreach (FixedFile file in options.Fixed)
        {
            file.CheckName(model);

            if (options.Fixed.Count(other => other.Name == file.Name) > 1)
                throw new CommandException($"--fix {file.Name}: the input is held fixed twice; give one file");
        }

        if (model.MissingInputs.Except(options.Fixed.Select(file => file.Name)).FirstOrDefault() is { } missing)
        {
            throw new CommandException(
                $"{options.Model}: its input '{missing}' is not explained and has no value; hold it with --fix {missing}=FILE"
            );
        }
    }

    /// <summary>What the columns of the data must be.</summary>
    private static string Columns(Model model) =>
        model.StartsInside
            ? $"give one column for each element of the input from which tensor '{model.InputName}' is computed"
            : $"give one column for each element of its input '{model.InputName}' ({string.Join(" x ", model.InputShape)}, row-major)";

    /// <summary>Options of a method for some of the rows.</summary>
    /// <param name="defaults">What the command line does not say.</param>
    /// <param name="rows">Which rows.</param>
    /// <param name="groups">Groups of features; null for single features.</param>
    public TOptions Configure<TOptions>(TOptions defaults, RowRange rows, FeatureGroups? groups = null)
        where TOptions : PathMethodOptions =>
        (TOptions)(
            (PathMethodOptions)defaults with
            {
                Baseline = _baseline,
                FixedInputs = _fixed,
                Target = _options.Target,
                Tolerance = Tolerance,
                Threads = _options.Threads ?? defaults.Threads,
                Precision = _options.Precision,
                Memory = _options.Memory,
                Groups = groups,
                Kinks = _options.Exact ? KinkTreatment.Exact : defaults.Kinks,
                Rows = rows.ToRange(),
            }
        );

    /// <summary>The model and some of the rows, in words.</summary>
    public string Describe(RowRange rows)
    {
        string smooth = _options.Smooth is { } beta ? $" with ReLU smoothed by β = {Numbers.Value(beta)}" : "";

        string some =
            rows.Count < Table.Count
                ? $"rows {rows} of the {Numbers.Count(Table.Count)} in {_options.Data}"
                : $"{Numbers.Count(Table.Count, "row")} of {_options.Data}";

        string at = _options.Load.At is { } tensor ? $" from '{tensor}'" : "";
        return $"{_options.Model}{at}{smooth}, {some}";
    }

    private static string Outputs(int size) =>
        size == 1
            ? "the output has one element; use --target 0"
            : $"the output has {size} elements; give a number from 0 to {size - 1}, or 'predicted'";
}
