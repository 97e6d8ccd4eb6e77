namespace Interact.CSharp.Tests;

public class ConformanceTests
{
    [Fact]
    public void A_case_that_cannot_be_read_is_a_result()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["model.onnx"], "no model");

        ConformanceResult result = Assert.Single(Conformance.Run(folder["."]));

        Assert.Equal(ConformanceOutcome.Unreadable, result.Outcome);
        Assert.Contains("model.onnx: not an ONNX model", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_cases_is_refused()
    {
        using var folder = new TemporaryFolder();

        Assert.Contains(
            "no case in it",
            Assert.Throws<IOException>(() => Conformance.Run(folder["."])).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentNullException>(() => Conformance.Run(null!));
    }

    [Fact]
    public void A_run_can_be_cancelled()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["model.onnx"], "no model");

        IEnumerable<ConformanceResult> run = Conformance.Run(folder["."], new CancellationToken(canceled: true));

        Assert.Throws<OperationCanceledException>(() => run.Count());
    }
}
