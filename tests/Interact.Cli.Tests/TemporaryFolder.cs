namespace Interact.Cli.Tests;

/// <summary>A folder that is deleted with all that is in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("interact-");

    public IEnumerable<string> Files =>
        _folder.EnumerateFileSystemInfos().Select(file => file.Name).Order(StringComparer.Ordinal);

    public string this[string file] => Path.Combine(_folder.FullName, file);

    /// <summary>The sizes of files whose names match.</summary>
    public IEnumerable<long> Sizes(string pattern) => _folder.EnumerateFiles(pattern).Select(file => file.Length);

    public string Write(string file, string text)
    {
        File.WriteAllText(this[file], text);
        return this[file];
    }

    public string Write(string file, byte[] bytes)
    {
        File.WriteAllBytes(this[file], bytes);
        return this[file];
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
