namespace Interact;

/// <summary>The keys of a configuration, in the order of the example.</summary>
internal static class ConfigurationKeys
{
    private const int MostUnits = 1 << 16;
    private const int MostSamples = 1000;

    public static readonly IReadOnlyDictionary<string, TableTask> Tasks = new Dictionary<string, TableTask>
    {
        ["automatic"] = TableTask.Automatic,
        ["regression"] = TableTask.Regression,
        ["binary"] = TableTask.Binary,
        ["multi-class"] = TableTask.MultiClass,
    };

    public static readonly IReadOnlyDictionary<string, TableActivation> Activations = new Dictionary<
        string,
        TableActivation
    >
    {
        ["gelu"] = TableActivation.Gelu,
        ["relu"] = TableActivation.Relu,
        ["silu"] = TableActivation.Silu,
        ["tanh"] = TableActivation.Tanh,
        ["softplus"] = TableActivation.Softplus,
        ["elu"] = TableActivation.Elu,
    };

    public static readonly IReadOnlyDictionary<string, TableNormalization> Normalizations = new Dictionary<
        string,
        TableNormalization
    >
    {
        ["none"] = TableNormalization.None,
        ["batch"] = TableNormalization.Batch,
        ["layer"] = TableNormalization.Layer,
    };

    public static readonly IReadOnlyDictionary<string, TableOptimizerKind> Optimizers = new Dictionary<
        string,
        TableOptimizerKind
    >
    {
        ["adam"] = TableOptimizerKind.Adam,
        ["sgd"] = TableOptimizerKind.Sgd,
    };

    public static readonly IReadOnlyDictionary<string, TableSchedule> Schedules = new Dictionary<string, TableSchedule>
    {
        ["constant"] = TableSchedule.Constant,
        ["cosine"] = TableSchedule.Cosine,
    };

    public static readonly IReadOnlyDictionary<string, Precision> Precisions = new Dictionary<string, Precision>
    {
        ["single"] = Precision.Single,
        ["double"] = Precision.Double,
    };

    public static readonly IReadOnlyDictionary<string, TablePriorKind> Priors = new Dictionary<string, TablePriorKind>
    {
        ["none"] = TablePriorKind.None,
        ["sparsity"] = TablePriorKind.Sparsity,
        ["interactions"] = TablePriorKind.Interactions,
    };

