namespace Interact;

/// <summary>Results that are written as JSON or as comma-separated text, by the extension of the file.</summary>
internal static class ResultFile
{
    /// <summary>Writes a file that is there whole or not at all.</summary>
    /// <exception cref="ArgumentException">The extension is neither .json nor .csv.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> writeJson, Action<StreamWriter> writeCsv)
    {
        ArgumentNullException.ThrowIfNull(path);

        Action<Stream> write = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".JSON" => writeJson,
            ".CSV" => stream =>
            {
                using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
                writeCsv(text);
            },
            _ => throw new ArgumentException(
                $"{path}: its extension is none of those that are written; use .json or .csv.",
                nameof(path)
            ),
        };

        Interop.WriteAtomically(path, write);
    }
}
