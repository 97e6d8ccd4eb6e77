namespace Interact;

/// <summary>
/// Derivatives of functions on tensors. Each takes a function and gives a function of the same kind, so they nest to
/// any depth: <c>Grad(Grad(f))</c> is the second derivative of a function of one number.
/// </summary>
/// <remarks>
/// Every application traces the function on a fresh argument, so derivatives inside derivatives never mix up their
/// variables. A function is called whenever its derivative is, and must compute with tensors throughout. Whatever it
/// raises passes through.
/// </remarks>
public static class Differentiate
{
    /// <summary>The gradient of a function with a scalar result.</summary>
    /// <param name="function">From a tensor of any shape to one element.</param>
    /// <returns>
    /// x to the gradient at x, of x's shape. It raises ArgumentException where the result is not a scalar.
    /// </returns>
    public static Func<Tensor, Tensor> Grad(Func<Tensor, Tensor> function)
    {
        Func<Tensor, Tensor> scalar = Scalar(function);
        return x => new Tensor(Interop.Grad(scalar, x));
    }

    /// <summary>The second derivatives of a function with a scalar result.</summary>
    /// <param name="function">From a tensor of n elements to one element.</param>
    /// <returns>x to the n x n second derivatives, x taken in row-major order.</returns>
    public static Func<Tensor, Tensor> Hessian(Func<Tensor, Tensor> function)
    {
        Func<Tensor, Tensor> scalar = Scalar(function);
        return x => new Tensor(Interop.Hessian(scalar, x));
    }

    /// <summary>
    /// The Hessian of a function with a scalar result times a direction, without forming the Hessian.
    /// </summary>
    /// <param name="function">From a tensor of any shape to one element.</param>
    /// <returns>x and a direction of x's shape to a tensor of x's shape.</returns>
    public static Func<Tensor, Tensor, Tensor> Hvp(Func<Tensor, Tensor> function)
    {
        Func<Tensor, Tensor> scalar = Scalar(function);

        return (x, direction) =>
        {
            Guard.SameShape(direction.Sizes, x.Sizes, nameof(direction));
            return new Tensor(Interop.Hvp(scalar, x, direction));
        };
    }

    /// <summary>DᵀHD of a function with a scalar result for k directions D, without forming the Hessian H.</summary>
    /// <param name="function">From a tensor of any shape to one element.</param>
    /// <returns>x and directions of shape k x (shape of x) to k x k numbers.</returns>
    public static Func<Tensor, Tensor, Tensor> Curvature(Func<Tensor, Tensor> function)
    {
        Func<Tensor, Tensor> scalar = Scalar(function);

        return (x, directions) =>
        {
            int count = directions.Rank > 0 ? directions.Sizes[0] : 0;
            Guard.SameShape(directions.Sizes, [count, .. x.Sizes], nameof(directions));
            return new Tensor(Interop.Curvature(scalar, x, directions));
        };
    }

    /// <summary>
    /// The Jacobian of a function times a tangent: how the result changes as x moves along the tangent.
    /// </summary>
    /// <param name="function">From tensors to tensors of any shapes.</param>
    /// <returns>x and a tangent of x's shape to a tensor of the result's shape.</returns>
    public static Func<Tensor, Tensor, Tensor> Jvp(Func<Tensor, Tensor> function)
    {
        ArgumentNullException.ThrowIfNull(function);

        return (x, tangent) =>
        {
            Guard.SameShape(tangent.Sizes, x.Sizes, nameof(tangent));
            return new Tensor(Interop.Jvp(function, x, tangent));
        };
    }

    /// <summary>A cotangent times the Jacobian of a function: the gradient of their inner product.</summary>
    /// <param name="function">From tensors to tensors of any shapes.</param>
    /// <returns>x and a cotangent of the result's shape to a tensor of x's shape.</returns>
    public static Func<Tensor, Tensor, Tensor> Vjp(Func<Tensor, Tensor> function)
    {
        ArgumentNullException.ThrowIfNull(function);

        return (x, cotangent) =>
        {
            Tensor Checked(Tensor argument)
            {
                Tensor result = function(argument);
                Guard.SameShape(cotangent.Sizes, result.Sizes, nameof(cotangent));
                return result;
            }

            return new Tensor(Interop.Vjp(Checked, x, cotangent));
        };
    }

    /// <summary>The mixed partial derivative of a function with a scalar result by some elements of x.</summary>
    /// <param name="function">From a tensor of any shape to one element.</param>
    /// <param name="indices">
    /// The elements, as indices into x in row-major order; one that stands twice is differentiated by twice, and
    /// without any the function itself is meant.
    /// </param>
    /// <returns>x to a scalar. It raises ArgumentOutOfRangeException for an index that x does not have.</returns>
    public static Func<Tensor, Tensor> Mixed(Func<Tensor, Tensor> function, params ReadOnlySpan<int> indices)
    {
        Func<Tensor, Tensor> scalar = Scalar(function);
        int[] elements = indices.ToArray();

        return x =>
        {
            foreach (int index in elements)
                Guard.Index(index, x.Size, nameof(indices));

            return new Tensor(Interop.Mixed(scalar, x, elements));
        };
    }

    /// <summary>The function on every element along the first axis, worked on together.</summary>
    /// <param name="function">From one element of the batch to a tensor of any shape.</param>
    /// <returns>
    /// A batch to the results along a new first axis. It raises ArgumentException for a scalar, which has no axis to
    /// map over.
    /// </returns>
    public static Func<Tensor, Tensor> Vmap(Func<Tensor, Tensor> function)
    {
        ArgumentNullException.ThrowIfNull(function);

        return batch =>
        {
            if (batch.Rank == 0)
                throw new ArgumentException("A scalar has no axis to map over.", nameof(batch));

            return new Tensor(Interop.Vmap(function, batch));
        };
    }

    private static Func<Tensor, Tensor> Scalar(Func<Tensor, Tensor> function)
    {
        ArgumentNullException.ThrowIfNull(function);

        return x =>
        {
            Tensor result = function(x);

            if (result.Size != 1)
            {
                throw new ArgumentException(
                    $"The function must give one number; it gives shape {Guard.Describe(result.Sizes)}.",
                    nameof(function)
                );
            }

            return result;
        };
    }
}