    public static readonly IReadOnlyList<ConfigurationKey> All =
    [
        new(
            "data",
            "The table: a CSV file whose first line names the columns; its path is relative to this file.",
            options => Path.GetFileName(options.Data),
            (options, value) => options with { Data = value.Text() }
        ),
        new(
            "target",
            "The column that the network tells from the others.",
            options => options.Target,
            (options, value) => options with { Target = value.Text() }
        ),
        new(
            "task",
            "automatic, regression, binary or multi-class. Automatic: text, two numbers, or at most ten whole ones\nare classes; other numbers a regression.",
            options => NameOf(Tasks, options.Task),
            (options, value) => options with { Task = value.Choice(Tasks) }
        ),
        new(
            "positive",
            "Of two classes, the one whose log-odds the network gives; null for the second in order.",
            options => options.Positive,
            (options, value) => options with { Positive = value.OptionalText() }
        ),
        new(
            "drop",
            "Columns that are left out. So are, without being named, those with one value only and those of text\nof which more than half of the values are different.",
            options => options.Drop,
            (options, value) => options with { Drop = value.Texts() }
        ),
        new(
            "categorical",
            "Columns whose cells are levels though they are numbers, or are all different; text is found out.",
            options => options.Categorical,
            (options, value) => options with { Categorical = value.Texts() }
        ),
        new(
            "numeric",
            "Columns whose cells are numbers though they count the rows; other numbers are found out.",
            options => options.Numeric,
            (options, value) => options with { Numeric = value.Texts() }
        ),
        new(
            "hidden",
            "The number of units of each hidden layer; [] for a linear model.",
            options => options.Hidden,
            (options, value) => options with { Hidden = value.Integers(1, MostUnits) }
        ),
        new(
            "activation",
            "gelu, relu, silu, tanh, softplus or elu.",
            options => NameOf(Activations, options.Activation),
            (options, value) => options with { Activation = value.Choice(Activations) }
        ),
        new(
            "dropout",
            "The share of a hidden layer's elements that are set to zero in training.",
            options => options.Dropout,
            (options, value) => options with { Dropout = value.NotNegative(below: 1) }
        ),
        new(
            "normalization",
            "none, batch or layer: between each hidden layer and its activation.",
            options => NameOf(Normalizations, options.Normalization),
            (options, value) => options with { Normalization = value.Choice(Normalizations) }
        ),
        new(
            "optimizer.name",
            "adam, or sgd with a momentum of 0.9.",
            options => NameOf(Optimizers, options.Optimizer.Kind),
            (options, value) => options with { Optimizer = options.Optimizer with { Kind = value.Choice(Optimizers) } }
        ),
        new(
            "optimizer.learningRate",
            "The length of steps.",
            options => options.Optimizer.LearningRate,
            (options, value) => options with { Optimizer = options.Optimizer with { LearningRate = value.Positive() } }
        ),
        new(
            "optimizer.weightDecay",
            "Pulls weights towards 0, apart from the gradient (AdamW); null for 0.01 with adam and 0 with sgd, which has none.",
            options => options.Optimizer.WeightDecay,
            (options, value) =>
                options with
                {
                    Optimizer = options.Optimizer with { WeightDecay = value.OptionalNotNegative() },
                }
        ),
        new(
            "optimizer.schedule",
            "constant, or cosine: half a wave down to 0 after the last epoch.",
            options => NameOf(Schedules, options.Optimizer.Schedule),
            (options, value) =>
                options with
                {
                    Optimizer = options.Optimizer with { Schedule = value.Choice(Schedules) },
                }
        ),
        new(
            "optimizer.warmup",
            "Epochs over which the learning rate of the cosine rises from 0.",
            options => options.Optimizer.Warmup,
            (options, value) => options with { Optimizer = options.Optimizer with { Warmup = value.Integer(0) } }
        ),
        new(
            "batch",
            "Rows in a step.",
            options => options.Batch,
            (options, value) => options with { Batch = value.Integer(1) }
        ),
        new(
            "epochs",
            "How often all training rows are seen, at most.",
            options => options.Epochs,
            (options, value) => options with { Epochs = value.Integer(1) }
        ),
        new(
            "patience",
            "Epochs without a smaller validation loss after which training ends; null for never. The weights with the\nsmallest one are kept in any case.",
            options => options.Patience,
            (options, value) => options with { Patience = value.OptionalInteger(1) }
        ),
        new(
            "split.training",
            "The share of rows that weights are fitted to; of every class alike.",
            options => options.Split.Training,
            (options, value) => options with { Split = options.Split with { Training = value.NotNegative() } }
        ),
        new(
            "split.validation",
            "The share that decides when training stops.",
            options => options.Split.Validation,
            (options, value) => options with { Split = options.Split with { Validation = value.NotNegative() } }
        ),
        new(
            "split.test",
            "The share that neither has seen; 0 for none.",
            options => options.Split.Test,
            (options, value) => options with { Split = options.Split with { Test = value.NotNegative() } }
        ),
        new(
            "seed",
            "What the split, the first weights and the order of rows depend on.",
            options => options.Seed,
            (options, value) => options with { Seed = value.Integer(0) }
        ),
        new(
            "precision",
            "single or double: what training computes in, and weights are stored in.",
            options => NameOf(Precisions, options.Precision),
            (options, value) => options with { Precision = value.Choice(Precisions) }
        ),
        new(
            "prior.kind",
            "none; sparsity: few columns should have most of the attributions; interactions: columns should not interact.",
            options => NameOf(Priors, options.Prior.Kind),
            (options, value) => options with { Prior = options.Prior with { Kind = value.Choice(Priors) } }
        ),
        new(
            "prior.weight",
            "What the penalty is multiplied by before it is added to the loss.",
            options => options.Prior.Weight,
            (options, value) => options with { Prior = options.Prior with { Weight = value.NotNegative() } }
        ),
        new(
            "prior.pairs",
            "Columns that should not interact, such as [[\"age\", \"sex\"]]; [] for all.",
            options => options.Prior.Pairs,
            (options, value) => options with { Prior = options.Prior with { Pairs = value.Pairs() } }
        ),
        new(
            "prior.samples",
            "How many baselines are drawn for a row at a step, from the training rows.",
            options => options.Prior.Samples,
            (options, value) => options with { Prior = options.Prior with { Samples = value.Integer(1, MostSamples) } }
        ),
        new(
            "out",
            "The folder for the results; null for one with this file's name, without the extension.",
            options => options.Out,
            (options, value) => options with { Out = value.OptionalText() }
        ),
    ];

    private static string NameOf<T>(IReadOnlyDictionary<string, T> names, T value)
        where T : struct, Enum => names.First(pair => EqualityComparer<T>.Default.Equals(pair.Value, value)).Key;
}
