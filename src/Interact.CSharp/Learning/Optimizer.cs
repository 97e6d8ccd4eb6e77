namespace Interact;

/// <summary>How a step of training changes the parameters by the gradient of the loss.</summary>
public sealed class Optimizer
{
    private Optimizer(Core.Learning.Optimizer inner) => Inner = inner;

    internal Core.Learning.Optimizer Inner { get; }

    /// <summary>
    /// Gradient descent: parameter - rate·v with v = momentum·v + gradient, and the gradient itself for v where the momentum is 0.
    /// </summary>
    /// <param name="momentum">From 0, and less than 1; 0 by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is no such momentum.</exception>
    public static Optimizer Sgd(double momentum = 0)
    {
        Guard.Fraction(momentum, nameof(momentum));
        return new(Core.Learning.OptimizerModule.sgd(momentum));
    }

    /// <summary>Adam: first and second moments of the gradient, both corrected for their start at zero.</summary>
    /// <param name="beta1">What the first moment keeps at each step; 0.9 by default.</param>
    /// <param name="beta2">What the second moment keeps at each step; 0.999 by default.</param>
    /// <param name="epsilon">Added to the square root of the second moment; 1e-8 by default.</param>
    /// <remarks>Source: Kingma, Ba 2015.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static Optimizer Adam(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) =>
        AdamW(0, beta1, beta2, epsilon);

    /// <summary>Adam, with all trained parameters multiplied by 1 - rate·weightDecay at every step.</summary>
    /// <param name="weightDecay">Not negative; 0.01 by default.</param>
    /// <param name="beta1">As for <see cref="Adam"/>.</param>
    /// <param name="beta2">As for <see cref="Adam"/>.</param>
    /// <param name="epsilon">As for <see cref="Adam"/>.</param>
    /// <remarks>Source: Loshchilov, Hutter 2019.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static Optimizer AdamW(
        double weightDecay = 0.01,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8
    )
    {
        Guard.NotNegative(weightDecay, nameof(weightDecay));
        Guard.Fraction(beta1, nameof(beta1));
        Guard.Fraction(beta2, nameof(beta2));
        Guard.Positive(epsilon, nameof(epsilon));
        return new(Core.Learning.OptimizerModule.adamWith(beta1, beta2, epsilon, weightDecay));
    }

    /// <summary>"SGD", "AdamW" and the like.</summary>
    public override string ToString() => Inner.Name;
}
