using System.CommandLine;

namespace Interact.Cli;

/// <summary>The arguments and options that commands share that explain rows.</summary>
/// <param name="hasPath">Whether rows are explained along a path, with a baseline, kinks and a tolerance.</param>
internal sealed class RunArguments(bool hasPath = true)
{
    private readonly Argument<string> _model = Parsing.File("MODEL", "The network: an ONNX file.");

    private readonly Argument<string> _data = Parsing.File(
        "DATA",
        "The rows: a .csv (with or without a header), .json, .npy or .npz file, with a column for each element of the model's input."
    );

    private readonly LoadArguments _load = new();

    private readonly Option<Target?> _target = Parsing.Option(
        "--target",
        "INDEX|predicted",
        "Which element of the output is explained, counted from 0, or each row's largest one. (default: predicted, which is the only one where there is one)",
        ReadTarget
    );

    private readonly Option<FixedFile[]> _fix = Parsing.Options(
        "--fix",
        "NAME=FILE",
        "Holds an input that is not explained at the rows of a file, one for all or one for each row of DATA; may be given several times. (default: none)",
        FixedFile.Parse
    );

    private readonly Option<string> _baseline = Parsing.Option(
        "--baseline",
        "zeros|mean|median|blur:SIGMA|FILE",
        "What rows are compared with: zeros, the column means or medians of DATA, each row itself, an image, blurred by a Gaussian of SIGMA pixels, or the rows of a file, one for all or one for each row of DATA. (default: zeros)",
        Parsing.NotEmpty
    );

    private readonly Option<double?> _smooth = Parsing.Option(
        "--smooth",
        "BETA",
        "Replaces every ReLU by SoftPlus, ln(1+exp(BETA z))/BETA; 10 is usual. (default: the model as it is)",
        Parsing.Positive
    );

    private readonly Option<bool> _exact = new("--exact")
    {
        Description =
            "Counts every kink on a row's path in, the limit of ever larger BETA. (default: where the model has kinks and --smooth is not given)",
    };

    private readonly Option<double?> _tolerance = Parsing.Option(
        "--tolerance",
        "NUMBER",
        "The largest residual and error of a certified row, relative to the change in its output. (default: 1e-6)",
        Parsing.Positive
    );

    private readonly Option<RowRange?> _rows = Parsing.Option(
        "--rows",
        "A..B",
        "Only rows A to B of DATA, counted from 0, both included. (default: all)",
        RowRange.Parse
    );

    private readonly Option<int?> _threads = CommonOptions.Threads();

    private readonly Option<Precision?> _precision = Parsing.Option(
        "--precision",
        "double|single",
        "What derivatives are evaluated in. single takes half the memory and up to half the time; certificates tell what it costs, mostly 1e-6 to 1e-5. (default: double)",
        ReadPrecision
    );

    private readonly Option<long?> _memory = Parsing.Option(
        "--memory",
        "SIZE",
        "How much memory may be taken to work in, such as 500MB or 2GB. (default: half of what is free)",
        MemorySize.Parse
    );

    public void AddTo(Command command)
    {
        command.Add(_model);
        command.Add(_data);
        Option[] onPath = hasPath ? [_baseline, _exact, _tolerance] : [];

        Option[] options =
        [
            _target,
            .. _load.BeforeFix,
            _fix,
            .. _load.AfterFix,
            .. onPath,
            _smooth,
            _precision,
            _rows,
            _threads,
            _memory,
        ];

        foreach (Option option in options)
            command.Add(option);
    }

    public RunOptions Read(ParseResult parsed) =>
        new()
        {
            Model = parsed.GetRequiredValue(_model),
            Data = parsed.GetRequiredValue(_data),
            Load = _load.Read(parsed),
            Fixed = parsed.GetValue(_fix) ?? [],
            Target = parsed.GetValue(_target) ?? Target.Predicted,
            Baseline = parsed.GetValue(_baseline),
            Smooth = parsed.GetValue(_smooth),
            Exact = parsed.GetValue(_exact),
            Tolerance = parsed.GetValue(_tolerance),
            Rows = parsed.GetValue(_rows),
            Threads = parsed.GetValue(_threads),
            Precision = parsed.GetValue(_precision) ?? Precision.Double,
            Memory = parsed.GetValue(_memory),
        };

    private static Precision? ReadPrecision(string text) =>
        text switch
        {
            "double" => Precision.Double,
            "single" => Precision.Single,
            _ => throw new FormatException("give double or single"),
        };

    private static Target? ReadTarget(string text) =>
        text == "predicted" ? Target.Predicted
        : Parsing.Integer(text) is { } index ? index
        : throw new FormatException("give an index, counted from 0, or 'predicted'");
}
