using System.Text.Json;

namespace Interact;

/// <summary>Sets of features that act as one, such as the dimensions of a word or the regions of an image.</summary>
/// <remarks>
/// No feature is in two groups. Features in none are gathered in one more group, "(rest)", so that groups always add up
/// to the whole.
/// </remarks>
public sealed class FeatureGroups
{
    private const string Rest = "(rest)";

    private FeatureGroups(Core.Groups inner, int length)
    {
        Inner = inner;
        Length = length;
        Names = Array.AsReadOnly(inner.Names);
    }

    internal Core.Groups Inner { get; }

    /// <summary>Number of features that are grouped: the elements of a row.</summary>
    public int Length { get; }

    /// <summary>Number of groups, "(rest)" included where there is one.</summary>
    public int Count => Names.Count;

    /// <summary>The names of the groups, "(rest)" last where there is one.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The features of a group.</summary>
    /// <param name="group">From 0 to <see cref="Count"/>, excluded.</param>
    /// <returns>Indices into the flattened row.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such group.</exception>
    public IReadOnlyList<int> Members(int group)
    {
        Guard.Index(group, Count, nameof(group));
        return Array.AsReadOnly(Inner.Members[group]);
    }

    /// <summary>Groups from names and feature indices.</summary>
    /// <param name="groups">
    /// The features of each group, as indices into the flattened row, in the order of the results.
    /// </param>
    /// <param name="length">Number of elements of a row.</param>
    /// <exception cref="ArgumentException">
    /// There is no group; or a name is empty or given twice, a group is empty, an index lies outside the row, or a
    /// feature stands in two groups or twice in one.
    /// </exception>
    public static FeatureGroups FromDictionary(IEnumerable<KeyValuePair<string, int[]>> groups, int length)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        KeyValuePair<string, int[]>[] all = [.. groups];

        return Problem(all, length) is { } problem
            ? throw new ArgumentException($"{problem}.", nameof(groups))
            : new FeatureGroups(Interop.CreateGroups(all, length), length);
    }

    /// <summary>One group for each token of a sequence: "token0", "token1" and so on.</summary>
    /// <param name="shape">
    /// The shape of what is explained, such as <see cref="Model.InputShape"/>: batch, tokens, width. Tokens are along the
    /// axis before the last; more axes may stand in front.
    /// </param>
    /// <exception cref="ArgumentException">The shape has fewer than three axes.</exception>
    public static FeatureGroups Tokens(IEnumerable<int> shape)
    {
        int[] sizes = Sizes(shape);
        return new FeatureGroups(Interop.TokenGroups(sizes), sizes.Aggregate(1, (product, size) => product * size));
    }

    /// <summary>
    /// One group for each patch of an image, over all channels: "patch0.0", "patch0.1" to its right, and so on. Patches
    /// at the right and lower edge are smaller where the sizes do not divide.
    /// </summary>
    /// <param name="shape">
    /// The shape of what is explained, such as <see cref="Model.InputShape"/>: batch, channels, height, width.
    /// </param>
    /// <param name="height">Height of a patch, at least 1 and at most that of the image.</param>
    /// <param name="width">Width of a patch, at least 1 and at most that of the image.</param>
    /// <exception cref="ArgumentException">The shape has not four axes, or the patch does not fit.</exception>
    public static FeatureGroups Patches(IEnumerable<int> shape, int height, int width)
    {
        int[] sizes = Sizes(shape);

        return new FeatureGroups(
            Interop.PatchGroups(sizes, height, width),
            sizes.Aggregate(1, (product, size) => product * size)
        );
    }

    /// <summary>Groups from a JSON file: an object that gives each group's name an array of feature indices.</summary>
    /// <param name="path">The file, such as <c>{"radius": [0, 10, 20], "texture": [1, 11, 21]}</c>.</param>
    /// <param name="length">Number of elements of a row.</param>
    /// <exception cref="DataFormatException">
    /// The file cannot be read, is not such an object, or holds what <see cref="FromDictionary"/> refuses.
    /// </exception>
    public static FeatureGroups Load(string path, int length)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);

        try
        {
            using FileStream stream = File.OpenRead(path);
            using JsonDocument document = JsonDocument.Parse(stream);
            KeyValuePair<string, int[]>[] groups = Read(document.RootElement);
            string? problem = Problem(groups, length);
            return problem is null ? FromDictionary(groups, length) : throw new FormatException(problem);
        }
        catch (InvalidOperationException)
        {
            throw new DataFormatException($"{path}: a name holds half of a surrogate pair; write the name anew");
        }
        catch (FormatException problem)
        {
            throw new DataFormatException($"{path}: {problem.Message}; write {{\"name\": [indices], ...}}");
        }
        catch (JsonException problem)
        {
            string place = $"line {problem.LineNumber + 1}, column {problem.BytePositionInLine + 1}";
            throw new DataFormatException($"{path}: {place}: the text is not JSON; correct it there");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"{path}: it cannot be read; check the name, the folder and the permissions");
        }
    }

    private static int[] Sizes(IEnumerable<int> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        int[] sizes = [.. shape];

        return Array.TrueForAll(sizes, size => size > 0)
            ? sizes
            : throw new ArgumentException("A size is not positive.", nameof(shape));
    }

    private static KeyValuePair<string, int[]>[] Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new FormatException("the text is not an object");

        return [.. root.EnumerateObject().Select(group => KeyValuePair.Create(group.Name, Indices(group)))];
    }

    private static int[] Indices(JsonProperty group)
    {
        if (group.Value.ValueKind != JsonValueKind.Array)
            throw new FormatException($"group '{group.Name}' is not an array of feature indices");

        return [.. group.Value.EnumerateArray().Select((element, place) => Index(group.Name, place, element))];
    }

    private static int Index(string group, int place, JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int index)
            ? index
            : throw new FormatException($"element {place} of group '{group}' is not a feature index");

    /// <summary>What is wrong with some groups, as the start of a sentence; null where nothing is.</summary>
    private static string? Problem(KeyValuePair<string, int[]>[] groups, int length)
    {
        if (groups.Length == 0)
            return "there is no group";

        var names = new HashSet<string>();
        var owners = new Dictionary<int, string>();

        foreach ((string name, int[] members) in groups)
        {
            if (string.IsNullOrEmpty(name))
                return "a group has no name";

            if (!names.Add(name))
                return $"two groups are named '{name}'";

            if (members is null || members.Length == 0)
                return $"group '{name}' has no feature";

            foreach (int index in members)
            {
                if (index < 0 || index >= length)
                    return $"group '{name}' names feature {index}; features are numbered 0..{length - 1}";

                if (!owners.TryAdd(index, name))
                    return $"feature {index} is in group '{owners[index]}' and in group '{name}'; only one is allowed";
            }
        }

        return owners.Count < length && names.Contains(Rest)
            ? $"the name '{Rest}' is kept for the features that are in no group"
            : null;
    }
}
