namespace Interact;

/// <summary>What became of a column of a table.</summary>
public enum TrainedColumnKind
{
    /// <summary>Numbers, filled where they are missing.</summary>
    Numeric,

    /// <summary>Levels, each a column of zeros and ones.</summary>
    Categorical,

    /// <summary>Of no use.</summary>
    LeftOut,

    /// <summary>What the network tells.</summary>
    Target,
}
