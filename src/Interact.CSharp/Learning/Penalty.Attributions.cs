namespace Interact;

/// <content>Priors on the attributions of a network while it learns: Expected Gradients inside the training step.</content>
/// <remarks>
/// φ_i = (x_i - x'_i)·∂f/∂x_i(x' + t(x - x')) with baselines x' drawn from the background and t uniform; f is the network in use: kept
/// statistics of batch normalisation, as constants, and no dropout. Source: Erion et al., Nature Machine Intelligence 2021.
/// </remarks>
public sealed partial class Penalty
{
    /// <summary>
    /// Sparsity: minus the Gini coefficient of the mean absolute attributions of a batch. It lies between -1, where one feature has
    /// everything, and 0, where all have as much.
    /// </summary>
    /// <param name="weight">λ, what it is multiplied by before it is added to the loss; not negative.</param>
    /// <param name="options">What attributions are taken; the defaults where left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite, or an option is out of range.</exception>
    public static Penalty Sparsity(double weight, AttributionPriorOptions? options = null)
    {
        Guard.NotNegative(weight, nameof(weight));
        return new(Core.Learning.AttributionPrior.sparsity(weight, Interop.Prior(options ?? new())));
    }

    /// <summary>
    /// Smoothness along a graph of features or groups: Σ w·(φ̄_i - φ̄_j)² over its edges, with the mean absolute attributions φ̄ of a batch.
    /// </summary>
    /// <param name="weight">λ, what it is multiplied by before it is added to the loss; not negative.</param>
    /// <param name="edges">Pairs of features, or of groups, each with a weight that is not negative; at least one.</param>
    /// <param name="options">What attributions are taken; the defaults where left out.</param>
    /// <exception cref="ArgumentException">There is no edge, or the weight of one is negative or not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite, or an option is out of range.</exception>
    public static Penalty Graph(
        double weight,
        IEnumerable<(int First, int Second, double Weight)> edges,
        AttributionPriorOptions? options = null
    )
    {
        Guard.NotNegative(weight, nameof(weight));
        ArgumentNullException.ThrowIfNull(edges);
        return new(Interop.GraphPrior(weight, edges, options ?? new()));
    }

    /// <summary>
    /// Smoothness of images: the anisotropic total variation of each image's attributions, brought to mean 0 and deviation 1 before, the
    /// mean over the batch.
    /// </summary>
    /// <param name="weight">λ, what it is multiplied by before it is added to the loss; not negative.</param>
    /// <param name="shape">Of an image: channels x height x width, or height x width.</param>
    /// <param name="options">What attributions are taken; the defaults where left out.</param>
    /// <exception cref="ArgumentException">An image has neither two nor three axes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite, or an option is out of range.</exception>
    public static Penalty Smoothness(double weight, IReadOnlyList<int> shape, AttributionPriorOptions? options = null)
    {
        Guard.NotNegative(weight, nameof(weight));
        ArgumentNullException.ThrowIfNull(shape);

        return new(Core.Learning.AttributionPrior.smoothness(weight, [.. shape], Interop.Prior(options ?? new())));
    }

    /// <summary>A prior of one's own on attributions.</summary>
    /// <param name="name">What it is called in the history of a training.</param>
    /// <param name="weight">λ, what it is multiplied by before it is added to the loss; not negative.</param>
    /// <param name="omega">
    /// From a batch's attributions, examples x features (or groups), to a scalar. It is called once for each training, to trace what it
    /// computes, and training differentiates that.
    /// </param>
    /// <param name="options">What attributions are taken; the defaults where left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite, or an option is out of range.</exception>
    public static Penalty OnAttributions(
        string name,
        double weight,
        Func<Tensor, Tensor> omega,
        AttributionPriorOptions? options = null
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Guard.NotNegative(weight, nameof(weight));
        ArgumentNullException.ThrowIfNull(omega);
        return new(Interop.CustomPrior(name, weight, omega, options ?? new()));
    }
}
