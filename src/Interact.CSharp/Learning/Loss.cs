namespace Interact;

/// <summary>What training makes small: one number for each example, of which the mean is taken.</summary>
public sealed class Loss
{
    internal Loss(Core.Learning.Loss inner) => Inner = inner;

    internal Core.Learning.Loss Inner { get; }

    /// <summary>(y - target)², the mean over the elements of an output.</summary>
    public static Loss SquaredError { get; } = new(Core.Learning.LossModule.squaredError);

    /// <summary>|y - target|, the mean over the elements of an output.</summary>
    public static Loss AbsoluteError { get; } = new(Core.Learning.LossModule.absoluteError);

    /// <summary>
    /// -target·ln σ(y) - (1 - target)·ln(1 - σ(y)) for logits y and targets from 0 to 1, the mean over the elements of an output.
    /// </summary>
    public static Loss BinaryCrossEntropy { get; } = new(Core.Learning.LossModule.binaryCrossEntropy);

    /// <summary>-ln softmax(y)_c for logits y and a target that is the number c of the class, from 0.</summary>
    public static Loss SoftmaxCrossEntropy { get; } = new(Core.Learning.LossModule.softmaxCrossEntropy);

    /// <summary>
    /// exp(y) - target·y for the logarithm y of an expected count, the mean over the elements of an output.
    /// </summary>
    public static Loss Poisson { get; } = new(Core.Learning.LossModule.poisson);

    /// <summary>
    /// Half the squared error up to a threshold, and its tangent beyond: the mean over the elements of an output.
    /// </summary>
    /// <param name="threshold">Positive, in units of the output; 1 by default.</param>
    /// <remarks>Source: Huber 1964.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is not positive and finite.</exception>
    public static Loss Huber(double threshold = 1)
    {
        Guard.Positive(threshold, nameof(threshold));
        return new(Core.Learning.LossModule.huber(threshold));
    }

    /// <summary>A loss of one's own.</summary>
    /// <param name="name">What it is called in messages and checkpoints.</param>
    /// <param name="targets">How many numbers an example's target has, at least 1.</param>
    /// <param name="ofExamples">
    /// From outputs, n x outputs, and targets, n x targets, to n losses. It is called once for each network that is trained, to trace
    /// what it computes, and training differentiates that.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty, or there are no targets.</exception>
    public static Loss Custom(string name, int targets, Func<Tensor, Tensor, Tensor> ofExamples)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(targets, 1);
        ArgumentNullException.ThrowIfNull(ofExamples);
        return new(Interop.CustomLoss(name, targets, ofExamples));
    }

    /// <summary>"squared error", "softmax cross-entropy" and the like.</summary>
    public override string ToString() => Inner.Name;
}
