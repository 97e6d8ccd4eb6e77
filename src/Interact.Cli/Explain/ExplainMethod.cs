namespace Interact.Cli;

/// <summary>The methods that explain rows.</summary>
internal enum ExplainMethod
{
    /// <summary>One number a pair of features.</summary>
    IntegratedHessians,

    /// <summary>One number a feature.</summary>
    IntegratedGradients,

    /// <summary>One number a pair of features, the mean over a background of baselines.</summary>
    ExpectedHessians,

    /// <summary>One number a feature, the mean over a background of baselines.</summary>
    ExpectedGradients,

    /// <summary>Shapley interaction index of pairs, and Shapley values.</summary>
    ShapleyInteractions,

    /// <summary>Shapley-Taylor index of pairs, and Shapley values.</summary>
    ShapleyTaylor,

    /// <summary>Interactions that a chain of dense layers divides its values by.</summary>
    ContextualDecomposition,

    /// <summary>Second derivatives at the row.</summary>
    InputHessian,

    /// <summary>Second derivatives at the row, times x - x' on both sides.</summary>
    HessianTimesInput,

    /// <summary>First derivatives at the row.</summary>
    Gradients,

    /// <summary>First derivatives at the row, times x - x'.</summary>
    GradientTimesInput,
}
