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
}
