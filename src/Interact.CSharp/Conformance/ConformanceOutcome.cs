namespace Interact;

/// <summary>What an operator case came to.</summary>
public enum ConformanceOutcome
{
    /// <summary>Every output is as expected.</summary>
    Passed,

    /// <summary>Some output is not as expected.</summary>
    Failed,

    /// <summary>The model has operators or types that cannot be imported.</summary>
    Skipped,

    /// <summary>A file of the case is damaged or missing.</summary>
    Unreadable,
}
