using System.Globalization;

namespace Interact;

/// <summary>The report of a training for people, in Markdown.</summary>
internal static class TrainingPage
{
    private const int MostLevels = 8;

    public static void Write(Stream stream, TrainedTable trained)
    {
        using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        string data = Escaped(Path.GetFileName(trained.Options.Data));
        text.WriteLine($"# {Escaped(trained.Options.Target)}, told from {data}");
        text.WriteLine();
        text.WriteLine(Output(trained));
        text.WriteLine();
        WriteMetrics(text, trained);
        WriteTraining(text, trained);
        WriteColumns(text, trained);
        WriteNext(text, trained);
    }

    private static string Output(TrainedTable trained) =>
        trained.Task switch
        {
            TableTask.Regression =>
                $"The network's output is {Escaped(trained.Options.Target)} in its own units; rows are in the units of their columns.",
            TableTask.Binary =>
                $"The network's output is the log-odds of **{Escaped(trained.Classes[1])}** against {Escaped(trained.Classes[0])}: above 0 it tells the first. Rows are in the units of their columns.",
            _ =>
                $"The network's outputs are logits, in this order: {string.Join(", ", trained.Classes.Select((name, index) => $"{index} {Escaped(name)}"))}; the largest tells. Rows are in the units of their columns.",
        };

    private static void WriteMetrics(StreamWriter text, TrainedTable trained)
    {
        string[] titles = [.. trained.Parts[0].Metrics.Select(metric => Title(metric.Kind))];
        text.WriteLine($"| part | rows | {string.Join(" | ", titles)} |");
        text.WriteLine($"|---|---:|{string.Concat(titles.Select(_ => "---:|"))}");

        foreach (TablePart part in trained.Parts)
            text.WriteLine($"| {part.Name} | {part.Rows.Count} | {Values(part.Metrics)} |");

        TablePart last = trained.Parts[^1];
        text.WriteLine($"| {last.Name}, the best constant | {last.Rows.Count} | {Values(last.ConstantMetrics)} |");
        text.WriteLine();
    }

    private static string Values(IReadOnlyList<TableMetric> metrics) =>
        string.Join(" | ", metrics.Select(metric => double.IsNaN(metric.Value) ? "-" : Number(metric.Value)));

    private static void WriteTraining(StreamWriter text, TrainedTable trained)
    {
        string end = trained.Training.End switch
        {
            TrainingEnd.Finished => "all epochs were done",
            TrainingEnd.StoppedEarly =>
                $"the validation loss had not become smaller for {trained.Options.Patience} epochs",
            _ => "the loss was no longer finite: the learning rate is too large",
        };

        text.WriteLine("## Training");
        text.WriteLine();
        text.WriteLine(
            $"Ended after epoch {trained.Training.History.Count}: {end}. Kept are the weights of epoch {trained.Training.BestEpoch}."
        );
        text.WriteLine();
        text.WriteLine("| epoch | training loss | validation loss |");
        text.WriteLine("|---:|---:|---:|");

        foreach (TrainingEpoch epoch in Chosen(trained))
        {
            string mark = epoch.Epoch == trained.Training.BestEpoch ? " (kept)" : "";
            text.WriteLine(
                $"| {epoch.Epoch}{mark} | {Number(epoch.TrainingLoss)} | {(epoch.ValidationLoss is { } loss ? Number(loss) : "-")} |"
            );
        }

        text.WriteLine();
    }

    /// <summary>About ten epochs, the first, the best and the last among them.</summary>
    private static IEnumerable<TrainingEpoch> Chosen(TrainedTable trained)
    {
        int step = Math.Max(1, (trained.Training.History.Count + 9) / 10);

        return trained.Training.History.Where(epoch =>
            (epoch.Epoch - 1) % step == 0
            || epoch.Epoch == trained.Training.BestEpoch
            || epoch.Epoch == trained.Training.History.Count
        );
    }

    private static void WriteColumns(StreamWriter text, TrainedTable trained)
    {
        text.WriteLine("## Columns");
        text.WriteLine();
        text.WriteLine("| column | kind | missing | features | |");
        text.WriteLine("|---|---|---:|---|---|");

        foreach (TrainedColumn column in trained.Columns)
        {
            string kind = column.Kind switch
            {
                TrainedColumnKind.LeftOut => "left out",
                TrainedColumnKind.Numeric => "numeric",
                TrainedColumnKind.Categorical => "categorical",
                _ => "target",
            };

            string features = column.Features.Count switch
            {
                0 => "",
                1 => $"{column.Features[0]}",
                _ => $"{column.Features[0]} to {column.Features[^1]}",
            };

            text.WriteLine(
                $"| {Escaped(column.Name)} | {kind} | {column.Missing} | {features} | {Escaped(Remark(column))} |"
            );
        }

        text.WriteLine();
    }

    private static string Remark(TrainedColumn column) =>
        column.Kind switch
        {
            TrainedColumnKind.Numeric =>
                $"mean {Number(column.Mean!.Value)}, deviation {Number(column.Deviation!.Value)}{(column.HasMissingFeature ? $"; missing: {Number(column.Median!.Value)} and an indicator" : "")}",
            TrainedColumnKind.Categorical => Levels(column),
            TrainedColumnKind.LeftOut => column.Reason!,
            _ => "",
        };

    private static string Levels(TrainedColumn column)
    {
        IEnumerable<string> levels = column.HasMissingFeature ? column.Levels.Append("(missing)") : column.Levels;
        string more = column.Levels.Count > MostLevels ? $", … ({column.Levels.Count} levels)" : "";
        return string.Join(", ", column.Levels.Count > MostLevels ? levels.Take(MostLevels) : levels) + more;
    }

    private static void WriteNext(StreamWriter text, TrainedTable trained)
    {
        string rows = TrainingFolder.RowsFile(trained.Parts[^1]);
        text.WriteLine("## What to do next");
        text.WriteLine();
        text.WriteLine(
            "In this folder; the baseline is the mean row, because zeros of a table's own units are no row of it:"
        );
        text.WriteLine();
        text.WriteLine($"    interact explain model.onnx {rows} --baseline mean --groups groups.json");
        text.WriteLine(
            $"    interact explain model.onnx {rows} --method expected-hessians --background training.csv --samples 64 --groups groups.json"
        );
        text.WriteLine(
            "    interact detect model.onnx training.csv --method integrated-hessians --baseline mean --groups groups.json"
        );
    }

    /// <summary>What a measure is called.</summary>
    public static string Title(TableMetricKind kind) =>
        kind switch
        {
            TableMetricKind.LogLoss => "log loss",
            TableMetricKind.Accuracy => "accuracy",
            TableMetricKind.BalancedAccuracy => "balanced accuracy",
            TableMetricKind.RocAuc => "ROC-AUC",
            TableMetricKind.RootMeanSquaredError => "RMSE",
            TableMetricKind.MeanAbsoluteError => "MAE",
            _ => "R²",
        };

    private static string Number(double value) => value.ToString("g5", CultureInfo.InvariantCulture);

    private static string Escaped(string text) =>
        string.Concat(
            text.Select(character =>
                character is '|' or '*' or '`' or '\\' or '<' or '[' ? $"\\{character}"
                : char.IsControl(character) ? " "
                : $"{character}"
            )
        );
}
