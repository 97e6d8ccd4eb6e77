using System.CommandLine;

namespace Interact.Cli;

/// <summary>The options of `train`.</summary>
internal sealed class TrainArguments
{
    private readonly Argument<string> _configuration = Parsing.File(
        "CONFIG.json",
        "What is learnt from which table, and how; only data and target must be said. --example prints all keys."
    );

    private readonly Option<bool> _example = new("--example")
    {
        Description = "Prints a complete configuration with comments, and does nothing else. (default: trains)",
    };

    private readonly Option<string> _out = Parsing.Option(
        "--out",
        "FOLDER",
        "The folder for the results. (default: \"out\" of the configuration, or its name without the extension)",
        Parsing.NotEmpty
    );

    private readonly Option<int?> _threads = CommonOptions.Threads(
        "On how many threads; results are the same bytes for any number. (default: all cores)"
    );

    private readonly Option<string> _encode = Parsing.Option(
        "--encode",
        "NEW.csv",
        "Encodes the rows of another table for the network that was trained with this configuration, to NEW-encoded.csv in its folder, and does nothing else. (default: trains)",
        Parsing.NotEmpty
    );

    public TrainArguments() => _configuration.Arity = ArgumentArity.ZeroOrOne;

    public void AddTo(Command command)
    {
        command.Add(_configuration);
        command.Add(_example);
        command.Add(_out);
        command.Add(_threads);
        command.Add(_encode);
    }

    /// <summary>The table that is encoded in place of training; null where one trains.</summary>
    public string? TableToEncode(ParseResult parsed) => parsed.GetValue(_encode);

    public bool WantsExample(ParseResult parsed) => parsed.GetValue(_example);

    /// <summary>What is learnt, with a folder for the results.</summary>
    /// <exception cref="CommandException">There is no configuration.</exception>
    /// <exception cref="TableConfigurationException">It cannot be read.</exception>
    public TableTrainingOptions Read(ParseResult parsed)
    {
        if (parsed.GetValue(_configuration) is not { } path)
        {
            throw new CommandException(
                "CONFIG.json is missing; 'interact train --help' shows the arguments, 'interact train --example' a configuration"
            );
        }

        TableTrainingOptions options = TableTrainingOptions.Load(path);

        return options with
        {
            Out = parsed.GetValue(_out) ?? options.Out,
            Threads = parsed.GetValue(_threads) ?? options.Threads,
        };
    }
}
