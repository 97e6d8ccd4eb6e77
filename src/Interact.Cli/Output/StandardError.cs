namespace Interact.Cli;

/// <summary>Lines for people on standard error, each starting with the program's name.</summary>
internal static class StandardError
{
    public static void WriteLine(string text) => Console.Error.WriteLine($"interact: {Plain.Line(text)}");
}
