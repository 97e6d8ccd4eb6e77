namespace Interact.Cli;

/// <summary>What the interactions of a whole model are ranked by.</summary>
internal enum DetectMethod
{
    /// <summary>Mixed partial derivatives at rows.</summary>
    MixedPartials,

    /// <summary>Mixed differences between pairs of rows.</summary>
    MixedDifferences,

    /// <summary>The weights of a network of dense layers.</summary>
    Weights,

    /// <summary>A method that explains rows by interactions of pairs.</summary>
    Explanations,
}
