namespace Interact.Cli;

/// <summary>The file that results are written to, checked before they are computed.</summary>
internal static class OutputFile
{
    /// <summary>The file of a part of the rows beside that of all: out.part-1-of-4.json for out.json.</summary>
    public static string OfShard(string path, Shard shard) =>
        Path.ChangeExtension(path, $"part-{shard.Number}-of-{shard.Count}{Path.GetExtension(path)}");

    /// <summary>Checks that the file can be written, and is none of those that are read.</summary>
    /// <exception cref="CommandException">It cannot.</exception>
    public static void Check(string path, params IEnumerable<string?> inputs) =>
        CheckFormat(path, [".json", ".csv", ".npz"], inputs);

    /// <summary>Checks that the file has one of the extensions, can be written, and is none of those that are read.</summary>
    /// <exception cref="CommandException">It is not so.</exception>
    public static void CheckFormat(string path, string[] extensions, IEnumerable<string?> inputs)
    {
        if (!extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
        {
            string known = $"{string.Join(", ", extensions[..^1])} or {extensions[^1]}";
            throw new CommandException($"--out {path}: the extension names no format; use {known}");
        }

        string full = Path.GetFullPath(path);

        if (inputs.Any(input => input is not null && Path.GetFullPath(input) == full))
            throw new CommandException($"--out {path}: it would replace a file that is read; name another file");

        if (Directory.Exists(full))
            throw new CommandException($"--out {path}: a folder; give the path of a file in it");

        string folder = Path.GetDirectoryName(full)!;

        if (!Directory.Exists(folder))
            throw new CommandException(
                $"--out {path}: its folder does not exist; make the folder, or name another one"
            );

        if (!CanWriteIn(folder))
            throw new CommandException($"--out {path}: its folder cannot be written; name another one");
    }

    /// <summary>Writes the file, and tells what the disk refuses, such as a disk that is full by now.</summary>
    /// <exception cref="CommandException">The file cannot be written.</exception>
    public static void Write(Action write)
    {
        try
        {
            write();
        }
        catch (IOException problem)
        {
            throw new CommandException($"--out {problem.Message}");
        }
    }

    private static bool CanWriteIn(string folder)
    {
        try
        {
            string trial = Path.Combine(folder, $"{Path.GetRandomFileName()}.tmp");
            using FileStream _ = new(
                trial,
                FileMode.CreateNew,
                FileAccess.Write,
                FileShare.None,
                1,
                FileOptions.DeleteOnClose
            );
            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
