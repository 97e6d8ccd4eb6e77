using System.Collections.ObjectModel;

namespace Interact;

/// <summary>
/// Interactions of features in the whole of a network, from the weights of its dense layers alone: no rows take part.
/// </summary>
/// <remarks>
/// A unit h of the first layer mixes the features that have large weights there, and matters as much as z_h, the product of
/// the later layers' absolute weights; the strength of a set is Σ_h z_h min |W_hi| over its features i. Source: Tsang, Cheng,
/// Liu, "Detecting statistical interactions from neural network weights", ICLR 2018.
/// </remarks>
public static class NeuralInteractionDetection
{
    /// <summary>All pairs of features, strongest first.</summary>
    /// <param name="model">A network that is a chain of dense layers with a hidden one at least.</param>
    /// <param name="target">Index into the flattened output.</param>
    /// <param name="featureNames">Names of the features, one each; x0, x1 and so on where null.</param>
    /// <exception cref="ArgumentException">
    /// The model is not such a chain or has more than 2^26 weights in a layer, the target does not exist, or the names do not fit.
    /// </exception>
    public static IReadOnlyList<DetectedInteraction> Pairs(
        Model model,
        int target = 0,
        IReadOnlyList<string>? featureNames = null
    )
    {
        IReadOnlyList<string> names = Check(model, target, featureNames);
        return Named(Core.NeuralInteractionDetection.pairs(target, model.Inner), names);
    }

    /// <summary>
    /// Sets of two features or more, strongest first: each unit of the first layer proposes its largest weights' features, and a
    /// set within a stronger one is left out.
    /// </summary>
    /// <param name="model">A network that is a chain of dense layers with a hidden one at least.</param>
    /// <param name="target">Index into the flattened output.</param>
    /// <param name="largest">Features in a set at most, 2 or more.</param>
    /// <param name="most">Sets at most.</param>
    /// <param name="featureNames">Names of the features, one each; x0, x1 and so on where null.</param>
    /// <exception cref="ArgumentException">As for pairs, and where largest or most is too small.</exception>
    public static IReadOnlyList<DetectedInteraction> Sets(
        Model model,
        int target = 0,
        int largest = int.MaxValue,
        int most = 1000,
        IReadOnlyList<string>? featureNames = null
    )
    {
        IReadOnlyList<string> names = Check(model, target, featureNames);
        ArgumentOutOfRangeException.ThrowIfLessThan(largest, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        return Named(Core.NeuralInteractionDetection.sets(largest, most, target, model.Inner), names);
    }

    private static IReadOnlyList<string> Check(Model model, int target, IReadOnlyList<string>? featureNames)
    {
        ArgumentNullException.ThrowIfNull(model);

        if (target < 0 || target >= model.OutputSize)
        {
            throw new ArgumentOutOfRangeException(
                nameof(target),
                $"Target {target} does not exist: the model has {model.OutputSize} outputs, numbered 0..{model.OutputSize - 1}."
            );
        }

        if (featureNames is not null && featureNames.Count != model.InputSize)
        {
            throw new ArgumentException(
                $"There are {featureNames.Count} names; the model takes {model.InputSize} elements.",
                nameof(featureNames)
            );
        }

        return Names.Of(new ComparatorOptions { FeatureNames = featureNames }, null, model);
    }

    private static ReadOnlyCollection<DetectedInteraction> Named(
        Core.DetectedInteraction[] found,
        IReadOnlyList<string> names
    ) =>
        Array.AsReadOnly<DetectedInteraction>([
            .. found.Select(interaction => new DetectedInteraction(
                Array.AsReadOnly(interaction.Features),
                Array.AsReadOnly([.. interaction.Features.Select(feature => names[feature])]),
                interaction.Strength
            )),
        ]);
}
