namespace Interact.Cli.Tests;

public class PrecisionTests
{
    [Fact]
    public void Single_precision_is_certified_where_the_tolerance_allows_it()
    {
        using var folder = new TemporaryFolder();

        Explain("--precision", "single", "--tolerance", "1e-4", "--out", folder["out.json"]).Succeeded();

        Assert.Contains(
            "\"precision\":\"single\"",
            File.ReadAllText(folder["out.json"]).Replace(" ", "", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Single_precision_does_not_pass_for_double()
    {
        CliResult result = Explain("--precision", "single", "--tolerance", "1e-12");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--precision double", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--memory", "0")]
    [InlineData("--memory", "abc")]
    [InlineData("--memory", "1")]
    [InlineData("--memory", "10KB")]
    [InlineData("--precision", "half")]
    public void Other_values_are_refused(string option, string value)
    {
        CliResult result = Explain(option, value);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{option} {value}: give", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1MB")]
    [InlineData("1.5 GB")]
    [InlineData("2gib")]
    public void Sizes_of_memory_have_units(string size) => Explain("--memory", size).Succeeded();

    [Fact]
    public void Axioms_are_checked_in_double_precision_only() =>
        Cli.Run("verify", Repository.SampleModel, Repository.SampleRows, "--rows", "0..0", "--precision", "single")
            .IsRefused("--precision single", "leave it out");

    private static CliResult Explain(params string[] options) =>
        Cli.Run(["explain", Repository.SampleModel, Repository.SampleRows, "--rows", "0..2", .. options]);
}
