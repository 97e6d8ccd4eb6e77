namespace Interact.Cli;

/// <summary>The rows that --representatives says: all, drawn:K, mean:K and the like.</summary>
internal static class RepresentativesChoice
{
    private const string Mend =
        "no choice of rows; give all, or drawn:K, mean:K, median:K, minimum:K or maximum:K with a number K of rows, such as mean:10";

    /// <summary>The rows by a seed, on which only drawn ones depend.</summary>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static Func<int, Representatives> Parse(string text)
    {
        if (text == "all")
            return _ => Representatives.All;

        string[] parts = text.Split(':');

        if (parts.Length != 2 || Parsing.Integer(parts[1]) is not ({ } count and > 0))
            throw new FormatException(Mend);

        return parts[0] switch
        {
            "drawn" => seed => Representatives.Drawn(count, seed),
            "mean" => _ => Representatives.NearestToMeans(count),
            "median" => _ => Representatives.NearestToMedians(count),
            "minimum" => _ => Representatives.NearestToMinima(count),
            "maximum" => _ => Representatives.NearestToMaxima(count),
            _ => throw new FormatException(Mend),
        };
    }
}
