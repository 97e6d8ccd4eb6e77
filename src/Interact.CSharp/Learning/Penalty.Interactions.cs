namespace Interact;

/// <content>Priors on the interactions of a network while it learns: Expected Hessians inside the training step.</content>
/// <remarks>
/// Γ_ij = δ_i δ_j·∂²f/∂x_i∂x_j(x' + tδ)/4 with δ = x - x', baselines x' drawn from the background and t with the density -4t·ln t. Networks of
/// ReLU have no second derivatives to learn by: take smooth activations, or <see cref="InteractionPriorOptions.Smooth"/>.
/// </remarks>
public sealed partial class Penalty
{
    /// <summary>Pairs of features that must not interact: the sum of Γ_ij² over the pairs, the mean over the batch.</summary>
    /// <param name="weight">λ, what it is multiplied by before it is added to the loss; not negative.</param>
    /// <param name="pairs">Flattened features, two different ones each; at least one pair.</param>
    /// <param name="options">What interactions are taken; the defaults where left out.</param>
    /// <exception cref="ArgumentException">There is no pair.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite, or an option is out of range.</exception>
    public static Penalty ForbiddenPairs(
        double weight,
        IEnumerable<(int First, int Second)> pairs,
        InteractionPriorOptions? options = null
    )
    {
        Guard.NotNegative(weight, nameof(weight));
        ArgumentNullException.ThrowIfNull(pairs);
        return new(Interop.ForbiddenPairs(weight, pairs, options ?? new()));
    }

    /// <summary>
    /// Sets of features that must not interact with each other, such as the columns of two categories: the sum of Γ_ij² over i of the one
    /// and j of the other, the mean over the batch.
    /// </summary>
    /// <param name="weight">λ, what it is multiplied by before it is added to the loss; not negative.</param>
    /// <param name="first">Flattened features, at least one.</param>
    /// <param name="second">Flattened features, none of them among the first.</param>
    /// <param name="options">What interactions are taken; the defaults where left out.</param>
    /// <exception cref="ArgumentException">A set is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite, or an option is out of range.</exception>
    public static Penalty ForbiddenBetween(
        double weight,
        IEnumerable<int> first,
        IEnumerable<int> second,
        InteractionPriorOptions? options = null
    )
    {
        Guard.NotNegative(weight, nameof(weight));
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return new(Interop.ForbiddenBetween(weight, first, second, options ?? new()));
    }

    /// <summary>
    /// All interactions of different features: Σ_{i&lt;j} Γ_ij², the mean over the batch, by one second derivative a feature.
    /// </summary>
    /// <param name="weight">λ, what it is multiplied by before it is added to the loss; not negative.</param>
    /// <param name="options">What interactions are taken; the defaults where left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite, or an option is out of range.</exception>
    public static Penalty AllInteractions(double weight, InteractionPriorOptions? options = null)
    {
        Guard.NotNegative(weight, nameof(weight));
        return new(Core.Learning.InteractionPrior.all(weight, Interop.Prior(options ?? new())));
    }

    /// <summary>
    /// The same as <see cref="AllInteractions"/> by an unbiased estimate from one second derivative a sample, however many features
    /// there are: pairs are divided at random.
    /// </summary>
    /// <param name="weight">λ, what it is multiplied by before it is added to the loss; not negative.</param>
    /// <param name="options">What interactions are taken; the defaults where left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite, or an option is out of range.</exception>
    public static Penalty EstimatedInteractions(double weight, InteractionPriorOptions? options = null)
    {
        Guard.NotNegative(weight, nameof(weight));
        return new(Core.Learning.InteractionPrior.estimated(weight, Interop.Prior(options ?? new())));
    }

    /// <summary>A prior of one's own on the interactions of pairs.</summary>
    /// <param name="name">What it is called in the history of a training.</param>
    /// <param name="weight">λ, what it is multiplied by before it is added to the loss; not negative.</param>
    /// <param name="pairs">Flattened features, two different ones each; at least one pair.</param>
    /// <param name="omega">
    /// From a batch's interactions, examples x pairs, to a scalar. It is called once for each training, to trace what it computes, and
    /// training differentiates that.
    /// </param>
    /// <param name="options">What interactions are taken; the defaults where left out.</param>
    /// <exception cref="ArgumentException">There is no pair.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite, or an option is out of range.</exception>
    public static Penalty OnInteractions(
        string name,
        double weight,
        IEnumerable<(int First, int Second)> pairs,
        Func<Tensor, Tensor> omega,
        InteractionPriorOptions? options = null
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Guard.NotNegative(weight, nameof(weight));
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(omega);
        return new(Interop.CustomPrior(name, weight, pairs, omega, options ?? new()));
    }
}
