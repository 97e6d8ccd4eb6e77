namespace Interact.Cli;

/// <summary>Why rows are not certified or axioms do not hold, as far as the model tells, and what would mend it.</summary>
internal static class Advice
{
    private const string Relu = "Relu";

    /// <param name="options">How the model was explained.</param>
    /// <param name="hasInteractions">Whether the method looks at second derivatives.</param>
    /// <param name="start">The option that says where paths start; null where the method follows none.</param>
    public static string For(RunOptions options, bool hasInteractions, string? start = "--baseline")
    {
        OperatorCount[] kinks = start is null ? [] : KinksOf(options);

        if (kinks.Length > 0)
        {
            string smooth =
                hasInteractions && kinks.Any(kink => kink.Operator == Relu)
                    ? ", or add --smooth 10, which puts SoftPlus in place of ReLU"
                    : "";

            return $"the model has kinks or steps at {Describe(kinks)}, and not all of the path between them could be followed; raise --tolerance, or choose a nearer {start}{smooth}";
        }

        if (options.Precision == Precision.Single)
        {
            return "single precision rounds by about 1e-6 of the largest interaction; use --precision double, or raise --tolerance to 1e-5 or more";
        }

        if (start is null)
            return "rounding adds up to more than the tolerance; raise --tolerance";

        return options.Smooth is null
            ? $"the model changes too sharply on the path; raise --tolerance, or choose a nearer {start}"
            : "the smoothed model changes too sharply on the path; lower --smooth, or raise --tolerance";
    }

    /// <summary>Operators with their numbers of nodes: "Abs (1 node), Relu (2 nodes)".</summary>
    public static string Describe(IEnumerable<OperatorCount> operators) =>
        string.Join(", ", operators.Select(count => $"{count.Operator} ({Numbers.Count(count.Count, "node")})"));

    /// <summary>Where the slope of the explained model jumps.</summary>
    private static OperatorCount[] KinksOf(RunOptions options)
    {
        try
        {
            bool Remains(OperatorCount kink) => options.Smooth is null || kink.Operator != Relu;
            return [.. ModelInspection.Load(options.Model).Kinks.Where(Remains)];
        }
        catch (ModelImportException)
        {
            // The file was readable a moment ago; without it there is less to say.
            return [];
        }
    }
}
