namespace Interact.Cli;

/// <summary>The rows that --representatives says: all, drawn:K, mean:K and the like.</summary>
internal static class RepresentativesChoice
{
    private const string Mend =
        "no choice of rows; give all, or drawn:K, mean:K, median:K, minimum:K or maximum:K with a number K of rows, such as mean:10";

    /// <exception cref="FormatException">The text is none of these.</exception>
    public static Representatives Parse(string text)
    {
        if (text == "all")
            return Representatives.All;

        string[] parts = text.Split(':');

        if (parts.Length != 2 || Parsing.Integer(parts[1]) is not ({ } count and > 0))
            throw new FormatException(Mend);

        return parts[0] switch
        {
            "drawn" => Representatives.Drawn(count),
            "mean" => Representatives.NearestToMeans(count),
            "median" => Representatives.NearestToMedians(count),
            "minimum" => Representatives.NearestToMinima(count),
            "maximum" => Representatives.NearestToMaxima(count),
            _ => throw new FormatException(Mend),
        };
    }

    /// <summary>The same choice, drawn by a seed where it draws.</summary>
    public static Representatives WithSeed(Representatives? choice, int seed) =>
        choice is null ? Representatives.Drawn(DetectChoice.DefaultRows, seed)
        : choice.ToString().StartsWith("drawn:", StringComparison.Ordinal)
            ? Representatives.Drawn(Parsing.Integer(choice.ToString()["drawn:".Length..])!.Value, seed)
        : choice;
}
