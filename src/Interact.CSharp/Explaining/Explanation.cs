using System.Collections;

namespace Interact;

/// <summary>
/// The explanations of several rows, in the order of the rows: computed on several threads while they are enumerated, a
/// few rows ahead of the reader, and held no longer than the reader holds them.
/// </summary>
/// <remarks>
/// Enumerating again computes again. While enumerating, ArgumentException is raised for a row that does not fit the
/// model (sooner for rows whose number is known), ModelEvaluationException where the model is not finite on a row's
/// path, and OperationCanceledException. Leaving the loop early stops the computation.
/// </remarks>
/// <typeparam name="TResult">The explanation of one row.</typeparam>
public sealed class Explanation<TResult> : IEnumerable<TResult>
    where TResult : AttributionResult
{
    private readonly IEnumerable<TResult> _results;

    internal Explanation(ExplanationHeader header, int? count, IEnumerable<TResult> results)
    {
        Header = header;
        RowCount = count;
        _results = results;
    }

    /// <summary>Method, model and names of the features.</summary>
    public ExplanationHeader Header { get; }

    /// <summary>How many rows will come; null where the sequence of rows does not tell before its end.</summary>
    public int? RowCount { get; }

    /// <summary>Explains the rows and writes the results to a file, in the format that its extension names.</summary>
    /// <param name="path">
    /// A .json, .csv or .npz file, made or replaced when it is complete; see <see cref="ExplanationFile"/>.
    /// </param>
    /// <exception cref="ArgumentException">The extension is none of these.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => ExplanationFile.Write(path, Header, this);

    /// <inheritdoc/>
    public IEnumerator<TResult> GetEnumerator() => _results.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
