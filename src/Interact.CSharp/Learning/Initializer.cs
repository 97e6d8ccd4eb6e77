using System.Globalization;

namespace Interact;

/// <summary>How the first values of a parameter are drawn.</summary>
/// <remarks>
/// The fan-in of a parameter is the number of elements that one output is made of, its fan-out the number of outputs that one element
/// reaches.
/// </remarks>
public sealed class Initializer
{
    private readonly string _name;

    private Initializer(Core.Learning.Initializer inner, string name)
    {
        Inner = inner;
        _name = name;
    }

    internal Core.Learning.Initializer Inner { get; }

    /// <summary>All 0.</summary>
    public static Initializer Zeros { get; } = new(Core.Learning.Initializer.Zeros, "zeros");

    /// <summary>All 1.</summary>
    public static Initializer Ones { get; } = new(Core.Learning.Initializer.Ones, "ones");

    /// <summary>Uniform with variance 2/(fan-in + fan-out). Source: Glorot, Bengio 2010.</summary>
    public static Initializer GlorotUniform { get; } = new(Core.Learning.Initializer.GlorotUniform, "Glorot uniform");

    /// <summary>Normal with variance 2/(fan-in + fan-out). Source: Glorot, Bengio 2010.</summary>
    public static Initializer GlorotNormal { get; } = new(Core.Learning.Initializer.GlorotNormal, "Glorot normal");

    /// <summary>Uniform with variance 2/fan-in, for ReLU. Source: He et al. 2015.</summary>
    public static Initializer HeUniform { get; } = new(Core.Learning.Initializer.HeUniform, "He uniform");

    /// <summary>Normal with variance 2/fan-in, for ReLU. Source: He et al. 2015.</summary>
    public static Initializer HeNormal { get; } = new(Core.Learning.Initializer.HeNormal, "He normal");

    /// <summary>Uniform with variance 1/fan-in, for SELU. Source: LeCun et al. 1998.</summary>
    public static Initializer LeCunUniform { get; } = new(Core.Learning.Initializer.LeCunUniform, "LeCun uniform");

    /// <summary>Normal with variance 1/fan-in, for SELU. Source: LeCun et al. 1998.</summary>
    public static Initializer LeCunNormal { get; } = new(Core.Learning.Initializer.LeCunNormal, "LeCun normal");

    /// <summary>All the same.</summary>
    /// <param name="value">Finite.</param>
    /// <exception cref="ArgumentException">The value is not finite.</exception>
    public static Initializer Constant(double value)
    {
        Guard.Finite([value], nameof(value));
        return new(Core.Learning.Initializer.NewConstant(value), Numbered("constant", value));
    }

    /// <summary>Uniform between -limit and limit.</summary>
    /// <param name="limit">Positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not positive and finite.</exception>
    public static Initializer Uniform(double limit)
    {
        Guard.Positive(limit, nameof(limit));
        return new(Core.Learning.Initializer.NewUniform(limit), Numbered("uniform", limit));
    }

    /// <summary>Normal with mean 0.</summary>
    /// <param name="deviation">The standard deviation, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The deviation is not positive and finite.</exception>
    public static Initializer Normal(double deviation)
    {
        Guard.Positive(deviation, nameof(deviation));
        return new(Core.Learning.Initializer.NewNormal(deviation), Numbered("normal", deviation));
    }

    /// <summary>Given values.</summary>
    /// <param name="values">As many as the parameter has, row-major; copied.</param>
    /// <exception cref="ArgumentException">A value is not finite.</exception>
    public static Initializer Values(params ReadOnlySpan<double> values)
    {
        Guard.Finite(values, nameof(values));
        return new(Core.Learning.Initializer.NewValues(values.ToArray()), $"{values.Length} values");
    }

    /// <summary>"Glorot uniform", "normal 0.1" and the like.</summary>
    public override string ToString() => _name;

    private static string Numbered(string name, double value) =>
        string.Create(CultureInfo.InvariantCulture, $"{name} {value}");
}
