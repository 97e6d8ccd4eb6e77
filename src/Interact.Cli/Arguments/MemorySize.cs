using System.Globalization;

namespace Interact.Cli;

/// <summary>Amounts of memory as people write them: 500MB, 1.5GB, 2GiB.</summary>
internal static class MemorySize
{
    private static readonly (string Unit, double Bytes)[] Units =
    [
        ("KIB", 1L << 10),
        ("MIB", 1L << 20),
        ("GIB", 1L << 30),
        ("TIB", 1L << 40),
        ("KB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("TB", 1e12),
        ("B", 1),
    ];

    /// <exception cref="FormatException">The text is not a number with a unit, or less than a megabyte.</exception>
    public static long? Parse(string text)
    {
        string upper = text.Trim().ToUpperInvariant();

        foreach ((string unit, double bytes) in Units)
        {
            if (
                upper.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(
                    upper[..^unit.Length],
                    NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite,
                    CultureInfo.InvariantCulture,
                    out double number
                )
                && number * bytes is >= 1e6 and < long.MaxValue
            )
            {
                return (long)(number * bytes);
            }
        }

        throw new FormatException("give a number with a unit, of at least 1MB, such as 500MB or 2GB");
    }
}
