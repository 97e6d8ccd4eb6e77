namespace Interact;

/// <summary>A model's value or derivative is NaN or infinite at a row, or on the path to it.</summary>
/// <remarks>The message is one line with the row, the place in the model, and what would mend it.</remarks>
public sealed class ModelEvaluationException : Exception
{
    internal ModelEvaluationException(int row, Exception cause)
        : base(cause.Message, cause) => Row = row;

    /// <summary>Number of the row, from 0.</summary>
    public int Row { get; }
}
