using System.CommandLine;
using System.Diagnostics;

namespace Interact.Cli;

/// <summary>The command that shows how positions of a feature map act together.</summary>
internal static class TaylorCamCommand
{
    /// <summary>Rows that are shown on the terminal, each with its strongest pairs.</summary>
    private const int RowsShown = 10;

    public static Command Create(CancellationToken cancellationToken)
    {
        var command = new CommandWithExample(
            "taylor-cam",
            "Which positions of an image, a feature map or a sequence act together in an output: the strongest pairs of every row, and their picture.",
            "interact taylor-cam model.onnx images.npy --at features --smooth 10 --rows 0..0 --out pairs.svg"
        );

        var arguments = new TaylorCamArguments();
        arguments.AddTo(command);
        command.SetAction(parsed => Execute(arguments.Read(parsed), cancellationToken));
        return command;
    }

    private static int Execute(TaylorCamChoice choice, CancellationToken cancellationToken)
    {
        if (choice.Out is { } file)
            OutputFile.CheckFormat(file, [".svg", ".html", ".json", ".csv"], Inputs(choice));

        var run = Run.Load(choice.Run);
        TaylorCamOptions options = OptionsOf(choice, run);
        cancellationToken.ThrowIfCancellationRequested();
        long start = Stopwatch.GetTimestamp();
        var shown = new List<PositionInteractionResult>();
        bool isFlat = true;

        IEnumerable<PositionInteractionResult> Watched(IEnumerable<PositionInteractionResult> results)
        {
            foreach (PositionInteractionResult result in results)
            {
                if (shown.Count < RowsShown)
                    shown.Add(result);

                isFlat &= result.Sets.All(set => set.Strength == 0);
                yield return result;
            }
        }

        using (var progress = new ProgressLine(run.Rows.Count))
        {
            IEnumerable<PositionInteractionResult> results = Watched(Start(run, options, progress, cancellationToken));

            if (choice.Out is null)
                foreach (PositionInteractionResult _ in results) { }
            else
                Save(choice, run, options, results);
        }

        Show(choice, run, shown, Stopwatch.GetElapsedTime(start));

        if (isFlat)
            StandardError.WriteLine(FlatAdvice(choice.Run));

        return ExitCode.Success;
    }

    private static IEnumerable<string?> Inputs(TaylorCamChoice choice) =>
        [
            choice.Run.Model,
            choice.Run.Data,
            GroupChoice.FileOf(choice.Groups),
            .. choice.Run.Fixed.Select(input => input.File),
        ];

    private static TaylorCamOptions OptionsOf(TaylorCamChoice choice, Run run)
    {
        if (choice.Groups is null && run.Model.InputShape.Count is not (3 or 4))
        {
            string shape = string.Join(" x ", run.Model.InputShape);
            throw new CommandException(
                $"{choice.Run.Model}: what is explained has shape {shape}, which tells no positions; name a feature map with --at, or give --groups"
            );
        }

        var path = run.Configure(new IntegratedHessiansOptions(), run.Rows);

        return new TaylorCamOptions
        {
            Positions = choice.Groups is { } groups ? GroupChoice.Choose(groups, run.Model) : null,
            Order = choice.Order,
            Target = path.Target,
            FixedInputs = path.FixedInputs,
            Rows = path.Rows,
            Threads = path.Threads,
            Precision = path.Precision,
            Memory = path.Memory,
        };
    }

    /// <exception cref="CommandException">There are not enough positions, or too many sets of them.</exception>
    private static IEnumerable<PositionInteractionResult> Start(
        Run run,
        TaylorCamOptions options,
        IProgress<ExplainProgress> progress,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return Explain.TaylorCam(run.Model, (IEnumerable<double[]>)run.Table, options, progress, cancellationToken);
        }
        catch (ArgumentException problem)
        {
            throw new CommandException($"--order {options.Order}: {Failure.Reason(problem)}");
        }
    }

    /// <exception cref="CommandException">The file cannot be written, or there is no picture.</exception>
    private static void Save(
        TaylorCamChoice choice,
        Run run,
        TaylorCamOptions options,
        IEnumerable<PositionInteractionResult> results
    )
    {
        IReadOnlyDictionary<string, string> settings = RunSettings.OfResults(choice.Run, options.Settings());

        if (Path.GetExtension(choice.Out)!.Equals(".svg", StringComparison.OrdinalIgnoreCase) && run.Rows.Count > 1)
        {
            throw new CommandException(
                $"--out {choice.Out}: an .svg shows one row, and there are {run.Rows.Count}; choose one with --rows, or write .html"
            );
        }

        try
        {
            OutputFile.Write(() =>
                TaylorCamFile.Write(choice.Out!, run.Model, run.Table, results, choice.Top, settings)
            );
        }
        catch (ArgumentException problem)
        {
            throw new CommandException($"--out {choice.Out}: {Failure.Reason(problem)}");
        }
    }

    private static void Show(TaylorCamChoice choice, Run run, List<PositionInteractionResult> shown, TimeSpan time)
    {
        var screen = Screen.Open();
        screen.Line($"Taylor-CAM of {run.Describe(run.Rows)}");
        screen.Line();

        var table = new Table(
            new Column("row", IsNumber: true),
            new Column("target", IsNumber: true),
            new Column("f(x)", IsNumber: true),
            new Column("strongest sets of positions")
        );

        foreach (PositionInteractionResult result in shown)
        {
            string pairs = string.Join(
                '\n',
                result.Sets.Take(choice.Top).Select(set => $"{set.Strength, 10:g4}  {string.Join(" x ", set.Names)}")
            );
            table.Add($"{result.Row}", $"{result.Target}", Numbers.Value(result.Value), pairs);
        }

        screen.Show(table);
        screen.Line();
        screen.Line(
            choice.Order == 2
                ? "A pair's number is S + Sᵀ, S = (Σ x H)² over the channels of both positions: squared units of the output."
                : "A set's number adds up the squares of its mixed derivatives: along the map at one position and along ones at the others."
        );

        if (shown.Count < run.Rows.Count)
            screen.Line($"The first {shown.Count} of {Numbers.Count(run.Rows.Count, "row")} are shown.");

        screen.Line($"{Numbers.Count(run.Rows.Count, "row")}, {Numbers.Time(time)}");

        if (choice.Out is not null)
            screen.Line($"Written to {choice.Out}");
    }

    private static string FlatAdvice(RunOptions options) =>
        options.Smooth is null
            ? "all strengths are 0: what follows is linear, or made of ReLU and its kin, whose second derivatives vanish; name an earlier tensor with --at, or add --smooth 10, which puts SoftPlus in place of ReLU"
            : "all strengths are 0: the positions act on the output apart from each other; choose another --target or an earlier --at";
}
