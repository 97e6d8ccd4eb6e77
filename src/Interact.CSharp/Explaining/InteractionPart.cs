using System.Collections.Immutable;

namespace Interact;

/// <summary>
/// Which interactions are computed where not all of them are: all those of some features (rows of the matrix), or some
/// pairs. With groups, features are the groups.
/// </summary>
public sealed class InteractionPart
{
    private readonly ImmutableArray<object> _features;
    private readonly ImmutableArray<(object First, object Second)> _pairs;

    private InteractionPart(bool isRows, IEnumerable<object> features, IEnumerable<(object First, object Second)> pairs)
    {
        IsRows = isRows;
        _features = [.. features];
        _pairs = [.. pairs];
    }

    /// <summary>Whether rows of the matrix are computed; otherwise pairs are.</summary>
    public bool IsRows { get; }

    /// <summary>All interactions of some features, by their indices.</summary>
    /// <param name="features">Indices from 0, each once.</param>
    public static InteractionPart RowsOf(params IEnumerable<int> features) => new(true, features.Cast<object>(), []);

    /// <summary>All interactions of some features, by their names.</summary>
    /// <param name="features">
    /// Names of features or groups, each once; what is no name and is a number is taken for an index.
    /// </param>
    public static InteractionPart RowsOf(params IEnumerable<string> features) => new(true, features, []);

    /// <summary>Some pairs of features, by their indices.</summary>
    /// <param name="pairs">Each pair once, in either order; a feature with itself is its main effect.</param>
    public static InteractionPart Pairs(params IEnumerable<(int First, int Second)> pairs) =>
        new(false, [], pairs.Select(pair => ((object)pair.First, (object)pair.Second)));

    /// <summary>Some pairs of features, by their names.</summary>
    /// <param name="pairs">
    /// Each pair once, in either order; a feature with itself is its main effect. What is no name and is a number is
    /// taken for an index.
    /// </param>
    public static InteractionPart Pairs(params IEnumerable<(string First, string Second)> pairs) =>
        new(false, [], pairs.Select(pair => ((object)pair.First, (object)pair.Second)));

    /// <summary>The names of the features whose rows are computed, or those of the pairs, one pair after the other.</summary>
    /// <param name="names">The names of all features, or groups.</param>
    /// <exception cref="ArgumentException">There is no such feature.</exception>
    public IReadOnlyList<string> NamesAmong(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);

        return IsRows
            ? [.. FeaturesAmong(names).Select(feature => names[feature])]
            : [.. PairsAmong(names).SelectMany(pair => new[] { names[pair.First], names[pair.Second] })];
    }

    /// <summary>The indices of the features whose rows are computed.</summary>
    internal int[] FeaturesAmong(IReadOnlyList<string> names) =>
        [.. _features.Select(feature => Names.Find(names, feature))];

    /// <summary>The indices of the pairs that are computed.</summary>
    internal (int First, int Second)[] PairsAmong(IReadOnlyList<string> names) =>
        [.. _pairs.Select(pair => (Names.Find(names, pair.First), Names.Find(names, pair.Second)))];

    internal Core.InteractionPart Inner(IReadOnlyList<string> names) =>
        IsRows ? Interop.RowsOf(FeaturesAmong(names)) : Interop.PairsOf(PairsAmong(names));

    /// <summary>Checks that every feature exists, and that nothing stands twice.</summary>
    /// <exception cref="ArgumentException">It is not so; the message says what is wrong and what would mend it.</exception>
    internal void Check(IReadOnlyList<string> names, string parameter)
    {
        (int First, int Second)[] cells = IsRows
            ? [.. FeaturesAmong(names).Select(feature => (feature, feature))]
            :
            [
                .. PairsAmong(names)
                    .Select(pair => (Math.Min(pair.First, pair.Second), Math.Max(pair.First, pair.Second))),
            ];

        if (cells.Length == 0)
            throw new ArgumentException("No interaction is asked for; name a feature or a pair.", parameter);

        var seen = new HashSet<(int, int)>();

        foreach ((int first, int second) in cells)
        {
            if (!seen.Add((first, second)))
            {
                string what = IsRows ? $"'{names[first]}'" : $"'{names[first]}' with '{names[second]}'";
                throw new ArgumentException($"{what} is asked for twice; name it once.", parameter);
            }
        }
    }
}
