using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Interact.Cli;

/// <summary>What is wrong with a command line, in one line.</summary>
internal static class ParseProblem
{
    /// <exception cref="CommandException">The command line cannot be carried out; unless it asks for help.</exception>
    public static void Check(ParseResult parsed)
    {
        if (parsed.Action is { ClearsParseErrors: true })
            return;

        string help = $"'{PathOf(parsed.CommandResult)} --help'";

        string? problem =
            UnknownOption(parsed) is { } option ? $"unknown option '{option}'; {help} lists the options"
            : parsed.Errors.Count > 0 ? Describe(parsed, help)
            : null;

        if (problem is not null)
            throw new CommandException(problem);
    }

    /// <summary>The first word that looks like an option and is none: it would be taken for a file or a value.</summary>
    private static string? UnknownOption(ParseResult parsed) =>
        parsed
            .Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .Where(token => token.Type == TokenType.Argument && LooksLikeOption(token.Value))
            .Select(token => token.Value.Split('=', ':')[0])
            .FirstOrDefault();

    private static bool LooksLikeOption(string word) =>
        word.Length > 1
        && word[0] == '-'
        && !double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static string Describe(ParseResult parsed, string help)
    {
        Command command = parsed.CommandResult.Command;

        if (command.Subcommands.Count > 0)
        {
            return parsed.UnmatchedTokens is [var word, ..]
                ? $"unknown command '{word}'; {help} lists the commands"
                : $"no command is given; {help} lists the commands";
        }

        if (parsed.UnmatchedTokens is [var rest, ..])
            return $"'{rest}' is one argument too many; {help} shows the arguments";

        if (command.Arguments.FirstOrDefault(argument => IsMissing(parsed, argument)) is { } missing)
            return $"{missing.Name} is missing; {help} shows the arguments";

        ParseError error = parsed.Errors[0];
        OptionResult? option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;

        return option switch
        {
            { Tokens.Count: 0 } => $"{option.Option.Name} has no value; {help} shows its values",
            { Tokens.Count: > 1 } or { IdentifierTokenCount: > 1 } =>
                $"{option.Option.Name} is given twice; give it once",
            _ => error.Message,
        };
    }

    private static bool IsMissing(ParseResult parsed, Argument argument) =>
        argument.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(argument) is not { Tokens.Count: > 0 };

    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : "interact";
}
