using System.Globalization;

namespace Interact;

/// <summary>Checks of what a network is to learn from a table.</summary>
internal static class TableTrainingGuard
{
    private const int LargestThreads = 1024;
    private const double SumTolerance = 1e-9;

    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static void Check(TableTrainingOptions options, string parameter)
    {
        ArgumentNullException.ThrowIfNull(options, parameter);

        void Require(bool condition, string message)
        {
            if (!condition)
                throw new ArgumentException(message, parameter);
        }

        Require(!string.IsNullOrEmpty(options.Data), "Data is empty; it must name a file.");
        Require(!string.IsNullOrEmpty(options.Target), "Target is empty; it must name a column.");
        Require(Enum.IsDefined(options.Task), $"Task {options.Task} does not exist.");
        Require(Enum.IsDefined(options.Activation), $"Activation {options.Activation} does not exist.");
        Require(Enum.IsDefined(options.Normalization), $"Normalization {options.Normalization} does not exist.");
        Require(Enum.IsDefined(options.Precision), $"Precision {options.Precision} does not exist.");
        Require(options.Drop?.Contains(null!) == false, "Drop is null, or holds null.");
        Require(options.Categorical?.Contains(null!) == false, "Categorical is null, or holds null.");
        Require(options.Numeric?.Contains(null!) == false, "Numeric is null, or holds null.");
        Require(options.Hidden?.All(units => units > 0) == true, "Hidden is null, or one of it is not positive.");
        Require(options.Dropout is >= 0 and < 1, $"Dropout is {options.Dropout}; it must lie in 0..1, below 1.");
        Require(options.Batch > 0, $"Batch is {options.Batch}; it must be positive.");
        Require(options.Epochs > 0, $"Epochs is {options.Epochs}; it must be positive.");
        Require(options.Patience is null or > 0, $"Patience is {options.Patience}; it must be positive, or null.");
        Require(options.Seed >= 0, $"Seed is {options.Seed}; it must not be negative.");
        Require(
            options.Threads is >= 1 and <= LargestThreads,
            $"Threads is {options.Threads}; it must lie in 1..{LargestThreads}."
        );
        Require(options.Split is not null, "Split is null.");
        Require(options.Optimizer is not null, "Optimizer is null.");
        TableOptimizer optimizer = options.Optimizer!;
        Require(Enum.IsDefined(optimizer.Kind), $"Optimizer.Kind {optimizer.Kind} does not exist.");
        Require(Enum.IsDefined(optimizer.Schedule), $"Optimizer.Schedule {optimizer.Schedule} does not exist.");
        Require(
            optimizer.LearningRate > 0 && double.IsFinite(optimizer.LearningRate),
            $"Optimizer.LearningRate is {optimizer.LearningRate}; it must be positive and finite."
        );
        Require(
            optimizer.WeightDecay is null
                || (optimizer.WeightDecay >= 0 && double.IsFinite(optimizer.WeightDecay.Value)),
            $"Optimizer.WeightDecay is {optimizer.WeightDecay}; it must not be negative."
        );
        Require(optimizer.Warmup >= 0, $"Optimizer.Warmup is {optimizer.Warmup}; it must not be negative.");

        TablePrior? prior = options.Prior;
        Require(prior is not null && Enum.IsDefined(prior.Kind), "Prior is null, or of no kind that exists.");
        Require(
            prior!.Weight >= 0 && double.IsFinite(prior.Weight),
            $"Prior.Weight is {prior.Weight}; it must not be negative."
        );
        Require(prior.Samples > 0, $"Prior.Samples is {prior.Samples}; it must be positive.");
        Require(
            prior.Pairs?.All(pair => pair.First is not null && pair.Second is not null) == true,
            "Prior.Pairs is null, or holds null."
        );

        if (Problem(options) is (_, { } problem))
            throw new ArgumentException($"{problem}.", parameter);
    }

    /// <summary>
    /// What does not fit together though each by itself might do, with the key of a configuration where it shows; null where all does.
    /// </summary>
    public static (string Key, string Text)? Problem(TableTrainingOptions options)
    {
        TableSplit split = options.Split;
        TableOptimizer optimizer = options.Optimizer;
        TablePrior prior = options.Prior;
        double sum = split.Training + split.Validation + split.Test;

        return !(Math.Abs(sum - 1) <= SumTolerance)
                ? (
                    "split",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"the shares of \"split\" add up to {sum}; make them add up to 1"
                    )
                )
            : !(split.Training > 0 && split.Validation > 0 && split.Test >= 0)
                ? ("split", "the shares of \"split\" for training and validation are not positive; give both some rows")
            : optimizer is { Kind: TableOptimizerKind.Sgd, WeightDecay: > 0 }
                ? (
                    "optimizer.weightDecay",
                    "\"optimizer\" has a weightDecay with sgd, which knows none; leave it out, or use adam"
                )
            : optimizer is { Schedule: TableSchedule.Constant, Warmup: > 0 }
                ? (
                    "optimizer.warmup",
                    "\"optimizer\" has a warmup with the constant schedule; leave it out, or use cosine"
                )
            : optimizer.Warmup >= options.Epochs && optimizer.Warmup > 0
                ? (
                    "optimizer.warmup",
                    $"the warmup of \"optimizer\" takes all {options.Epochs} epochs; make it shorter"
                )
            : prior.Kind != TablePriorKind.Interactions && prior.Pairs.Count > 0
                ? (
                    "prior.pairs",
                    "\"prior\" names pairs, but is none on interactions; write \"kind\": \"interactions\", or leave them out"
                )
            : prior.Pairs.Any(pair => pair.First == pair.Second)
                ? ("prior.pairs", "\"prior\" pairs a column with itself; pair two columns")
            : prior.Kind == TablePriorKind.Interactions && options.Hidden.Count == 0
                ? (
                    "prior.kind",
                    "\"prior\" is on interactions, but \"hidden\" is [], a linear model, in which no columns interact; add hidden units, or leave the prior out"
                )
            : null;
    }
}
