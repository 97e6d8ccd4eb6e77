namespace Interact;

/// <summary>Checks of options against the model and the rows; the messages name the option.</summary>
internal static class OptionsGuard
{
    private const int LargestThreads = 1024;

    /// <summary>Checks what does not depend on the rows.</summary>
    public static void Check(PathMethodOptions options, Model model, string parameter)
    {
        int inputs = model.InputSize;
        int outputs = model.OutputSize;

        void Require(bool condition, string message)
        {
            if (!condition)
                throw new ArgumentException(message, parameter);
        }

        Require(
            options.Tolerance > 0 && double.IsFinite(options.Tolerance),
            $"Tolerance is {options.Tolerance}; it must be positive and finite."
        );
        Require(options.MaxSamples > 0, $"MaxSamples is {options.MaxSamples}; it must be positive.");
        Require(
            options.Threads is >= 1 and <= LargestThreads,
            $"Threads is {options.Threads}; it must lie in 1..{LargestThreads}."
        );
        Require(Enum.IsDefined(options.Precision), $"Precision {options.Precision} does not exist.");
        Require(Enum.IsDefined(options.Kinks), $"Kinks {options.Kinks} does not exist.");
        Require(
            options.Memory is null or > 0L,
            $"Memory is {options.Memory} bytes; it must be positive, or null for half of what is free."
        );
        Require(
            options.Target.Index is null || (options.Target.Index >= 0 && options.Target.Index < outputs),
            $"Target {options.Target} does not exist: the model has {outputs} outputs, numbered 0..{outputs - 1}."
        );
        Require(
            options.Groups is null || options.Groups.Length == inputs,
            $"Groups are made for rows of {options.Groups?.Length} elements; the model takes {inputs}."
        );
        Require(
            options.FeatureNames is null || options.FeatureNames.Count == inputs,
            $"There are {options.FeatureNames?.Count} FeatureNames; the model takes {inputs} elements."
        );
        Require(options.FeatureNames?.Contains(null!) != true, "One of the FeatureNames is null.");
        Require(options.Baseline is not null, "Baseline is null.");

        foreach (double[] point in options.Baseline!.Points)
            Guard.Row(point, model.RowSize, "a baseline", parameter);

        if (options.Baseline.Kind == BaselineKind.Blurred)
        {
            Require(
                !model.StartsInside,
                "Baseline is a blur of the input, but a tensor inside the model is explained."
            );
            int[] shape = [.. model.InputShape];

            Require(
                shape.Length == 4 && options.Baseline.Sigma <= Math.Max(shape[2], shape[3]),
                $"Baseline is a blur by {options.Baseline.Sigma} pixels, but the input is {Guard.Describe(shape)}; batch x channels x height x width is needed, and sigma at most the larger side."
            );
        }

        Require(options.FixedInputs is not null && !options.FixedInputs.Contains(null!), "One of FixedInputs is null.");

        foreach (FixedInput input in options.FixedInputs!)
        {
            // Whether the input exists and the values fit it is checked here, before anything is computed.
            foreach (double[] values in input.Points)
                model.Hold(input.Name, values);
        }

        string[] given = [.. options.FixedInputs.Select(input => input.Name)];
        Require(given.Distinct().Count() == given.Length, "One input stands twice among FixedInputs.");

        string[] missing = [.. Interop.MissingInputs(model.Inner).Except(given)];
        Require(
            missing.Length == 0,
            $"Input '{missing.FirstOrDefault()}' is not explained and has no value; give it one in FixedInputs."
        );
    }

    /// <summary>Checks what does not depend on the model; whether the order fits it is checked by the core.</summary>
    public static void Check(SetSearchOptions options, string parameter)
    {
        void Require(bool condition, string message)
        {
            if (!condition)
                throw new ArgumentException(message, parameter);
        }

        Require(options.Order >= 2, $"Order is {options.Order}; sets that act together have 2 features at least.");
        Require(
            options.Parents is null or > 0,
            $"Parents is {options.Parents}; it must be positive, or null for 10^(k-1)."
        );
        Require(Enum.IsDefined(options.Aggregation), $"Aggregation {options.Aggregation} does not exist.");
        Require(options.Derivatives is not null, "Derivatives is null.");
    }

    /// <summary>Checks that inputs that are fixed for every row have as many values as there are rows.</summary>
    public static void CountFixed(PathMethodOptions options, int rows, string parameter)
    {
        foreach (FixedInput input in options.FixedInputs)
        {
            if (input.IsPerRow && input.Points.Length != rows)
            {
                throw new ArgumentException(
                    $"There are {input.Points.Length} values of input '{input.Name}' for {rows} rows; give one for all, or one for each.",
                    parameter
                );
            }
        }
    }

