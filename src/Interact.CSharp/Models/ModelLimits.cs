namespace Interact;

/// <summary>
/// How much a model file may ask for before it is refused: a file may come from anybody, and a thousand bytes can
/// promise terabytes. The defaults are far above what exported networks need.
/// </summary>
public sealed record ModelLimits
{
    /// <summary>Bytes of the model's file and of those that hold its weights, together; 16 GiB by default.</summary>
    public long Bytes { get; init; } = 16L << 30;

    /// <summary>Messages in the file: nodes, attributes, tensors, dimensions; 5,000,000 by default.</summary>
    public int Messages { get; init; } = 5_000_000;

    /// <summary>Messages, graphs and calls inside each other; 64 by default.</summary>
    public int Depth { get; init; } = 64;

    /// <summary>
    /// Graphs in the file: branches and bodies of loops, whether they are taken or not; 10,000 by default.
    /// </summary>
    public int Graphs { get; init; } = 10_000;

    /// <summary>
    /// Nodes, each counted as often as it is imported: in a function at every call, in a loop at every turn; 100,000 by
    /// default. A turn of a loop and an operand of a sum, mean, maximum or
    /// minimum count as nodes, too, and each gate in each step of a recurrent layer counts as five.
    /// </summary>
    public int Nodes { get; init; } = 100_000;

    /// <summary>Axes of a value; 32 by default.</summary>
    public int Rank { get; init; } = 32;

    /// <summary>Elements of a value; 2²⁸ by default.</summary>
    public long Elements { get; init; } = 1L << 28;

    /// <summary>
    /// Bytes that a value may take, and all that is computed once from constants together, however small the file; 64
    /// MiB by default. One evaluation may take four times as much.
    /// </summary>
    public long Memory { get; init; } = 64L << 20;

    /// <summary>
    /// How many times the bytes of the files, and of one input for what depends on it, they may take where that is more;
    /// 100 by default.
    /// </summary>
    public double Amplification { get; init; } = 100;

    /// <summary>How long an import may take; a minute by default.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(1);
}
