namespace Interact;

/// <summary>How far the explanation of several rows has come.</summary>
/// <param name="Completed">Rows whose results have been handed out.</param>
/// <param name="Total">Rows in all; null where the sequence of rows does not tell before its end.</param>
/// <param name="Uncertified">Those of the completed rows whose certificate is not satisfied.</param>
public readonly record struct ExplainProgress(int Completed, int? Total, int Uncertified)
{
    /// <summary>
    /// Which part of the next row is done, from 0 to 1, where a row takes many paths (<see cref="ExpectedMethodOptions"/>); 0
    /// elsewhere.
    /// </summary>
    public double Underway { get; init; }
}
