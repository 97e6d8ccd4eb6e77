namespace Interact.Cli;

/// <summary>What the interactions of a whole model are ranked by.</summary>
internal enum DetectMethod
{
    /// <summary>Mixed partial derivatives, of any order.</summary>
    MixedPartials,

    /// <summary>Integrated Hessians of rows.</summary>
    IntegratedHessians,

    /// <summary>Expected Hessians of rows.</summary>
    ExpectedHessians,

    /// <summary>The weights of a network of dense layers.</summary>
    Weights,
}
