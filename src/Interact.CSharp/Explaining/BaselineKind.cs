namespace Interact;

/// <summary>The ways to choose where paths start.</summary>
internal enum BaselineKind
{
    /// <summary>Every element is 0.</summary>
    Zeros,

    /// <summary>The column means of all rows.</summary>
    Mean,

    /// <summary>The column medians of all rows.</summary>
    Median,

    /// <summary>Each row itself, an image, blurred.</summary>
    Blurred,

    /// <summary>One point for all rows.</summary>
    Row,

    /// <summary>A point for every row.</summary>
    Rows,
}
