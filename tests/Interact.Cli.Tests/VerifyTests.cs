namespace Interact.Cli.Tests;

public class VerifyTests
{
    [Fact]
    public void The_axioms_hold_on_the_sample()
    {
        string printed = Cli.Run("verify", Repository.SampleModel, Repository.SampleRows, "--rows", "0..2")
            .Succeeded()
            .Output;

        Assert.Matches(@"(?m)^axiom +rows +worst residual +scale +worst row +holds\r?$", printed);

        foreach (
            string axiom in new[]
            {
                "completeness",
                "interaction completeness",
                "symmetry",
                "self completeness",
                "dummy",
                "linearity",
                "symmetry preservation",
                "implementation invariance",
            }
        )
            Assert.Matches($@"(?m)^{axiom} +3 +\S+ +\S+ +[012] +✓ yes\r?$", printed);

        Assert.Contains("✓ 3 rows, 8 of 8 axioms hold", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void Axioms_that_do_not_hold_are_told()
    {
        string model = Repository.Fixture("diabetes_mlp_relu/model.onnx");
        string rows = Repository.Fixture("diabetes_mlp_relu/inputs.csv");
        CliResult result = Cli.Run("verify", model, rows, "--rows", "0..0", "--smooth", "1e9");

        Assert.Equal(1, result.ExitCode);
        string line = Assert.Single(result.ErrorLines);
        Assert.Contains("axioms not satisfied: completeness (row 0)", line, StringComparison.Ordinal);
        Assert.Contains("lower --smooth", line, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^completeness +1 .*✗ not on 1 row\r?$", result.Output);

        Cli.Run("verify", model, rows, "--rows", "0..0").Succeeded();
    }
}
