namespace Interact;

/// <summary>Writes explanations to files that are there whole or not at all.</summary>
/// <remarks>
/// <para>A file is written under a temporary name in its folder, row by row, and gets its own name when it is complete.
/// Whatever goes wrong before, cancellation included, leaves what stood there before and no other file.</para>
/// <para><b>.json</b>: schema "interact.explanation/1", one row a line. Numbers read back to the same double; a
/// residual or error estimate that is not finite is null. <c>interactions</c> is the full symmetric matrix, each pair
/// twice and main effects on the diagonal. <c>settings</c> tells what else decides the numbers
/// (<see cref="ExplanationHeader.Settings"/>).</para>
/// <para><b>.csv</b>: one number a line, to filter, sort and pivot. The columns are row, target, value, baselineValue,
/// kind, first, second, amount, satisfied, completenessResidual, rowResidual, errorEstimate, evaluations, method,
/// standardError. The last is that of the row's least certain attribution or cell Γ_ij, and empty where nothing was drawn.
/// <c>kind</c> is <c>attribution</c> (of the feature in <c>first</c>), <c>main</c> (the main effect of the feature in
/// <c>first</c>) or <c>interaction</c> (of the features in <c>first</c> and <c>second</c>). Each pair stands once, with
/// its whole effect Γ_ij + Γ_ji, so that the amounts of a row's attributions add up to value - baselineValue, and so do
/// those of its main effects and interactions together.</para>
/// <para><b>.npz</b>: arrays for NumPy, N rows of n features: <c>rows</c>, <c>targets</c>, <c>evaluations</c> (N,
/// integers), <c>values</c>, <c>baselineValues</c>, <c>completenessResiduals</c>, <c>rowResiduals</c>,
/// <c>errorEstimates</c> (N), <c>satisfied</c> (N, booleans), <c>attributions</c> (N x n), <c>interactions</c> (N x n x
/// n, symmetric), <c>features</c> (n, text), <c>methods</c> (N, text: the quadrature), <c>method</c>, <c>model</c> and
/// <c>sha256</c> (single texts, empty where the model was written in code). Without interactions, <c>interactions</c>
/// and <c>rowResiduals</c> are absent; where baselines were drawn there are <c>standardErrors</c> (N).</para>
/// <para><b>Parts of matrices</b> (<see cref="InteractionPart"/>) have no <c>interactions</c>. In .json, <c>rowsOf</c> beside
/// <c>features</c> names the features whose rows of the matrix follow, and <c>rowsOf</c> of each row holds those; or
/// <c>pairs</c> beside <c>features</c> names pairs, and <c>pairs</c> of each row holds one cell for each. In .npz these
/// are <c>rowsOf</c> (k indices) and <c>interactionRows</c> (N x k x n), or <c>pairs</c> (k x 2 indices) and
/// <c>interactionPairs</c> (N x k). In .csv the computed main effects and pairs stand as always.</para>
/// </remarks>
public static class ExplanationFile
{
    /// <summary>Writes results to a file, in the format that its extension names.</summary>
    /// <param name="path">A .json, .csv or .npz file, in a folder that exists; replaced if it exists.</param>
    /// <param name="header">What the results have in common.</param>
    /// <param name="results">
    /// The results, which are enumerated once; all with interactions, or all without. What they raise passes through.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The extension is none of these, or a result has not as many features as the header, or only some have
    /// interactions.
    /// </exception>
    /// <exception cref="IOException">
    /// The file cannot be written; the message is one line with the file and what would mend it.
    /// </exception>
    public static void Write(string path, ExplanationHeader header, IEnumerable<AttributionResult> results)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(results);

        IEnumerable<AttributionResult> alike = Alike(header, results);

        Action<Stream> write = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".JSON" => stream => JsonExplanation.Write(stream, header, alike),
            ".CSV" => stream => CsvExplanation.Write(stream, header, alike),
            ".NPZ" => stream =>
                NpzExplanation.Write(stream, Path.GetDirectoryName(Path.GetFullPath(path))!, header, alike),
            _ => throw new ArgumentException(
                $"{path}: its extension is none of those that are written; use one of .json, .csv, .npz.",
                nameof(path)
            ),
        };

        Interop.WriteAtomically(path, write);
    }

    /// <summary>
    /// The results, each checked to have the features of the header, and interactions if the first one has.
    /// </summary>
    private static IEnumerable<AttributionResult> Alike(
        ExplanationHeader header,
        IEnumerable<AttributionResult> results
    )
    {
        Type? kind = null;

        foreach (AttributionResult result in results)
        {
            if (result.Attributions.Count != header.FeatureNames.Count)
            {
                throw new ArgumentException(
                    $"Row {result.Row} has {result.Attributions.Count} features, and the header {header.FeatureNames.Count}.",
                    nameof(results)
                );
            }

            if (result.GetType() != (kind ??= result.GetType()))
                throw new ArgumentException("Some results have interactions, and others have none.", nameof(results));

            if (result is PartialInteractionResult && header.Part is null)
                throw new ArgumentException("The results hold a part of the interactions; set Part.", nameof(header));

            yield return result;
        }
    }
}
