namespace Interact;

/// <summary>A network trained on a table, with all that is known of both.</summary>
public sealed class TrainedTable
{
    private readonly Core.Learning.TabularData _data;

    internal TrainedTable(
        TableTrainingOptions options,
        string sha256,
        Core.Learning.TabularData data,
        Core.Learning.TrainedTable inner
    )
    {
        _data = data;
        Options = options;
        DataSha256 = sha256;
        Classes = TableInterop.ClassesOf(data.Target.Kind);
        Encoding = new TableEncoding(data.Encoder);
        Parts = TableInterop.PartsOf(data, inner, [.. FeatureNames]);
        Training = Interop.ToResult(inner.Training);
        Model = Training.Network.ToModel();
    }

    /// <summary>What was to be learnt, and how.</summary>
    public TableTrainingOptions Options { get; }

    /// <summary>The SHA-256 of the table's file, in lower-case hexadecimal.</summary>
    public string DataSha256 { get; }

    /// <summary>Number of rows of the table.</summary>
    public int RowCount => _data.Table.RowCount;

    /// <summary>What the target is: never <see cref="TableTask.Automatic"/>.</summary>
    public TableTask Task =>
        Classes.Count switch
        {
            0 => TableTask.Regression,
            2 => TableTask.Binary,
            _ => TableTask.MultiClass,
        };

    /// <summary>The classes, the positive one last where there are two; empty for a regression.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>What made numbers of the table, and makes them of others.</summary>
    public TableEncoding Encoding { get; }

    /// <summary>The columns of the table.</summary>
    public IReadOnlyList<TrainedColumn> Columns => Encoding.Columns;

    /// <summary>The names of the network's features: a numeric column's own, "column=level", and "column=(missing)".</summary>
    public IReadOnlyList<string> FeatureNames => Encoding.FeatureNames;

    /// <summary>The features of each column as one group.</summary>
    public FeatureGroups Groups =>
        FeatureGroups.FromDictionary(
            Columns
                .Where(column => column.Features.Count > 0)
                .Select(column => KeyValuePair.Create(column.Name, column.Features.ToArray())),
            FeatureNames.Count
        );

    /// <summary>The parts: training, validation, and test where it has rows.</summary>
    public IReadOnlyList<TablePart> Parts { get; }

    /// <summary>
    /// The network with the weights of the best epoch, that with the smallest loss of the validation part, and the history of all.
    /// </summary>
    public TrainingResult Training { get; }

    /// <summary>
    /// The network as a model: from a row in the columns' own units to the log-odds of the positive class, a logit for each of several classes, or a
    /// number in the units of the target.
    /// </summary>
    public Model Model { get; }

    /// <summary>The line of the table's file where a row begins.</summary>
    /// <param name="row">From 0 to <see cref="RowCount"/>, excluded.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public long LineOf(int row)
    {
        Guard.Index(row, RowCount, nameof(row));
        return _data.Table.Line(row);
    }

    /// <summary>The probabilities of the classes, by the network's output for a row.</summary>
    /// <param name="outputs">As many elements as the network gives.</param>
    /// <returns>As many as there are classes; empty for a regression.</returns>
    /// <exception cref="ArgumentException">There are more or fewer outputs.</exception>
    public double[] Probabilities(double[] outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);

        if (outputs.Length != Model.OutputSize)
        {
            throw new ArgumentException(
                $"There are {outputs.Length} outputs; the network gives {Model.OutputSize}.",
                nameof(outputs)
            );
        }

        return Classes.Count switch
        {
            0 => [],
            2 => Core.Learning.MetricModule.probabilities([0, outputs[0]]),
            _ => Core.Learning.MetricModule.probabilities(outputs),
        };
    }

    /// <summary>
    /// Writes <c>model.onnx</c>, <c>groups.json</c>, <c>training.csv</c>, <c>validation.csv</c>, <c>test.csv</c> (the encoded rows),
    /// <c>predictions.csv</c>, <c>report.json</c> and <c>report.md</c>. Each file is there whole or not at all; the same training gives the
    /// same bytes.
    /// </summary>
    /// <param name="folder">The folder, which is made where it does not exist.</param>
    /// <exception cref="IOException">A file cannot be written; the message names it.</exception>
    public void Save(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        TrainingFolder.Write(folder, this, Training.Network.ToOnnx());
    }
}
