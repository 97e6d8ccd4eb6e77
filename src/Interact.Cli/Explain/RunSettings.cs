using System.Collections.ObjectModel;
using System.Globalization;
using System.Security.Cryptography;

namespace Interact.Cli;

/// <summary>What the command line knows of a run beside what the library does: the file of the rows, and what was done to the model.</summary>
internal static class RunSettings
{
    /// <summary>Hexadecimal digits of a file's SHA-256 that are kept.</summary>
    private const int Digits = 12;

    /// <summary>The header with these settings too.</summary>
    /// <exception cref="CommandException">The data cannot be read again.</exception>
    public static ExplanationHeader AddTo(ExplanationHeader header, RunOptions options) =>
        header with
        {
            Settings = Of(options, header.Settings),
        };

    /// <summary>These settings, and those that the library tells of itself behind them.</summary>
    /// <exception cref="CommandException">The data cannot be read again.</exception>
    public static ReadOnlyDictionary<string, string> Of(RunOptions options, IReadOnlyDictionary<string, string> own)
    {
        var settings = new OrderedDictionary<string, string> { ["data"] = DigestOf(options.Data) };

        if (options.Load.Output is { } output)
            settings["output"] = output;

        if (options.Smooth is { } beta)
            settings["smooth"] = beta.ToString("R", CultureInfo.InvariantCulture);

        foreach ((string name, string value) in own)
            settings[name] = value;

        return new ReadOnlyDictionary<string, string>(settings);
    }

    /// <summary>The same for results without a header, with the explained input or tensor and the rows where they are named.</summary>
    /// <exception cref="CommandException">The data cannot be read again.</exception>
    public static ReadOnlyDictionary<string, string> OfResults(
        RunOptions options,
        IReadOnlyDictionary<string, string> own
    )
    {
        ModelLoadOptions load = options.Load;
        var settings = new OrderedDictionary<string, string>();

        if ((load.At ?? (load.AllInputs ? LoadArguments.All : load.Input)) is { } input)
            settings["input"] = input;

        if (options.Rows is { } rows)
            settings["rows"] = rows.ToString();

        foreach ((string name, string value) in Of(options, own))
            settings[name] = value;

        return new ReadOnlyDictionary<string, string>(settings);
    }

    private static string DigestOf(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            return Convert.ToHexStringLower(SHA256.HashData(stream))[..Digits];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{file}: it cannot be read a second time; give a file that stays as it is");
        }
    }
}
