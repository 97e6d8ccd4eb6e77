namespace Interact.Cli;

/// <summary>Signs that say at a glance how something went.</summary>
internal static class Marks
{
    public const string Passed = "✓";

    public const string Failed = "✗";

    public static string Of(bool passed) => passed ? Passed : Failed;
}
