using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Interact.Cli;

/// <summary>The usual help, and after it a command's example, or for the program its exit codes.</summary>
internal sealed class HelpWithExample(HelpAction usual, string exitCodes) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int exitCode = usual.Invoke(parseResult);
        string? example = (parseResult.CommandResult.Command as CommandWithExample)?.Example;
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine(example is null ? exitCodes : $"Example:\n  {example}");
        output.WriteLine();
        return exitCode;
    }
}
