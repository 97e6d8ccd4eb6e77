using System.CommandLine;

namespace Interact.Cli;

/// <summary>The options of `detect`.</summary>
internal sealed class DetectArguments
{
    private static readonly Dictionary<string, DetectMethod> OfSets = new()
    {
        ["mixed-differences"] = DetectMethod.MixedDifferences,
        ["mixed-partials"] = DetectMethod.MixedPartials,
        ["weights"] = DetectMethod.Weights,
    };

    private static readonly Dictionary<string, SetAggregation> Aggregations = new()
    {
        ["mean"] = SetAggregation.Mean,
        ["median"] = SetAggregation.Median,
        ["minimum"] = SetAggregation.Minimum,
        ["maximum"] = SetAggregation.Maximum,
    };

    private readonly RunArguments _run = new();

    private readonly Option<string> _method = Parsing.Option(
        "--method",
        "METHOD",
        "What sets are ranked by: mixed-differences (between a row and a drawn one, when the features of a set are exchanged; units of the output for sets of any size, networks with kinks too), mixed-partials (derivatives by all features of a set, each in units of its standard deviation), weights (of dense layers alone, without the rows), or pairs by any method of explain with interactions, such as integrated-hessians, expected-hessians, shapley-interactions. (default: mixed-differences)",
        ReadMethod
    );

    private readonly Option<int?> _order = Parsing.Option(
        "--order",
        "N",
        "The largest number of features in a set. (default: 2)",
        text => Parsing.Between(2, 1000, text)
    );

    private readonly Option<SetAggregation?> _aggregate = Parsing.Option(
        "--aggregate",
        "mean|median|minimum|maximum",
        "How the strengths at the rows become one. (default: mean)",
        text => Find(Aggregations, text)
    );

    private readonly Option<Func<int, Representatives>> _representatives = Parsing.Option(
        "--representatives",
        "CHOICE",
        $"The rows that stand for DATA: all, drawn:K (by --seed), or the K nearest to the columns' means, medians, minima or maxima: mean:K, median:K, minimum:K, maximum:K. (default: drawn:{DetectChoice.DefaultRows})",
        RepresentativesChoice.Parse
    );

    private readonly Option<string> _background = Parsing.Option(
        "--background",
        "FILE|kmeans:K:FILE|noise:SD",
        "What expected-hessians averages over, as for explain. (default: none)",
        Parsing.NotEmpty
    );

    private readonly Option<int?> _samples = CommonOptions.Samples(
        "How many baselines, or coalitions, are drawn, as for explain. (default: all)"
    );

    private readonly Option<int?> _seed = CommonOptions.Seed("Where drawing starts, of rows, baselines and coalitions");

    private readonly Option<string> _groups = Parsing.Option(
        "--groups",
        "tokens|patches:HxW|FILE",
        "Ranks groups of features, as for explain; not with mixed-partials and weights. (default: single features)",
        Parsing.NotEmpty
    );

    private readonly Option<bool> _keepSubsets = new("--keep-subsets")
    {
        Description = "Keeps sets that are contained in a stronger set. (default: they are left out as redundant)",
    };

    private readonly Option<int?> _top = CommonOptions.Top(
        "How many of the strongest sets are shown",
        DetectChoice.DefaultTop
    );

    private readonly Option<string> _out = CommonOptions.Out("Writes the whole ranking to a .json or .csv file");

    public void AddTo(Command command)
    {
        Option[] options =
        [
            _method,
            _order,
            _top,
            _aggregate,
            _representatives,
            _keepSubsets,
            _background,
            _samples,
            _seed,
            _groups,
            _out,
        ];

        foreach (Option option in options)
            command.Add(option);

        _run.AddTo(command);
    }

    public DetectChoice Read(ParseResult parsed)
    {
        string? method = parsed.GetValue(_method);
        bool isOfSets = OfSets.TryGetValue(method ?? "mixed-differences", out DetectMethod found);

        return new()
        {
            Run = _run.Read(parsed),
            Method = isOfSets ? found : DetectMethod.Explanations,
            Explaining = isOfSets ? null : ExplainMethods.Parse(method!),
            Order = parsed.GetValue(_order) ?? 2,
            Aggregation = parsed.GetValue(_aggregate),
            Representatives = parsed.GetValue(_representatives),
            Background = new(parsed.GetValue(_background), parsed.GetValue(_samples), parsed.GetValue(_seed)),
            Groups = parsed.GetValue(_groups),
            KeepSubsets = parsed.GetValue(_keepSubsets),
            Top = parsed.GetValue(_top) ?? DetectChoice.DefaultTop,
            Out = parsed.GetValue(_out),
        };
    }

    private static string ReadMethod(string text) =>
        OfSets.ContainsKey(text) || ExplainMethods.WithPairs.Contains(text)
            ? text
            : throw new FormatException(
                $"give one of {string.Join(", ", [.. OfSets.Keys, .. ExplainMethods.WithPairs])}"
            );

    private static T? Find<T>(Dictionary<string, T> known, string text)
        where T : struct =>
        known.TryGetValue(text, out T found)
            ? found
            : throw new FormatException($"give one of {string.Join(", ", known.Keys)}");
}
