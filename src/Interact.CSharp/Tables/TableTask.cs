namespace Interact;

/// <summary>What a network tells of a table's rows.</summary>
public enum TableTask
{
    /// <summary>Found out: text, two different numbers or at most ten whole ones are classes; other numbers a regression.</summary>
    Automatic,

    /// <summary>A number, in its own units.</summary>
    Regression,

    /// <summary>One of two classes: the network gives the log-odds of the positive one.</summary>
    Binary,

    /// <summary>One of several classes: the network gives a logit for each; of two, that of the second.</summary>
    MultiClass,
}
