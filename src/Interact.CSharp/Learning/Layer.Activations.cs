namespace Interact;

/// <content>Activations.</content>
public sealed partial class Layer
{
    /// <summary>max(x, 0).</summary>
    public static Layer Relu { get; } = new(Core.Learning.LayerModule.relu);

    /// <summary>The hyperbolic tangent.</summary>
    public static Layer Tanh { get; } = new(Core.Learning.LayerModule.tanh);

    /// <summary>1/(1+exp(-x)).</summary>
    public static Layer Sigmoid { get; } = new(Core.Learning.LayerModule.sigmoid);

    /// <summary>ln(1+exp(x)).</summary>
    public static Layer Softplus { get; } = new(Core.Learning.LayerModule.softplus);

    /// <summary>x where positive, exp(x) - 1 elsewhere. Source: Clevert et al. 2016.</summary>
    public static Layer Elu { get; } = new(Core.Learning.LayerModule.elu);

    /// <summary>The scaled elu that keeps mean and variance. Source: Klambauer et al. 2017.</summary>
    public static Layer Selu { get; } = new(Core.Learning.LayerModule.selu);

    /// <summary>x·sigmoid(x), also called swish.</summary>
    public static Layer Silu { get; } = new(Core.Learning.LayerModule.silu);

    /// <summary>x·Φ(x) with the normal distribution function Φ. Source: Hendrycks, Gimpel 2016.</summary>
    public static Layer Gelu { get; } = new(Core.Learning.LayerModule.gelu);

    /// <summary>exp(x)/Σ exp(x) over the last axis.</summary>
    public static Layer Softmax { get; } = new(Core.Learning.LayerModule.softmax);

    /// <summary>x where positive, slope·x elsewhere.</summary>
    /// <param name="slope">Finite; files hold it in single precision.</param>
    /// <exception cref="ArgumentException">The slope is not finite.</exception>
    public static Layer LeakyRelu(double slope = 0.01)
    {
        Guard.Finite([slope], nameof(slope));
        return new(Core.Learning.LayerModule.leakyRelu(slope));
    }
}
