namespace Interact.Cli;

/// <summary>What training came to, for people.</summary>
internal sealed class TrainRendering(Screen screen)
{
    public void Show(TrainedTable trained, string folder, TimeSpan time)
    {
        screen.Line(Head(trained));
        screen.Line();

        foreach (TrainedColumn column in trained.Columns.Where(column => column.Kind == TrainedColumnKind.LeftOut))
            screen.Line($"left out: {column.Name}, because {column.Reason}");

        if (trained.Columns.Any(column => column.Kind == TrainedColumnKind.LeftOut))
            screen.Line();

        ShowMetrics(trained);
        screen.Line();
        screen.Line(End(trained, time));
        screen.Line($"Written to {folder}; explain the network with");
        string rows = Path.Combine(folder, $"{trained.Parts[^1].Name}.csv");
        string model = Path.Combine(folder, "model.onnx");
        string groups = Path.Combine(folder, "groups.json");
        screen.Line($"  interact explain {model} {rows} --baseline mean --groups {groups}");
    }

    private static string Head(TrainedTable trained)
    {
        string task = trained.Task switch
        {
            TableTask.Regression => "regression",
            TableTask.Binary => $"log-odds of {trained.Classes[1]} against {trained.Classes[0]}",
            _ => $"classes {string.Join(", ", trained.Classes)}",
        };

        int columns = trained.Columns.Count(column => column.Features.Count > 0);
        string table = $"{Numbers.Count(trained.RowCount, "row")} of {trained.Options.Data}";
        return $"{trained.Options.Target} ({task}) by {Numbers.Count(columns, "column")}, which are {Numbers.Count(trained.FeatureNames.Count, "feature")}, from {table}";
    }

    private void ShowMetrics(TrainedTable trained)
    {
        Column[] measures =
        [
            .. trained.Parts[0].Metrics.Select(metric => new Column(Title(metric.Kind), IsNumber: true)),
        ];

        var table = new Table([new Column("part"), new Column("rows", IsNumber: true), .. measures]);

        foreach (TablePart part in trained.Parts)
            table.Add([part.Name, Numbers.Count(part.Rows.Count), .. Values(part.Metrics)]);

        TablePart last = trained.Parts[^1];
        table.Add([$"{last.Name}, best constant", Numbers.Count(last.Rows.Count), .. Values(last.ConstantMetrics)]);
        screen.Show(table);
    }

    private static IEnumerable<string> Values(IReadOnlyList<TableMetric> metrics) =>
        metrics.Select(metric => double.IsNaN(metric.Value) ? "-" : Numbers.Value(metric.Value));

    private static string End(TrainedTable trained, TimeSpan time)
    {
        string end = trained.Training.End switch
        {
            TrainingEnd.StoppedEarly => "stopped early",
            TrainingEnd.Diverged => "diverged",
            _ => "finished",
        };

        return $"{Numbers.Count(trained.Training.History.Count, "epoch")}, {end}; the weights of epoch {trained.Training.BestEpoch} are kept, {Numbers.Time(time)}";
    }

    private static string Title(TableMetricKind kind) =>
        kind switch
        {
            TableMetricKind.LogLoss => "log loss",
            TableMetricKind.Accuracy => "accuracy",
            TableMetricKind.BalancedAccuracy => "balanced acc.",
            TableMetricKind.RocAuc => "ROC-AUC",
            TableMetricKind.RootMeanSquaredError => "RMSE",
            TableMetricKind.MeanAbsoluteError => "MAE",
            _ => "R²",
        };
}
