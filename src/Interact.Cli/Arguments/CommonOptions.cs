using System.CommandLine;

namespace Interact.Cli;

/// <summary>Options that several commands have, each in the words of the command.</summary>
internal static class CommonOptions
{
    private const int MostThreads = 1024;
    private const int MostShown = 1_000_000;
    private const int LeastSamples = 2;
    private const int MostSamples = 1_000_000_000;

    public static Option<int?> Threads(
        string description = "On how many threads; results do not depend on it. (default: one for each processor)"
    ) => Parsing.Option("--threads", "N", description, text => Parsing.Between(1, MostThreads, text));

    /// <param name="shown">What is shown, "How many …".</param>
    /// <param name="usual">How many there are where nothing is said.</param>
    public static Option<int?> Top(string shown, int usual) =>
        Parsing.Option("--top", "K", $"{shown}. (default: {usual})", text => Parsing.Between(1, MostShown, text));

    /// <param name="written">What is written, with the formats.</param>
    public static Option<string> Out(string written) =>
        Parsing.Option("--out", "FILE", $"{written}. (default: only what is shown on the terminal)", Parsing.NotEmpty);

    /// <param name="drawn">What starts with it.</param>
    public static Option<int?> Seed(string drawn) =>
        Parsing.Option("--seed", "S", $"{drawn}. (default: 0)", text => Parsing.Between(0, int.MaxValue, text));

    /// <param name="description">What is drawn, and how often where nothing is said.</param>
    public static Option<int?> Samples(string description) =>
        Parsing.Option("--samples", "N", description, ReadSamples);

    private static int? ReadSamples(string text)
    {
        if (Parsing.Integer(text) is { } samples and >= LeastSamples and <= MostSamples)
            return samples;

        bool isLarge = text.Length > 0 && text.All(char.IsAsciiDigit) && Parsing.Integer(text) is not < LeastSamples;
        string problem = isLarge ? "more than are drawn" : "a standard error takes two draws at least";
        throw new FormatException($"{problem}; give an integer from {LeastSamples} to {MostSamples}");
    }
}
