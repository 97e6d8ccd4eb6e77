using System.CommandLine;

namespace Interact.Cli;

/// <summary>The arguments and options of `rate`.</summary>
internal sealed class RateArguments
{
    private readonly Argument<string[]> _files = new("FILES")
    {
        HelpName = "[MODEL] DATA",
        Description =
            "Without --draws: the network, an ONNX file, and the rows, a .csv, .json, .npy or .npz file. With --draws: the rows at which function values were drawn, or nothing where effect sizes were.",
        Arity = new ArgumentArity(0, 2),
    };

    private readonly Option<string> _weights = Parsing.Option(
        "--weights",
        "FILE",
        "The last layer: a .npz file with mean and variance of its weights, features or features x outputs, and bias if it is not 0. (default: the network's own, where it was trained here with a variational last layer)",
        Parsing.NotEmpty
    );

    private readonly Option<string> _draws = Parsing.Option(
        "--draws",
        "FILE",
        "Draws from a posterior, one in each row: the function's values at the rows of DATA, or without DATA the variables' effect sizes. (default: none)",
        Parsing.NotEmpty
    );

    private readonly Option<string> _at = Parsing.Option(
        "--at",
        "TENSOR",
        "The tensor inside the network that holds the last layer's operands, the features. (default: the output)",
        Parsing.NotEmpty
    );

    private readonly Option<string> _output = Parsing.Option(
        "--output",
        "NAME",
        "Which output of the network holds the features. (default: the first floating one)",
        Parsing.NotEmpty
    );

    private readonly Option<string> _input = Parsing.Option(
        "--input",
        "NAME",
        "Which input of the network holds the variables. (default: the first floating one)",
        Parsing.NotEmpty
    );

    private readonly Option<FixedFile[]> _fix = Parsing.Options(
        "--fix",
        "NAME=FILE",
        "Holds another input at the rows of a file, one for all or one for each row of DATA; may be given several times. (default: none)",
        FixedFile.Parse
    );

    private readonly Option<int?> _target = Parsing.Option(
        "--target",
        "INDEX",
        "Which output of the last layer, such as a class, counted from 0. (default: the only one)",
        text => Parsing.Between(0, int.MaxValue, text)
    );

    private readonly Option<EffectSizeAnalogue?> _effect = Parsing.Option(
        "--effect",
        "covariance|projection",
        "What makes effect sizes of function values: each variable's covariance with them, or the coefficients of the shortest least squares fit, with DATA as it is. (default: covariance)",
        ReadEffect
    );

    private readonly Option<RateDivergence?> _divergence = Parsing.Option(
        "--divergence",
        "quadratic|exact",
        "The move of the means, by which RATE is defined, or the whole Kullback-Leibler divergence. (default: quadratic)",
        ReadDivergence
    );

    private readonly Option<string> _groups = Parsing.Option(
        "--groups",
        "FILE",
        "Compares groups of variables: a JSON object, name -> array of indices. (default: single variables)",
        Parsing.NotEmpty
    );

    private readonly Option<string[]> _given = Parsing.Options(
        "--given",
        "NAMES",
        "Variables or groups that have been found, by names or indices with commas between: compares the others given that these have no effect. (default: none)",
        Parsing.NotEmpty
    );

    private readonly Option<double?> _ridge = Parsing.Option(
        "--ridge",
        "NUMBER",
        "What is added to the diagonal of the effect sizes' covariance, so that it has an inverse. (default: 1e-9)",
        Parsing.Positive
    );

    private readonly Option<int?> _top = CommonOptions.Top("How many variables are shown", RateChoice.DefaultTop);

    private readonly Option<string> _out = CommonOptions.Out("Writes all variables to a .json or .csv file");

    private readonly Option<int?> _threads = CommonOptions.Threads();

    public void AddTo(Command command)
    {
        command.Add(_files);

        Option[] options =
        [
            _weights,
            _draws,
            _at,
            _target,
            _effect,
            _divergence,
            _groups,
            _given,
            _top,
            _out,
            _output,
            _input,
            _fix,
            _ridge,
            _threads,
        ];

        foreach (Option option in options)
            command.Add(option);
    }

    public RateChoice Read(ParseResult parsed) =>
        new()
        {
            Files = parsed.GetValue(_files) ?? [],
            Weights = parsed.GetValue(_weights),
            Draws = parsed.GetValue(_draws),
            Load = new ModelLoadOptions
            {
                At = parsed.GetValue(_at),
                Output = parsed.GetValue(_output),
                Input = parsed.GetValue(_input),
            },
            Fixed = parsed.GetValue(_fix) ?? [],
            Target = parsed.GetValue(_target),
            Effect = parsed.GetValue(_effect),
            Divergence = parsed.GetValue(_divergence) ?? RateDivergence.Quadratic,
            Groups = parsed.GetValue(_groups),
            Given = [.. (parsed.GetValue(_given) ?? []).SelectMany(list => list.Split(','))],
            Ridge = parsed.GetValue(_ridge),
            Top = parsed.GetValue(_top) ?? RateChoice.DefaultTop,
            Out = parsed.GetValue(_out),
            Threads = parsed.GetValue(_threads),
        };

    private static EffectSizeAnalogue? ReadEffect(string text) =>
        text switch
        {
            "covariance" => EffectSizeAnalogue.Covariance,
            "projection" => EffectSizeAnalogue.Projection,
            _ => throw new FormatException("give covariance or projection"),
        };

    private static RateDivergence? ReadDivergence(string text) =>
        text switch
        {
            "quadratic" => RateDivergence.Quadratic,
            "exact" => RateDivergence.Exact,
            _ => throw new FormatException("give quadratic or exact"),
        };
}
