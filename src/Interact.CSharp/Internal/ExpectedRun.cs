namespace Interact;

/// <summary>Rows to explain against a background.</summary>
/// <param name="Tasks">The rows.</param>
/// <param name="Count">How many there are; the largest integer where that is not known.</param>
/// <param name="Options">Background, threads, and what the core is told.</param>
/// <param name="Report">Told which part of the next row's paths is done.</param>
/// <param name="CancellationToken">Stops the computation.</param>
internal sealed record ExpectedRun(
    IEnumerable<RowTask> Tasks,
    int Count,
    ExpectedMethodOptions Options,
    Action<double> Report,
    CancellationToken CancellationToken
);
