using System.Runtime.InteropServices;

namespace Interact.Cli;

/// <summary>Ctrl-C, or a scheduler's request to end, as a cancellation: the run ends by itself and cleans up.</summary>
internal sealed class Interrupt : IDisposable
{
    private const int SignalOfInterrupt = 2;
    private const int SignalOfTermination = 15;

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interrupt() =>
        _registrations = [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Cancel(context, SignalOfInterrupt)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Cancel(context, SignalOfTermination)),
        ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>What shells expect of a process that a signal ended: 130 after Ctrl-C.</summary>
    public int ExitCode { get; private set; }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();

        _source.Dispose();
    }

    private void Cancel(PosixSignalContext context, int signal)
    {
        context.Cancel = true;
        ExitCode = Cli.ExitCode.Signalled + signal;
        _source.Cancel();
    }
}
