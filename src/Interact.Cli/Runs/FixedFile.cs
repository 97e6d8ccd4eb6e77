namespace Interact.Cli;

/// <summary>An input that is held fixed, and the file of its values: NAME=FILE.</summary>
internal sealed record FixedFile(string Name, string File)
{
    /// <exception cref="FormatException">The text is not of this form.</exception>
    public static FixedFile Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);

        return equals > 0 && equals < text.Length - 1
            ? new FixedFile(text[..equals], text[(equals + 1)..])
            : throw new FormatException("no input and file with = between; give them, such as codes=codes.csv");
    }

    /// <summary>Checks that the model has the input, and that it is not explained.</summary>
    /// <exception cref="CommandException">It is not so.</exception>
    public void CheckName(Model model)
    {
        if (model.HeldInputs.Contains(Name))
            return;

        string known = string.Join(", ", model.HeldInputs.Select(name => $"'{name}'"));
        string has = known.Length > 0 ? $"it has {known}" : "it has none";
        throw new CommandException($"--fix {Name}={File}: the model has no such input to hold fixed; {has}");
    }

    /// <summary>The values for the rows of the data, checked.</summary>
    /// <exception cref="CommandException">The file does not fit the model or the data.</exception>
    /// <exception cref="DataFormatException">The file cannot be read.</exception>
    public FixedInput Load(Model model, string data, RowTable table)
    {
        RowTable values = RowTable.Load(File);

        if (values.Count != 1 && values.Count != table.Count)
        {
            throw new CommandException(
                $"{File}: it has {values.Count} rows, but {data} has {table.Count}; give one for all rows, or one for each"
            );
        }

        for (int row = 0; row < values.Count; row++)
        {
            int number = row;
            RowCheck.Run(File, row, () => model.Hold(Name, values[number]));
        }

        return values.Count == 1 ? FixedInput.Row(Name, values[0]) : FixedInput.Rows(Name, values);
    }
}
