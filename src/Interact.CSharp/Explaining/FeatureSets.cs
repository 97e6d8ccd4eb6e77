using System.Collections.Immutable;

namespace Interact;

/// <summary>Which sets of features are asked about: all of so many features, or chosen ones.</summary>
public sealed class FeatureSets
{
    private readonly ImmutableArray<ImmutableArray<object>> _chosen;

    private FeatureSets(int? order, IEnumerable<IEnumerable<object>> chosen)
    {
        Order = order;
        _chosen = [.. chosen.Select(set => set.ToImmutableArray())];
    }

    /// <summary>How many features each set has, where all such sets are asked about; null for chosen sets.</summary>
    public int? Order { get; }

    /// <summary>All sets of so many features, in lexicographic order.</summary>
    /// <param name="order">From 1 to the number of features; 2 for all pairs.</param>
    /// <exception cref="ArgumentOutOfRangeException">The order is not positive.</exception>
    public static FeatureSets OfOrder(int order)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        return new FeatureSets(order, []);
    }

    /// <summary>Chosen sets, by the features' indices.</summary>
    /// <param name="sets">Sets of one feature or more, of any sizes, each feature once in a set.</param>
    public static FeatureSets Of(params IEnumerable<IEnumerable<int>> sets)
    {
        ArgumentNullException.ThrowIfNull(sets);
        return new FeatureSets(null, sets.Select(set => set.Cast<object>()));
    }

    /// <summary>Chosen sets, by the features' names.</summary>
    /// <param name="sets">
    /// Sets of one feature or more, of any sizes, each feature once in a set; what is no name and is a number is taken
    /// for an index.
    /// </param>
    public static FeatureSets Of(params IEnumerable<IEnumerable<string>> sets)
    {
        ArgumentNullException.ThrowIfNull(sets);
        return new FeatureSets(null, sets);
    }

    /// <summary>The indices of each set.</summary>
    /// <exception cref="ArgumentException">There is no such feature, or there are too many sets.</exception>
    internal int[][] Among(IReadOnlyList<string> names, string parameter)
    {
        if (Order is not { } order)
            return [.. _chosen.Select(set => set.Select(feature => Names.Find(names, feature)).ToArray())];

        return order <= names.Count
            ? Core.MixedPartials.setsOfOrder(order, names.Count)
            : throw new ArgumentException(
                $"Sets of {order} features are asked for; the model has {names.Count}.",
                parameter
            );
    }
}
