using System.IO.Compression;
using System.Text;

namespace Interact.Tests;

/// <summary>Files of named arrays, written byte by byte after NumPy's description of the format.</summary>
internal static class NpzFile
{
    public static string Write(string path, params (string Name, int[] Shape, double[] Values)[] arrays)
    {
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);

        foreach ((string name, int[] shape, double[] values) in arrays)
        {
            using Stream stream = archive.CreateEntry($"{name}.npy").Open();
            string sizes = shape.Length == 1 ? $"{shape[0]}," : string.Join(", ", shape);
            string header = $"{{'descr': '<f8', 'fortran_order': False, 'shape': ({sizes}), }}";
            header = header.PadRight(117) + "\n";
            stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header)]);

            foreach (double value in values)
                stream.Write(BitConverter.GetBytes(value));
        }

        return path;
    }
}
