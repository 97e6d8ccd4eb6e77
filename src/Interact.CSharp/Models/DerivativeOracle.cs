namespace Interact;

/// <summary>
/// A function of n numbers whose derivatives are supplied from outside, such as by a simulator with adjoints or another
/// differentiation library.
/// </summary>
/// <remarks>
/// The delegates are called from several threads at once where many rows are explained. Output weights combine the
/// outputs into the one number that is differentiated, Σ weight_o · f_o; to explain output o its weight is 1 and the
/// others 0. What a delegate raises passes through; a result of the wrong size is an InvalidOperationException.
/// </remarks>
public sealed record DerivativeOracle
{
    /// <summary>Number of input elements n, at least 1.</summary>
    public required int InputSize { get; init; }

    /// <summary>Number of outputs, at least 1.</summary>
    public int OutputSize { get; init; } = 1;

    /// <summary>The outputs at a point: n elements to as many as there are outputs.</summary>
    public required Func<double[], double[]> Value { get; init; }

    /// <summary>The gradient at a point: from n elements and the outputs' weights to n elements.</summary>
    public required Func<double[], double[], double[]> Gradient { get; init; }

    /// <summary>
    /// Second derivatives at a point along directions, DᵀHD: from n elements, the outputs' weights, and k directions of
    /// n elements to k x k elements.
    /// </summary>
    public required Func<double[], double[], double[][], double[,]> Curvature { get; init; }
}
