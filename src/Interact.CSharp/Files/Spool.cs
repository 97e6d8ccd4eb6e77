using System.Runtime.InteropServices;

namespace Interact;

/// <summary>
/// Numbers kept in a nameless place on disk until all are there: for arrays that are too large to hold.
/// </summary>
/// <param name="folder">Where the temporary file stands, which is deleted when the spool is disposed.</param>
internal sealed class Spool(string folder) : IDisposable
{
    private readonly Core.Data.DiskStream _file = new(
        folder,
        new FileStream(
            Path.Combine(folder, $"{Path.GetRandomFileName()}.tmp"),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Options = FileOptions.DeleteOnClose,
                BufferSize = 1 << 16,
            }
        )
    );

    /// <summary>Adds numbers, bit for bit.</summary>
    public void Add(ReadOnlySpan<double> values) => _file.Write(MemoryMarshal.AsBytes(values));

    /// <summary>All numbers, from the first, as bytes in the machine's order.</summary>
    public Stream Rewind()
    {
        _file.Position = 0;
        return _file;
    }

    public void Dispose() => _file.Dispose();
}
