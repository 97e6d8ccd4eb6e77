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
                settings["samples"] = Text(samples);

            settings["seed"] = Text(shapley.Seed);
        }

        if (options.Kinks != KinkTreatment.Automatic)
            settings["kinks"] = options.Kinks.ToString().ToLowerInvariant();

        AddGroups(settings, options.Groups);
        AddFixed(settings, options.FixedInputs);
        return new ReadOnlyDictionary<string, string>(settings);
    }

    /// <param name="options">What sets are ranked by.</param>
    /// <param name="seed">What the other row of each pair depends on; null where there is none.</param>
    public static IReadOnlyDictionary<string, string> Of(DetectOptions options, int? seed = null)
    {
        var settings = new OrderedDictionary<string, string>
        {
            ["target"] = options.Target.ToString(),
            ["order"] = Text(options.Order),
            ["representatives"] = options.Representatives.Identity,
        };

        if (options.Parents is { } parents)
            settings["parents"] = Text(parents);

        if (seed is { } number)
            settings["seed"] = Text(number);

        if (options.AllowKinks)
            settings["kinks"] = "ignored";

        AddFixed(settings, options.FixedInputs);
        return new ReadOnlyDictionary<string, string>(settings);
    }

    /// <summary>Of a ranking by weights alone.</summary>
    public static IReadOnlyDictionary<string, string> OfWeights(int target, int order, int most)
    {
        var settings = new OrderedDictionary<string, string> { ["target"] = Text(target), ["order"] = Text(order) };

        if (order > 2)
            settings["most"] = Text(most);

        return new ReadOnlyDictionary<string, string>(settings);
    }

    public static IReadOnlyDictionary<string, string> Of(TaylorCamOptions options)
    {
        var settings = new OrderedDictionary<string, string>
        {
            ["target"] = options.Target.ToString(),
            ["order"] = Text(options.Order),
        };

        if (options.Precision == Precision.Single)
            settings["precision"] = "single";

        AddGroups(settings, options.Positions);
        AddFixed(settings, options.FixedInputs);
        return new ReadOnlyDictionary<string, string>(settings);
    }

    private static void AddGroups(OrderedDictionary<string, string> settings, FeatureGroups? groups)
    {
        if (groups is not null)
            settings["groups"] = Digest.Of(Enumerable.Range(0, groups.Count).Select(i => groups.Members(i).ToArray()));
    }

    private static void AddFixed(OrderedDictionary<string, string> settings, IEnumerable<FixedInput> inputs)
    {
        foreach (FixedInput input in inputs)
            settings[$"fixed {input.Name}"] = Digest.Of(input.Points);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
