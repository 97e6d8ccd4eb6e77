namespace Interact;

/// <summary>Runs operator cases in the layout of the ONNX backend tests.</summary>
public static class Conformance
{
    /// <summary>Runs every case below a folder, in alphabetical order, each when it is asked for.</summary>
    /// <param name="folder">
    /// A folder with case folders at any depth: model.onnx beside test_data_set_* with input_*.pb and output_*.pb.
    /// </param>
    /// <param name="cancellationToken">Ends the run between two cases.</param>
    /// <returns>
    /// A result for each case. Floating outputs agree within 1e-7 + 1e-3 times the expected number; shapes, integers and
    /// truth values exactly.
    /// </returns>
    /// <exception cref="IOException">There is no such folder, or no case below it.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static IEnumerable<ConformanceResult> Run(string folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return Cancellable(Interop.RunCases(folder), cancellationToken);
    }

    private static IEnumerable<ConformanceResult> Cancellable(
        IEnumerable<ConformanceResult> results,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();

        foreach (ConformanceResult result in results)
        {
            yield return result;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
