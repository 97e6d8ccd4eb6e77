using System.Collections.ObjectModel;
using System.Globalization;

namespace Interact;

/// <summary>
/// What decides the numbers of a run beside model and method, in words: two runs with the same settings can be joined.
/// </summary>
internal static class Settings
{
    public static IReadOnlyDictionary<string, string> Of(PathMethodOptions options)
    {
        var settings = new OrderedDictionary<string, string>
        {
            ["target"] = options.Target.ToString(),
            ["tolerance"] = options.Tolerance.ToString("R", CultureInfo.InvariantCulture),
        };

        if (options is ExpectedMethodOptions { Background: var background })
            background.Describe(settings);
        else
            settings["baseline"] = options.Baseline.Identity;

        if (options is ShapleyOptions shapley)
        {
            if (shapley.Samples is { } samples)
                settings["samples"] = samples.ToString(CultureInfo.InvariantCulture);

            settings["seed"] = shapley.Seed.ToString(CultureInfo.InvariantCulture);
        }

        if (options.Kinks != KinkTreatment.Automatic)
            settings["kinks"] = options.Kinks.ToString().ToLowerInvariant();

        if (options.Groups is { } groups)
            settings["groups"] = Digest.Of(Enumerable.Range(0, groups.Count).Select(i => groups.Members(i).ToArray()));

        foreach (FixedInput input in options.FixedInputs)
            settings[$"fixed {input.Name}"] = Digest.Of(input.Points);

        return new ReadOnlyDictionary<string, string>(settings);
    }
}
