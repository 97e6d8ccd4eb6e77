using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Interact;

/// <summary>Short names for numbers, so that files can tell whether two runs had the same ones.</summary>
internal static class Digest
{
    /// <summary>Hexadecimal digits: two different tables have the same ones once in 2^48.</summary>
    private const int Digits = 12;

    /// <summary>The first digits of the SHA-256 of all numbers, each row preceded by its length.</summary>
    public static string Of<T>(IEnumerable<T[]> rows)
        where T : unmanaged
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        foreach (T[] row in rows)
        {
            hash.AppendData(BitConverter.GetBytes(row.Length));
            hash.AppendData(MemoryMarshal.AsBytes(row.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Digits];
    }
}
