using System.Globalization;

namespace Interact;

/// <summary>Names of features.</summary>
internal static class Names
{
    /// <summary>
    /// The names that results bear: those of the groups, of the options, of the table's columns, or x0, x1, ...
    /// </summary>
    public static IReadOnlyList<string> Of(PathMethodOptions options, IReadOnlyList<string>? columns, Model model) =>
        options.Groups?.Names
        ?? (options.FeatureNames ?? (model.StartsInside ? null : columns)) switch
        {
            { } names => Array.AsReadOnly([.. names]),
            null => Array.AsReadOnly([.. Enumerable.Range(0, model.InputSize).Select(Numbered)]),
        };

    /// <summary>The place of the only feature of a name.</summary>
    public static int IndexOf(IReadOnlyList<string> names, string name, string parameter)
    {
        ArgumentNullException.ThrowIfNull(name, parameter);
        int[] places = [.. Enumerable.Range(0, names.Count).Where(i => names[i] == name).Take(2)];

        return places.Length switch
        {
            1 => places[0],
            0 => throw new ArgumentException($"No feature is named '{name}'.", parameter),
            _ => throw new ArgumentException($"Several features are named '{name}'; pick one by its index.", parameter),
        };
    }

    private static string Numbered(int index) => string.Create(CultureInfo.InvariantCulture, $"x{index}");
}
