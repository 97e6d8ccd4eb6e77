namespace Interact.Cli;

/// <summary>What is wrong with a row of a file, told with its place.</summary>
internal static class RowCheck
{
    /// <exception cref="CommandException">The check raised an ArgumentException.</exception>
    public static void Run(string file, int row, Action check)
    {
        try
        {
            check();
        }
        catch (ArgumentException problem)
        {
            string why = Failure.Reason(problem);
            throw new CommandException($"{file}: row {row}: {why}; mend it there");
        }
    }
}
