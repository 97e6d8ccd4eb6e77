namespace Interact.Cli.Tests;

public class ConformanceTests
{
    private static readonly byte[] s_absolute = OnnxModel.Create(2, OnnxModel.Node("", "Abs", "x", "y"));

    [Fact]
    public void Cases_that_pass_are_counted()
    {
        using var folder = new TemporaryFolder();
        WriteCase(folder, "test_abs", s_absolute, [-1, 2], [1, 2]);

        Assert.Equal("1 passed, 0 failed, 0 skipped\n", Output(Cli.Run("conformance", folder["."]).Succeeded()));
    }

    [Fact]
    public void Cases_that_fail_or_are_skipped_have_a_line_each()
    {
        using var folder = new TemporaryFolder();
        WriteCase(folder, "test_abs", s_absolute, [-1, 2], [1, 2]);
        WriteCase(folder, "test_bad", s_absolute, [-1, 2], [1, 3]);
        byte[] fancy = OnnxModel.Create(2, OnnxModel.Node("", "Fancy", "x", "y"));
        WriteCase(folder, "test_fancy", fancy, [-1, 2], [1, 2]);

        CliResult result = Cli.Run("conformance", folder["."]);

        string[] lines = Output(result).Split('\n');
        Assert.Equal("failed test_bad: output 'y' is 2 at element 1 where 3 is expected", lines[0]);
        Assert.StartsWith("skipped test_fancy: node of 'y' (Fancy): ", lines[1], StringComparison.Ordinal);
        Assert.Equal("1 passed, 1 failed, 1 skipped", lines[2]);
        Assert.Equal("", result.Error);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public void A_damaged_case_is_told_with_its_file_and_the_others_are_run()
    {
        using var folder = new TemporaryFolder();
        WriteCase(folder, "test_abs", s_absolute, [-1, 2], [1, 2]);
        WriteCase(folder, "test_cut", s_absolute[..20], [-1, 2], [1, 2]);

        CliResult result = Cli.Run("conformance", folder["."]);

        Assert.EndsWith("1 passed, 1 failed, 0 skipped\n", Output(result), StringComparison.Ordinal);
        Assert.Contains(
            "model.onnx: not a readable ONNX model",
            Assert.Single(result.ErrorLines),
            StringComparison.Ordinal
        );
        Assert.Equal(2, result.ExitCode);
    }

    [Fact]
    public void A_folder_without_cases_is_refused()
    {
        using var folder = new TemporaryFolder();

        Cli.Run("conformance", folder["."]).IsRefused("no case in it");
        Cli.Run("conformance", folder["absent"]).IsRefused("absent", "no such folder");
        Cli.Run("conformance").IsRefused("DIR is missing");
    }

    private static string Output(CliResult result) => result.Output.ReplaceLineEndings("\n");

    private static void WriteCase(TemporaryFolder folder, string name, byte[] model, float[] input, float[] output)
    {
        Directory.CreateDirectory(folder[$"{name}/test_data_set_0"]);
        folder.Write($"{name}/model.onnx", model);
        folder.Write($"{name}/test_data_set_0/input_0.pb", OnnxModel.Row(input));
        folder.Write($"{name}/test_data_set_0/output_0.pb", OnnxModel.Row(output));
    }
}
