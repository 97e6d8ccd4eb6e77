namespace Interact.Cli;

/// <summary>The methods that explain rows.</summary>
internal enum ExplainMethod
{
    /// <summary>One number a pair of features.</summary>
    IntegratedHessians,

    /// <summary>One number a feature.</summary>
    IntegratedGradients,
}
