namespace Interact;

/// <summary>
/// How well outputs tell the targets of the validation data: what the best epoch is best by, where it is not the loss.
/// </summary>
public sealed class ValidationMeasure
{
    internal ValidationMeasure(Core.Learning.ValidationMeasure inner) => Inner = inner;

    internal Core.Learning.ValidationMeasure Inner { get; }

    /// <summary>
    /// The area under the ROC curve of the first output; an example is positive where the first number of its target is above 1/2.
    /// </summary>
    public static ValidationMeasure RocAuc { get; } = new(Core.Learning.ValidationMeasureModule.rocAuc);

    /// <summary>A measure of one's own.</summary>
    /// <param name="name">What it is called; a checkpoint knows it by its name only.</param>
    /// <param name="measure">
    /// From the outputs and the targets of all examples, in their order, to a number: the larger the better, and NaN is never the best.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static ValidationMeasure Custom(
        string name,
        Func<IReadOnlyList<double[]>, IReadOnlyList<double[]>, double> measure
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(measure);
        return new(Interop.CustomMeasure(name, measure));
    }

    /// <summary>"ROC-AUC" and the like.</summary>
    public override string ToString() => Inner.Name;
}
