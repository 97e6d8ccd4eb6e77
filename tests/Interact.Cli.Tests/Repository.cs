using System.Runtime.CompilerServices;

namespace Interact.Cli.Tests;

/// <summary>Files of the repository that tests use.</summary>
internal static class Repository
{
    public static readonly string Root = Path.GetFullPath(Path.Combine(Here(), "../.."));

    /// <summary>The built command: src/Interact.Cli/bin has the same folders as tests/Interact.Cli.Tests/bin.</summary>
    public static readonly string Command = CommandBeside(new DirectoryInfo(AppContext.BaseDirectory));

    public static string SampleModel => Sample("model.onnx");

    public static string SampleRows => Sample("rows.csv");

    public static string Sample(string file) => Path.Combine(Root, "samples/breast-cancer", file);

    public static string Fixture(string file) => Path.Combine(Root, "tests/fixtures", file);

    private static string CommandBeside(DirectoryInfo output) =>
        Path.Combine(Root, "src/Interact.Cli/bin", output.Parent!.Name, output.Name, "interact.dll");

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
