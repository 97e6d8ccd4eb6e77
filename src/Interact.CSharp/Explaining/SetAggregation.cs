namespace Interact;

/// <summary>How the magnitudes of a set's derivatives at several rows become the one number that sets are ranked by.</summary>
public enum SetAggregation
{
    /// <summary>The mean over the rows.</summary>
    Mean,

    /// <summary>The median over the rows.</summary>
    Median,

    /// <summary>The smallest.</summary>
    Minimum,

    /// <summary>The largest.</summary>
    Maximum,
}
