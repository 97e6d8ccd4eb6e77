namespace Interact.Cli;

/// <summary>What methods are called, and what they need and give.</summary>
internal static class ExplainMethods
{
    private static readonly Dictionary<string, ExplainMethod> Named = new()
    {
        ["integrated-hessians"] = ExplainMethod.IntegratedHessians,
        ["integrated-gradients"] = ExplainMethod.IntegratedGradients,
        ["shapley-interactions"] = ExplainMethod.ShapleyInteractions,
        ["shapley-taylor"] = ExplainMethod.ShapleyTaylor,
        ["contextual-decomposition"] = ExplainMethod.ContextualDecomposition,
        ["input-hessian"] = ExplainMethod.InputHessian,
        ["hessian-times-input"] = ExplainMethod.HessianTimesInput,
        ["gradients"] = ExplainMethod.Gradients,
        ["gradient-times-input"] = ExplainMethod.GradientTimesInput,
    };

    /// <exception cref="FormatException">No method has this name.</exception>
    public static ExplainMethod? Parse(string text) =>
        Named.TryGetValue(text, out ExplainMethod method)
            ? method
            : throw new FormatException($"give {string.Join(", ", Named.Keys.SkipLast(1))} or {Named.Keys.Last()}");

    /// <summary>The name on the command line and in files.</summary>
    public static string Name(this ExplainMethod method) => Named.First(item => item.Value == method).Key;

    /// <summary>The name in titles: "Integrated Hessians".</summary>
    public static string Title(this ExplainMethod method) =>
        string.Join(' ', method.Name().Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    /// <summary>Whether the method gives numbers for pairs.</summary>
    public static bool HasPairs(this ExplainMethod method) =>
        method
            is not (ExplainMethod.IntegratedGradients or ExplainMethod.Gradients or ExplainMethod.GradientTimesInput);

    /// <summary>Whether the method compares coalitions of features, which may be drawn.</summary>
    public static bool HasCoalitions(this ExplainMethod method) =>
        method is ExplainMethod.ShapleyInteractions or ExplainMethod.ShapleyTaylor;

    /// <summary>Whether the method is one of those that others are compared with.</summary>
    public static bool IsComparator(this ExplainMethod method) =>
        method.HasCoalitions()
        || method
            is ExplainMethod.ContextualDecomposition
                or ExplainMethod.InputHessian
                or ExplainMethod.HessianTimesInput
                or ExplainMethod.Gradients
                or ExplainMethod.GradientTimesInput;

    /// <summary>Whether the method promises that its numbers add up to f(x) - f(baseline).</summary>
    public static bool AddsUp(this ExplainMethod method) => !method.IsComparator() || method.HasCoalitions();
}
