namespace Interact.Cli;

/// <summary>Exceptions as lines for people.</summary>
internal static class Failure
{
    /// <summary>What is wrong with an argument, without the parameter's name and the full stop: a part of a line.</summary>
    public static string Reason(ArgumentException problem) => problem.Message.Split(" (Parameter")[0].TrimEnd('.');

    /// <summary>One line, or for a model one line for each of its problems.</summary>
    public static IEnumerable<string> Lines(Exception problem) =>
        problem switch
        {
            ModelImportException model => model.Problems.Select(found => found.ToString()),
            TableConfigurationException configuration => configuration.Problems,
            CommandException or DataFormatException or ModelEvaluationException => [problem.Message],
            IOException or UnauthorizedAccessException => [problem.Message],
            OutOfMemoryException => ["the memory does not suffice; explain fewer rows at once with --threads 1"],
            _ => [$"internal error ({problem.GetType().Name}): {problem.Message}; please report it"],
        };
}
