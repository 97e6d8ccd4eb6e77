using System.Runtime.CompilerServices;

namespace Interact.CSharp.Tests;

/// <summary>Files of the repository that tests read.</summary>
internal static class Repository
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Here(), "../.."));

    public static string Sample(string file) => Path.Combine(Root, "samples/breast-cancer", file);

    public static string Fixture(string file) => Path.Combine(Root, "tests/fixtures", file);

    public static string Source(string folder) => Path.Combine(Root, folder);

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
