namespace Interact.Cli.Tests;

public class CommandLineTests
{
    [Fact]
    public void Help_names_the_commands_and_the_exit_codes()
    {
        string printed = Cli.Run("--help").Succeeded().Output;

        foreach (string text in new[] { "explain", "inspect", "verify", "conformance", "130  interrupted" })
            Assert.Contains(text, printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("explain", "--method", "--top", "--shard", "default: 1e-6")]
    [InlineData("inspect", "MODEL")]
    [InlineData("verify", "--smooth", "--rows")]
    public void Help_of_a_command_ends_with_an_example(string command, params string[] texts)
    {
        string printed = Cli.Run(command, "--help").Succeeded().Output;

        foreach (string text in texts)
            Assert.Contains(text, printed, StringComparison.Ordinal);

        Assert.Contains(
            $"Example:\n  interact {command} model.onnx",
            printed.ReplaceLineEndings("\n"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Version_is_three_numbers() =>
        Assert.Matches(@"^\d+\.\d+\.\d+\s*$", Cli.Run("--version").Succeeded().Output);

    [Theory]
    [InlineData("no command is given")]
    [InlineData("unknown command 'foretell'", "foretell")]
    [InlineData("unknown option '--exactly'", "explain", "--exactly", "model.onnx", "rows.csv")]
    [InlineData("unknown option '--exactly'", "explain", "model.onnx", "rows.csv", "--exactly")]
    [InlineData(
        "--exact and --smooth exclude each other",
        "verify",
        "model.onnx",
        "rows.csv",
        "--exact",
        "--smooth",
        "2"
    )]
    [InlineData("unknown option '--backgrounds'", "explain", "model.onnx", "rows.csv", "--backgrounds=rows.csv")]
    [InlineData("unknown option '-x'", "explain", "model.onnx", "rows.csv", "-x")]
    [InlineData("unknown option '--groups'", "verify", "model.onnx", "rows.csv", "--groups", "groups.json")]
    [InlineData("MODEL is missing", "explain")]
    [InlineData("DATA is missing", "verify", "model.onnx")]
    [InlineData("'more' is one argument too many", "inspect", "model.onnx", "more")]
    [InlineData("--smooth has no value", "explain", "model.onnx", "rows.csv", "--smooth")]
    [InlineData("--smooth is given twice", "explain", "model.onnx", "rows.csv", "--smooth", "1", "--smooth", "2")]
    [InlineData("--smooth -1: give a positive number", "explain", "model.onnx", "rows.csv", "--smooth", "-1")]
    [InlineData("--tolerance 0: give a positive number", "explain", "model.onnx", "rows.csv", "--tolerance", "0")]
    [InlineData("--tolerance NaN: give a positive number", "verify", "model.onnx", "rows.csv", "--tolerance", "NaN")]
    [InlineData("--tolerance -1e-6: give", "verify", "model.onnx", "rows.csv", "--tolerance", "-1e-6")]
    [InlineData("--rows 5..2: give the first", "explain", "model.onnx", "rows.csv", "--rows", "5..2")]
    [InlineData("--rows 5: give the first", "explain", "model.onnx", "rows.csv", "--rows", "5")]
    [InlineData("--shard 0/4: give the part", "explain", "model.onnx", "rows.csv", "--shard", "0/4")]
    [InlineData("--shard 5/4: give the part", "explain", "model.onnx", "rows.csv", "--shard", "5/4")]
    [InlineData("--threads 0: give an integer from 1", "explain", "model.onnx", "rows.csv", "--threads", "0")]
    [InlineData("--top x: give an integer from 1", "explain", "model.onnx", "rows.csv", "--top", "x")]
    [InlineData("--target last: give an index", "explain", "model.onnx", "rows.csv", "--target", "last")]
    [InlineData(
        "--method saliency: give integrated-hessians",
        "explain",
        "model.onnx",
        "rows.csv",
        "--method",
        "saliency"
    )]
    public void Bad_arguments_are_told_in_one_line(string problem, params string[] args)
    {
        CliResult result = Cli.Run(args);

        string line = Assert.Single(result.ErrorLines);
        Assert.StartsWith($"interact: {problem}", line, StringComparison.Ordinal);
        Assert.Equal("", result.Output);
        Assert.Equal(2, result.ExitCode);
    }
}
