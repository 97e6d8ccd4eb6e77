namespace Interact.Cli.Tests;

public class InspectTests
{
    [Fact]
    public void The_sample_is_described()
    {
        string printed = Cli.Run("inspect", Repository.SampleModel).Succeeded().Output;

        foreach (
            string line in new[]
            {
                "file +model.onnx",
                "sha256 +ec40b644bb4756310b6dbe02299eb1aa1a7794a968f2ccf2d63105e3ff868b62",
                "producer +pytorch 1.13.0",
                "operator sets +ai.onnx 13",
                "inputs +x: FLOAT N x 30",
                "outputs +logit: FLOAT N x 1",
                "operators +Gemm: 3 nodes",
                " +Tanh: 2 nodes",
                "parameters +4,097",
                "kinks +none: .*",
                "problems +none",
                "explained +'x': 1 x 30, 30 features",
                "explainable +✓ yes: 30 columns of 'x' to one number a row of 'logit'",
            }
        )
            Assert.Matches($"(?m)^{line}\r?$", printed);
    }

    [Fact]
    public void A_tensor_inside_the_model_is_described_with_its_shape()
    {
        string model = Repository.Fixture("breast_cancer_two_inputs/model.onnx");
        string at = "/emb/Gather_output_0";

        Assert.Matches(
            $"explained +tensor '{at}': 1 x 3 x 4, 12 features; a row of data has 3 columns",
            Cli.Run("inspect", model, "--input", "codes", "--at", at).Succeeded().Output
        );

        CliResult refused = Cli.Run("inspect", model, "--at", "Gather_output");
        Assert.Equal(2, refused.ExitCode);
        Assert.Matches($"nearest names are '{at}'", refused.Output);
    }

    [Fact]
    public void Kinks_are_told_with_what_becomes_of_them() =>
        Assert.Matches(
            @"kinks +Relu \(2 nodes\): the slope jumps there.*counts them in exactly",
            Cli.Run("inspect", Repository.Fixture("diabetes_mlp_relu/model.onnx")).Succeeded().Output
        );

    [Fact]
    public void Values_that_jump_are_not_promised_to_be_exact()
    {
        using var folder = new TemporaryFolder();
        byte[][] nodes = [OnnxModel.Node("a", "Floor", "x", "h"), OnnxModel.Node("b", "Relu", "h", "y")];
        string path = folder.Write("model.onnx", OnnxModel.Create(3, nodes));
        string printed = Cli.Run("inspect", path).Succeeded().Output;
        Assert.Matches(@"kinks +Relu \(1 node\): the slope jumps there.*counts them in exactly", printed);
        Assert.Matches(@"Floor \(1 node\): the value jumps there; .* not certified", printed);
    }
}
