namespace Interact;

/// <summary>The sets of one order that a search looked at, ranked over several rows.</summary>
public sealed class SetRanking
{
    internal SetRanking(Core.SetsOfOrder inner, IReadOnlyList<string> featureNames)
    {
        Order = inner.Order;

        Sets = Array.AsReadOnly([
            .. Enumerable
                .Range(0, inner.Sets.Length)
                .OrderByDescending(i => inner.Strengths[i])
                .Select(i => Named(inner.Sets[i], featureNames, inner.Strengths[i])),
        ]);
    }

    /// <summary>Number of features in each set.</summary>
    public int Order { get; }

    /// <summary>
    /// The sets, strongest first, in lexicographic order where they are equal; the value is the aggregate over the rows of the
    /// derivative's magnitude.
    /// </summary>
    public IReadOnlyList<FeatureSet> Sets { get; }

    internal static FeatureSet Named(int[] set, IReadOnlyList<string> names, double value) =>
        new(Array.AsReadOnly([.. set.Select(feature => names[feature])]), Array.AsReadOnly([.. set]), value);
}
