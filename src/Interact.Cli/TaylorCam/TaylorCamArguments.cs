using System.CommandLine;

namespace Interact.Cli;

/// <summary>The options of `taylor-cam`.</summary>
internal sealed class TaylorCamArguments
{
    private const int DefaultTop = 10;

    private readonly RunArguments _run = new(hasPath: false);

    private readonly Option<int?> _order = Parsing.Option(
        "--order",
        "N",
        "How many positions act together: 2 or 3. (default: 2)",
        text => Parsing.Between(2, 3, text)
    );

    private readonly Option<string> _groups = Parsing.Option(
        "--groups",
        "tokens|patches:HxW|FILE",
        "The positions: the tokens of a sequence, patches of an image or feature map, or a JSON object that gives each position's name an array of elements. (default: every place of a feature map, or every token)",
        Parsing.NotEmpty
    );

    private readonly Option<string> _out = CommonOptions.Out(
        "Writes a picture of one row (.svg) or of all rows (.html), or all strengths (.json, .csv)"
    );

    private readonly Option<int?> _top = CommonOptions.Top(
        "How many of the strongest sets are shown and drawn",
        DefaultTop
    );

    public void AddTo(Command command)
    {
        Option[] options = [_order, _groups, _out, _top];

        foreach (Option option in options)
            command.Add(option);

        _run.AddTo(command);
    }

    public TaylorCamChoice Read(ParseResult parsed) =>
        new(
            _run.Read(parsed),
            parsed.GetValue(_order) ?? 2,
            parsed.GetValue(_groups),
            parsed.GetValue(_out),
            parsed.GetValue(_top) ?? DefaultTop
        );
}

/// <summary>What `taylor-cam` is asked for.</summary>
/// <param name="Run">Model, rows and target.</param>
/// <param name="Order">How many positions act together.</param>
/// <param name="Groups">"tokens", "patches:HxW" or a JSON file; null for the shape's own positions.</param>
/// <param name="Out">The file to write; null for none.</param>
/// <param name="Top">How many of the strongest sets are shown.</param>
internal sealed record TaylorCamChoice(RunOptions Run, int Order, string? Groups, string? Out, int Top);
