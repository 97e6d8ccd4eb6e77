namespace Interact.Cli;

/// <summary>What `rate` is asked for.</summary>
internal sealed record RateChoice
{
    /// <summary>How many variables are shown.</summary>
    public const int DefaultTop = 20;

    /// <summary>The network and the rows, the rows alone, or nothing.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The last layer; null where draws are given, or where the network has it.</summary>
    public string? Weights { get; init; }

    /// <summary>Draws of function values or effect sizes; null where a network is given.</summary>
    public string? Draws { get; init; }

    /// <summary>Where the network's features and variables are.</summary>
    public ModelLoadOptions Load { get; init; } = new();

    /// <summary>The files of inputs that are held fixed.</summary>
    public IReadOnlyList<FixedFile> Fixed { get; init; } = [];

    /// <summary>The output of the last layer; null for the only one.</summary>
    public int? Target { get; init; }

    /// <summary>What makes effect sizes of function values; null for what the library does.</summary>
    public EffectSizeAnalogue? Effect { get; init; }

    public RateDivergence Divergence { get; init; }

    /// <summary>A JSON file of groups; null for single variables.</summary>
    public string? Groups { get; init; }

    /// <summary>Names or indices of what has been found.</summary>
    public IReadOnlyList<string> Given { get; init; } = [];

    public double? Ridge { get; init; }

    public int Top { get; init; } = DefaultTop;

    /// <summary>The file to write; null for none.</summary>
    public string? Out { get; init; }

    public int? Threads { get; init; }

    /// <summary>Checks that the options fit each other.</summary>
    /// <exception cref="CommandException">They do not.</exception>
    public void Check()
    {
        if (Weights is null && Draws is null && Files.Count != 2)
        {
            throw new CommandException(
                "neither --weights nor --draws is given; give MODEL DATA of a network with a variational last layer, MODEL DATA --weights FILE, DATA --draws FILE, or --draws FILE alone"
            );
        }

        if (Weights is not null && Draws is not null)
            throw new CommandException(
                "--weights and --draws exclude each other: draws are of the whole posterior; leave one out"
            );

        if (Weights is not null && Files.Count != 2)
            throw new CommandException("--weights: it needs a network and its rows; give MODEL DATA --weights FILE");

        if (Draws is null)
            return;

        if (Files.Count > 1)
            throw new CommandException(
                $"{Files[0]}: draws need no network; give DATA --draws FILE, or --draws FILE alone"
            );

        string? given =
            Load.At is not null ? "--at"
            : Load.Output is not null ? "--output"
            : Load.Input is not null ? "--input"
            : Fixed.Count > 0 ? "--fix"
            : Target is not null ? "--target"
            : null;

        if (given is not null)
            throw new CommandException($"{given}: draws need no network; leave it out");

        if (Effect is not null && Files.Count == 0)
        {
            throw new CommandException(
                "--effect: without DATA the draws are effect sizes already; leave it out, or give the rows at which function values were drawn"
            );
        }
    }
}
