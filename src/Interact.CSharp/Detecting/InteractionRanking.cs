using System.Collections.ObjectModel;

namespace Interact;

/// <summary>Interactions of a whole model: sets of features, the strongest first.</summary>
public sealed class InteractionRanking
{
    internal InteractionRanking(
        string method,
        ModelSource? model,
        IReadOnlyList<string> featureNames,
        int rows,
        SetAggregation? aggregation,
        IReadOnlyDictionary<string, string> settings,
        IReadOnlyList<RankedInteraction> interactions
    )
    {
        Method = method;
        Model = model;
        FeatureNames = featureNames;
        RowCount = rows;
        Aggregation = aggregation;
        Settings = settings;
        Interactions = interactions;
    }

    /// <summary>What strengths are: "mixed-partials", "weights", or the method that explained the rows.</summary>
    public string Method { get; }

    /// <summary>The file of the model; null where the model was written in code.</summary>
    public ModelSource? Model { get; }

    /// <summary>The names of the features, or of the groups.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>How many rows the strengths come from; 0 for weights.</summary>
    public int RowCount { get; }

    /// <summary>How the rows' strengths became one; null for weights.</summary>
    public SetAggregation? Aggregation { get; }

    /// <summary>
    /// What else decides the numbers, by name and in words: target, rows, order, seed and the like; see <see
    /// cref="ExplanationHeader.Settings"/>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>The sets, the strongest first.</summary>
    public IReadOnlyList<RankedInteraction> Interactions { get; }

    /// <summary>The ranking without redundant sets: those contained in a set that stands before them.</summary>
    public InteractionRanking WithoutSubsets()
    {
        Core.RankedSet[] kept = Core.Ranking.withoutSubsets([
            .. Interactions.Select(set => new Core.RankedSet([.. set.Members], set.Strength)),
        ]);

        return With([.. kept.Select(set => new RankedInteraction(set, FeatureNames))]);
    }

    /// <summary>The strongest sets alone.</summary>
    /// <param name="count">How many; all where there are fewer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public InteractionRanking Strongest(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return With([.. Interactions.Take(count)]);
    }

    /// <summary>The ranking with other settings to tell of it, such as where the rows come from.</summary>
    /// <param name="settings">Names and words, in the order in which they are written.</param>
    public InteractionRanking WithSettings(IReadOnlyDictionary<string, string> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var own = new ReadOnlyDictionary<string, string>(new OrderedDictionary<string, string>(settings));
        return new(Method, Model, FeatureNames, RowCount, Aggregation, own, Interactions);
    }

    /// <summary>Writes the ranking to a file that is there whole or not at all.</summary>
    /// <param name="path">
    /// A .json file, schema "interact.ranking/1", with <c>model</c>, <c>method</c>, <c>aggregation</c>, <c>rowCount</c>,
    /// <c>settings</c>, <c>features</c> and <c>interactions</c>, each with <c>members</c> (indices into features) and <c>strength</c>; or a .csv file
    /// with the columns rank (from 1), order, features (names joined by " x "), members (indices joined by spaces), strength. Pairs
    /// have <c>first</c> and <c>second</c> (names) as well, which are empty for larger sets.
    /// </param>
    /// <exception cref="ArgumentException">The extension is none of these.</exception>
    /// <exception cref="IOException">The file cannot be written; the message says what would mend it.</exception>
    public void Save(string path) => RankingFile.Write(path, this);

    private InteractionRanking With(RankedInteraction[] interactions) =>
        new(Method, Model, FeatureNames, RowCount, Aggregation, Settings, Array.AsReadOnly(interactions));
}
