namespace Interact.CSharp.Tests;

/// <summary>Models whose explanations are known in closed form, and rows for them.</summary>
internal static class Examples
{
    /// <summary>x0·x1 + x2, which has one interaction.</summary>
    public static Model ProductAndSum { get; } = Model.FromFunction(3, x => x[0] * x[1] + x[2]);

    /// <summary>tanh(x0·x1) + x2, which needs refinement.</summary>
    public static Model TanhOfProduct { get; } = Model.FromFunction(3, x => Tensor.Tanh(x[0] * x[1]) + x[2]);

    /// <summary>Finite only where x0 &gt; -1.</summary>
    public static Model Logarithm { get; } = Model.FromFunction(1, x => Tensor.Log(x[0] + 1));

    /// <summary>Two outputs: x0 and 2·x0·x1.</summary>
    public static Model TwoOutputs { get; } = Model.FromFunction(2, x => Tensor.Stack(x[0], 2 * x[0] * x[1]));

    /// <summary>Rows of three elements between -2 and 2, alike in every run.</summary>
    public static double[][] Rows(int count, int length = 3)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(_ => Row(random, length))];
    }

    private static double[] Row(Random random, int length) =>
        [.. Enumerable.Range(0, length).Select(_ => 4 * random.NextDouble() - 2)];
}
