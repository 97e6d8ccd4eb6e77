namespace Interact.Cli;

/// <summary>What a run tells the program that started it.</summary>
internal static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Success = 0;

    /// <summary>Some row is not certified, some axiom does not hold, some operator case fails, or training diverged.</summary>
    public const int NotCertified = 1;

    /// <summary>Arguments, data or model are bad.</summary>
    public const int Refused = 2;

    /// <summary>Added to the number of the signal that ended the run.</summary>
    public const int Signalled = 128;
}