    /// <summary>Checks what only detection has.</summary>
    public static void CheckDetection(DetectOptions options, string parameter)
    {
        void Require(bool condition, string message)
        {
            if (!condition)
                throw new ArgumentException(message, parameter);
        }

        Require(options.Order >= 2, $"Order is {options.Order}; two features at least act together.");
        Require(options.Parents is null or > 0, $"Parents is {options.Parents}; it must be positive.");
        Require(Enum.IsDefined(options.Aggregation), $"Aggregation {options.Aggregation} does not exist.");
        Require(options.Representatives is not null, "Representatives is null.");

        FixedInput? perRow = options.FixedInputs.FirstOrDefault(input => input.IsPerRow);

        Require(
            perRow is null,
            $"Input '{perRow?.Name}' is held at a row of its own for every row; detection by mixed partial derivatives takes one for all."
        );
    }

    /// <summary>Checks what does not depend on network and data.</summary>
    public static void CheckTraining(TrainingOptions options, string parameter)
    {
        ArgumentNullException.ThrowIfNull(options, parameter);

        void Require(bool condition, string message)
        {
            if (!condition)
                throw new ArgumentException(message, parameter);
        }

        Require(options.Loss is not null, "Loss is null.");
        Require(options.Optimizer is not null, "Optimizer is null.");
        Require(options.Schedule is not null, "Schedule is null.");
        Require(options.Penalties is not null && !options.Penalties.Contains(null!), "One of the Penalties is null.");
        Require(options.Background?.Contains(null!) != true, "A row of the Background is null.");
        Require(
            options.LearningRate > 0 && double.IsFinite(options.LearningRate),
            $"LearningRate is {options.LearningRate}; it must be positive and finite."
        );
        Require(options.Batch >= 1, $"Batch is {options.Batch}; it must be positive.");
        Require(options.Epochs >= 1, $"Epochs is {options.Epochs}; it must be positive.");
        Require(options.Patience is null or >= 1, $"Patience is {options.Patience}; it must be positive, or null.");
        Require(
            options.GradientNorm is null || (options.GradientNorm > 0 && double.IsFinite(options.GradientNorm.Value)),
            $"GradientNorm is {options.GradientNorm}; it must be positive and finite, or null."
        );
        Require(Enum.IsDefined(options.Precision), $"Precision {options.Precision} does not exist.");
        Require(
            options.Threads is >= 1 and <= LargestThreads,
            $"Threads is {options.Threads}; it must lie in 1..{LargestThreads}."
        );
    }

    /// <summary>How many of the rows are explained.</summary>
    public static int CountRows(PathMethodOptions options, int rows, string parameter)
    {
        if (options.Baseline.Kind == BaselineKind.Rows && options.Baseline.Points.Length != rows)
        {
            throw new ArgumentException(
                $"There are {options.Baseline.Points.Length} baselines for {rows} rows; give one for each.",
                parameter
            );
        }

        int first = options.Rows.Start.GetOffset(rows);
        int end = options.Rows.End.GetOffset(rows);

        if (first < 0 || first > end || end > rows)
            throw new ArgumentException($"Rows {options.Rows} do not exist: there are {rows} rows.", parameter);

        if (options.RowNumbers is not { } chosen)
            return end - first;

        foreach (int number in chosen)
        {
            if (number < 0 || number >= rows)
                throw new ArgumentException($"RowNumbers holds {number}; there are {rows} rows, from 0 on.", parameter);
        }

        return chosen.Distinct().Count(number => number >= first && number < end);
    }

    /// <summary>The baseline of a row that is explained by itself, a row of data; null for zeros of what is explained.</summary>
    public static double[]? OnlyBaseline(Model model, double[] row, PathMethodOptions options, string parameter)
    {
        Baseline baseline = options.Baseline;

        return baseline.Kind switch
        {
            BaselineKind.Zeros => null,
            BaselineKind.Mean => throw new ArgumentException(
                "The mean of one row is the row itself; give several rows, or another baseline.",
                parameter
            ),
            BaselineKind.Median => throw new ArgumentException(
                "The median of one row is the row itself; give several rows, or another baseline.",
                parameter
            ),
            BaselineKind.Blurred => Interop.Blurred([.. model.InputShape], baseline.Sigma, row),
            _ when baseline.Points.Length != 1 => throw new ArgumentException(
                $"There are {baseline.Points.Length} baselines for one row; give one.",
                parameter
            ),
            _ => baseline.Points[0],
        };
    }
}
