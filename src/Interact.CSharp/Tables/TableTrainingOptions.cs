namespace Interact;

/// <summary>What a network learns from a table, and how.</summary>
public sealed record TableTrainingOptions
{
    /// <summary>The table: a .csv file whose first line names the columns.</summary>
    public required string Data { get; init; }

    /// <summary>The name of the column that the network tells from the others.</summary>
    public required string Target { get; init; }

    /// <summary>What the target is.</summary>
    public TableTask Task { get; init; } = TableTask.Automatic;

    /// <summary>
    /// The class of two whose log-odds the network gives; null for the second in the order of numbers, or of code points.
    /// </summary>
    public string? Positive { get; init; }

    /// <summary>Columns that are left out.</summary>
    public IReadOnlyList<string> Drop { get; init; } = [];

    /// <summary>Columns whose cells are levels, numbers too; others with text are found out.</summary>
    public IReadOnlyList<string> Categorical { get; init; } = [];

    /// <summary>Columns whose cells are numbers, those that count the rows too; others are found out.</summary>
    public IReadOnlyList<string> Numeric { get; init; } = [];

    /// <summary>The number of units of each hidden layer; none for a linear model.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [64, 32];

    /// <summary>What follows each hidden layer.</summary>
    public TableActivation Activation { get; init; } = TableActivation.Gelu;

    /// <summary>The share of a hidden layer's elements that are set to zero in training; from 0 to 1, excluded.</summary>
    public double Dropout { get; init; }

    /// <summary>What stands between each hidden layer and its activation.</summary>
    public TableNormalization Normalization { get; init; } = TableNormalization.None;

    /// <summary>How weights are changed.</summary>
    public TableOptimizer Optimizer { get; init; } = new();

    /// <summary>Rows in a step.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>How often all rows are seen, at most.</summary>
    public int Epochs { get; init; } = 200;

    /// <summary>
    /// After how many epochs without a smaller loss of the validation part training ends; null for never. The weights with the
    /// smallest one are kept in any case.
    /// </summary>
    public int? Patience { get; init; } = 20;

    /// <summary>The shares of the parts.</summary>
    public TableSplit Split { get; init; } = new();

    /// <summary>What the split, the first weights and the order of rows depend on.</summary>
    public int Seed { get; init; }

    /// <summary>What is wanted of the network's attributions and interactions.</summary>
    public TablePrior Prior { get; init; } = new();

    /// <summary>What training computes in, and the weights are stored in.</summary>
    public Precision Precision { get; init; } = Precision.Single;

    /// <summary>On how many threads; results are the same for any number.</summary>
    public int Threads { get; init; } = Math.Min(Environment.ProcessorCount, 1024);

    /// <summary>
    /// A file that keeps the state, from which training goes on where it is there already; see <see cref="TrainingOptions.Checkpoint"/>.
    /// Null for none.
    /// </summary>
    public string? Checkpoint { get; init; }

    /// <summary>
    /// The folder that the command line writes results to; null for none. A configuration without it means the folder of its own name,
    /// without the extension.
    /// </summary>
    public string? Out { get; init; }

    /// <summary>Reads a configuration, in which paths are relative to its folder.</summary>
    /// <param name="path">A JSON file with the keys of <see cref="Example"/>; comments are allowed.</param>
    /// <exception cref="TableConfigurationException">
    /// The file cannot be read, or a key or value in it is none; every problem is listed.
    /// </exception>
    public static TableTrainingOptions Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return ConfigurationFile.Load(path);
    }

    /// <summary>A complete configuration with comments, in which all but data and target are the defaults.</summary>
    public static string Example => ConfigurationFile.Example();
}
