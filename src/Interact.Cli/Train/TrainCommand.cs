using System.CommandLine;
using System.Diagnostics;

namespace Interact.Cli;

/// <summary>The command that makes a network out of a table.</summary>
internal static class TrainCommand
{
    private const string CheckpointFile = "checkpoint.npz";

    public static Command Create(CancellationToken cancellationToken)
    {
        var command = new CommandWithExample(
            "train",
            "Trains a network on a table, and leaves it with the encoded rows and the groups that explain takes.",
            "interact train --example > config.json\n  interact train config.json"
        );

        var arguments = new TrainArguments();
        arguments.AddTo(command);

        command.SetAction(parsed =>
        {
            if (arguments.WantsExample(parsed))
            {
                Console.Out.Write(TableTrainingOptions.Example);
                return ExitCode.Success;
            }

            TableTrainingOptions options = arguments.Read(parsed);

            return arguments.TableToEncode(parsed) is { } table
                ? Encode(table, options.Out!)
                : Execute(options, cancellationToken);
        });

        return command;
    }

    /// <summary>Encodes another table by the report of the training.</summary>
    private static int Encode(string table, string folder)
    {
        string encoded = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(table)}-encoded.csv");
        TableEncoding.Load(Path.Combine(folder, "report.json")).Save(table, encoded);
        Screen.Open().Line($"Written to {encoded}");
        return ExitCode.Success;
    }

    private static int Execute(TableTrainingOptions options, CancellationToken cancellationToken)
    {
        string folder = options.Out!;
        string checkpoint = Path.Combine(folder, CheckpointFile);
        long start = Stopwatch.GetTimestamp();
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

        // Encoded rows could replace the data, if those are called training.csv.
        if (full == Path.GetDirectoryName(Path.GetFullPath(options.Data)))
            throw new CommandException($"--out {folder}: the data are in that folder; name another one");

        bool isNew = !Directory.Exists(folder);
        Make(folder);

        if (File.Exists(checkpoint))
            StandardError.WriteLine($"{checkpoint}: training goes on from there; delete it to begin anew");

        TrainedTable trained;

        try
        {
            trained = Train(options with { Checkpoint = checkpoint }, cancellationToken);
        }
        finally
        {
            // A new folder to which nothing was written is not left behind.
            if (isNew && !Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
        }

        trained.Save(folder);
        File.Delete(checkpoint);
        new TrainRendering(Screen.Open()).Show(trained, folder, Stopwatch.GetElapsedTime(start));

        if (trained.Training.End != TrainingEnd.Diverged)
            return ExitCode.Success;

        StandardError.WriteLine(
            $"the loss was not finite in epoch {trained.Training.History.Count}, and the weights of epoch {trained.Training.BestEpoch} are kept; use a smaller learningRate"
        );
        return ExitCode.NotCertified;
    }

    private static TrainedTable Train(TableTrainingOptions options, CancellationToken cancellationToken)
    {
        try
        {
            using var progress = new TrainProgressLine(options.Epochs);
            return TableTraining.Run(options, progress, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            throw new InterruptedException(
                File.Exists(options.Checkpoint)
                    ? $"interrupted; the same command goes on from {options.Checkpoint}"
                    : "interrupted; no file was written"
            );
        }
        catch (ArgumentException problem)
        {
            throw new CommandException(Failure.Reason(problem));
        }
    }

    private static void Make(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--out {folder}: the folder cannot be made; name another one");
        }
    }
}
