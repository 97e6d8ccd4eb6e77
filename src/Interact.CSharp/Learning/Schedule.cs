using System.Globalization;

namespace Interact;

/// <summary>How the learning rate changes while training goes on.</summary>
public sealed class Schedule
{
    private readonly string _name;

    private Schedule(Core.Learning.Schedule inner, string name)
    {
        Inner = inner;
        _name = name;
    }

    internal Core.Learning.Schedule Inner { get; }

    /// <summary>Not at all.</summary>
    public static Schedule Constant { get; } = new(Core.Learning.Schedule.Constant, "constant");

    /// <summary>Multiplied by a factor after every so many epochs.</summary>
    /// <param name="every">How many epochs, at least 1.</param>
    /// <param name="factor">Positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static Schedule Steps(int every, double factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        Guard.Positive(factor, nameof(factor));

        return new(
            Core.Learning.Schedule.NewSteps(every, factor),
            string.Create(CultureInfo.InvariantCulture, $"times {factor} every {every} epochs")
        );
    }

    /// <summary>Multiplied by a factor after every epoch.</summary>
    /// <param name="factor">Positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is not positive and finite.</exception>
    public static Schedule Exponential(double factor)
    {
        Guard.Positive(factor, nameof(factor));

        return new(
            Core.Learning.Schedule.NewExponential(factor),
            string.Create(CultureInfo.InvariantCulture, $"times {factor} every epoch")
        );
    }

    /// <summary>
    /// Half a wave of the cosine from the full rate down to 0 behind the last step, after so many epochs in which the rate rises in
    /// equal steps.
    /// </summary>
    /// <param name="warmup">How many epochs the rate rises, from 0 to as many as there are; 0 by default.</param>
    /// <remarks>Source: Loshchilov, Hutter 2017.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static Schedule Cosine(int warmup = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(warmup);
        return new(Core.Learning.Schedule.NewCosine(warmup), $"cosine after {warmup} epochs");
    }

    /// <summary>What the learning rate of a step is multiplied by.</summary>
    /// <param name="epochs">Epochs of the training, at least 1.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch, at least 1.</param>
    /// <param name="step">Of all steps, counted from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public double Factor(int epochs, int stepsPerEpoch, int step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stepsPerEpoch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        return Core.Learning.ScheduleModule.factor(epochs, stepsPerEpoch, step, Inner);
    }

    /// <summary>"constant", "times 0.5 every 10 epochs" and the like.</summary>
    public override string ToString() => _name;
}
