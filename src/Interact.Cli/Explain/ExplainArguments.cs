using System.CommandLine;

namespace Interact.Cli;

/// <summary>The options that only `explain` has.</summary>
internal sealed class ExplainArguments
{
    private readonly RunArguments _run = new();

    private readonly Option<ExplainMethod?> _method = Parsing.Option(
        "--method",
        "METHOD",
        "integrated-hessians (interactions of pairs, and attributions) or integrated-gradients (attributions only), from one baseline; expected-hessians or expected-gradients, their mean over --background; or to compare with: shapley-interactions, shapley-taylor, contextual-decomposition, input-hessian, hessian-times-input (interactions and attributions), gradients, gradient-times-input (attributions only). (default: integrated-hessians)",
        ExplainMethods.Parse
    );

    private readonly Option<string> _groups = Parsing.Option(
        "--groups",
        "tokens|patches:HxW|FILE",
        "Explains groups of features: the tokens of a sequence (batch x tokens x width), the patches of an image (batch x channels x height x width), or a JSON object that gives each group's name an array of features, counted from 0. (default: single features)",
        Parsing.NotEmpty
    );

    private readonly Option<string[]> _rowsOf = Parsing.Options(
        "--rows-of",
        "FEATURE,...",
        "Only all interactions of some features (or groups), by names or indices, at their own cost; may be given several times. (default: all interactions)",
        Parsing.NotEmpty
    );

    private readonly Option<string> _pairs = Parsing.Option(
        "--pairs",
        "A:B,C:D|FILE.json",
        "Only the interactions of some pairs of features (or groups), by names or indices, at their own cost; FILE.json holds an array of pairs. (default: all interactions)",
        Parsing.NotEmpty
    );

    private readonly Option<string> _background = Parsing.Option(
        "--background",
        "FILE|kmeans:K:FILE|noise:SD",
        "What the expected methods average over: the rows of a file, the K centres of their clusters, or Gaussian noise around each row, of standard deviation SD or those in a file of one row. (default: none)",
        Parsing.NotEmpty
    );

    private readonly Option<int?> _samples = CommonOptions.Samples(
        "Draws N rows from the background in place of the average over all, or every pair N times for Shapley interactions in place of all coalitions; certificates then carry a standard error. (default: all rows; 200 draws of noise; all coalitions of up to 20 features or groups, 100 draws of more)"
    );

    private readonly Option<int?> _seed = CommonOptions.Seed(
        "Where drawing and clustering start; the same seed gives the same results"
    );

    private readonly Option<Shard> _shard = Parsing.Option(
        "--shard",
        "I/N",
        "Only part I of N of the rows, I from 1 to N: blocks of rows that follow each other. With --out x.json it writes x.part-I-of-N.json, or does nothing where that exists. (default: all rows)",
        Shard.Parse
    );

    private readonly Option<string> _out = CommonOptions.Out("Writes all results to a .json, .csv or .npz file");

    private readonly Option<int?> _top = CommonOptions.Top(
        "How many of the strongest pairs (or features) are shown",
        ExplainOptions.DefaultTop
    );

    public void AddTo(Command command)
    {
        Option[] options = [_method, _background, _samples, _seed, _groups, _rowsOf, _pairs, _out, _top, _shard];

        foreach (Option option in options)
            command.Add(option);

        _run.AddTo(command);
    }

    public ExplainOptions Read(ParseResult parsed) =>
        new()
        {
            Run = _run.Read(parsed),
            Method = parsed.GetValue(_method) ?? ExplainMethod.IntegratedHessians,
            Background = new(parsed.GetValue(_background), parsed.GetValue(_samples), parsed.GetValue(_seed)),
            Groups = parsed.GetValue(_groups),
            Part = PartChoice.Choose(parsed.GetValue(_rowsOf) ?? [], parsed.GetValue(_pairs)),
            Shard = parsed.GetValue(_shard),
            Out = parsed.GetValue(_out),
            Top = parsed.GetValue(_top) ?? ExplainOptions.DefaultTop,
        };
}
