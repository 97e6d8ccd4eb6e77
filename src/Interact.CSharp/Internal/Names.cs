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
        ?? OfColumns(options.FeatureNames ?? (model.StartsInside ? null : columns), model.InputSize);

    /// <summary>The given names, or x0, x1, ...</summary>
    public static IReadOnlyList<string> OfColumns(IReadOnlyList<string>? names, int count) =>
        Array.AsReadOnly<string>([.. names ?? Enumerable.Range(0, count).Select(Numbered)]);

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

    /// <summary>
    /// The index of a feature that is given by its name or index; what is no name and is a number is taken for an index.
    /// </summary>
    public static int Find(IReadOnlyList<string> names, object feature)
    {
        if (feature is string name)
        {
            int place = names.Index().Where(item => item.Item == name).Select(item => item.Index).FirstOrDefault(-1);

            if (place >= 0)
                return place;

            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
                throw new ArgumentException($"No feature or group is named '{name}'; give a name, or an index from 0.");

            feature = index;
        }

        int number = (int)feature;

        return number >= 0 && number < names.Count
            ? number
            : throw new ArgumentException($"Feature {number} does not exist; they are numbered 0..{names.Count - 1}.");
    }

    private static string Numbered(int index) => string.Create(CultureInfo.InvariantCulture, $"x{index}");
}
