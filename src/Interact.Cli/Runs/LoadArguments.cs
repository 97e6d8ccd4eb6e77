using System.CommandLine;

namespace Interact.Cli;

/// <summary>The options that say what of a model is explained.</summary>
internal sealed class LoadArguments
{
    /// <summary>In place of an input's name: all floating ones.</summary>
    public const string All = "*";

    private readonly Option<string> _output = Parsing.Option(
        "--output",
        "NAME",
        "Which output of the model is explained. (default: the first floating one)",
        Parsing.NotEmpty
    );

    private readonly Option<string> _input = Parsing.Option(
        "--input",
        "NAME",
        "Which input of the model is explained, or '*' for all floating ones together, one after the other in the model's order. (default: the first floating one)",
        Parsing.NotEmpty
    );

    private readonly Option<string> _at = Parsing.Option(
        "--at",
        "TENSOR",
        "Explains a tensor inside the model, such as an embedding or a feature map, in place of the input; DATA, which may be integers then, and --baseline are still rows of the input. (default: the input)",
        Parsing.NotEmpty
    );

    /// <summary>The output and the input.</summary>
    public Option[] BeforeFix => [_output, _input];

    /// <summary>The tensor inside the model.</summary>
    public Option[] AfterFix => [_at];

    public ModelLoadOptions Read(ParseResult parsed)
    {
        string? input = parsed.GetValue(_input);

        return new ModelLoadOptions
        {
            Output = parsed.GetValue(_output),
            Input = input == All ? null : input,
            AllInputs = input == All,
            At = parsed.GetValue(_at),
        };
    }
}
