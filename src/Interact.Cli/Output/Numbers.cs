using System.Globalization;

namespace Interact.Cli;

/// <summary>Numbers for people.</summary>
internal static class Numbers
{
    /// <summary>Six significant digits.</summary>
    public static string Value(double number) => number.ToString("g6", CultureInfo.InvariantCulture);

    /// <summary>Numbers of which the largest has four significant digits and all others as many decimals, always with a sign.</summary>
    public static IReadOnlyList<string> Changes(double[] numbers)
    {
        double largest = 0;

        foreach (double number in numbers)
            largest = Math.Max(largest, Math.Abs(number));

        int decimals = largest > 0 ? 3 - (int)Math.Floor(Math.Log10(largest)) : 0;

        string format = decimals is >= 0 and <= 8
            ? $"+0.{new string('0', decimals)};-0.{new string('0', decimals)};0"
            : "+0.000e+00;-0.000e+00;0";

        return Array.ConvertAll(numbers, number => number.ToString(format, CultureInfo.InvariantCulture));
    }

    /// <summary>Two significant digits, for residuals.</summary>
    public static string Residual(double number) => number.ToString("g2", CultureInfo.InvariantCulture);

    /// <summary>How many a second.</summary>
    public static string Rate(double number) =>
        number.ToString(number < 10 ? "F1" : "N0", CultureInfo.InvariantCulture);

    /// <summary>An integer with thousands separators.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 row", "2 rows".</summary>
    public static string Count(long number, string noun) => $"{Count(number)} {noun}{(number == 1 ? "" : "s")}";

    /// <summary>Seconds, or from a minute on hours, minutes and seconds.</summary>
    public static string Time(TimeSpan time) =>
        time < TimeSpan.FromMinutes(1)
            ? time.TotalSeconds.ToString(time.TotalSeconds < 10 ? "F2" : "F1", CultureInfo.InvariantCulture) + " s"
            : $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}";
}
