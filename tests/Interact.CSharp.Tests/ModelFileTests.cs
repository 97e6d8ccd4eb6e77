using System.Security.Cryptography;

namespace Interact.CSharp.Tests;

public class ModelFileTests
{
    [Fact]
    public void A_loaded_model_knows_where_it_comes_from()
    {
        Model model = Model.Load(Repository.Sample("model.onnx"));

        byte[] hash = SHA256.HashData(File.ReadAllBytes(Repository.Sample("model.onnx")));
        Assert.Equal(new ModelSource("model.onnx", Convert.ToHexStringLower(hash)), model.Source);
        Assert.Equal("x", model.InputName);
        Assert.Equal(30, model.InputSize);
        Assert.Equal(1, model.OutputSize);
        Assert.Empty(model.Warnings);
        Assert.Null(Examples.TwoOutputs.Source);
        Assert.Null(Examples.TwoOutputs.InputName);
    }

    [Fact]
    public void The_output_is_chosen_by_name()
    {
        string path = Repository.Fixture("wine_mlp_softmax/model.onnx");
        double[] row = RowTable.Load(Repository.Fixture("wine_mlp_softmax/inputs.csv"))[0];

        double[] logits = Model.Load(path).Evaluate(row);
        double[] probabilities = Model.Load(path, new ModelLoadOptions { Output = "probs" }).Evaluate(row);

        double total = logits.Sum(Math.Exp);
        Assert.Equal(logits.Select(logit => Math.Exp(logit) / total), probabilities, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void An_output_that_does_not_exist_is_refused()
    {
        string path = Repository.Fixture("wine_mlp_softmax/model.onnx");

        var problem = Assert.Throws<ModelImportException>(() =>
            Model.Load(path, new ModelLoadOptions { Output = "odds" })
        );

        Assert.Contains("'odds'", problem.Message, StringComparison.Ordinal);
        Assert.Contains("'probs'", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_model_is_refused()
    {
        string path = Repository.Sample("rows.csv");

        var problem = Assert.Throws<ModelImportException>(() => Model.Load(path));

        ModelProblem only = Assert.Single(problem.Problems);
        Assert.Equal(path, only.Place);
        Assert.Equal(only.ToString(), problem.Message);
        Assert.Throws<ModelImportException>(() => Model.Load("no such file.onnx"));
        Assert.Throws<ModelImportException>(() => ModelInspection.Load(path));
    }

    [Fact]
    public void A_message_has_a_line_for_each_problem()
    {
        ModelProblem[] problems = [new("node 'a' (Foo)", "is unknown"), new("input 'x'", "has no shape")];

        var problem = new ModelImportException(problems);

        Assert.Equal("node 'a' (Foo): is unknown\ninput 'x': has no shape", problem.Message);
        Assert.Equal(problems, problem.Problems);
    }

    [Fact]
    public void An_inspection_tells_what_is_in_the_file()
    {
        ModelInspection found = ModelInspection.Load(Repository.Sample("model.onnx"));

        Assert.True(found.IsExplainable);
        Assert.Equal("model.onnx", found.Source.File);
        Assert.Equal("x", Assert.Single(found.Inputs).Name);
        Assert.Equal("30", found.Inputs[0].Shape[1]);
        Assert.Equal("logit", Assert.Single(found.Outputs).Name);
        Assert.Equal("logit", found.ExplainedOutput);
        Assert.Equal([new("Gemm", 3), new("Tanh", 2)], found.Operators);
        Assert.Equal([new OperatorSet("", 13)], found.OperatorSets);
        Assert.Equal(30 * 64 + 64 + 64 * 32 + 32 + 32 + 1, found.Parameters);
        Assert.Empty(found.Kinks);
        Assert.Empty(found.Problems);
        Assert.NotEmpty(found.Producer);
    }

    [Fact]
    public void An_inspection_tells_whether_an_inner_tensor_can_be_explained()
    {
        string path = Repository.Fixture("breast_cancer_two_inputs/model.onnx");
        Assert.True(ModelInspection.Load(path, new ModelLoadOptions { At = "/emb/Gather_output_0" }).IsExplainable);

        ModelInspection refused = ModelInspection.Load(path, new ModelLoadOptions { At = "/emb/Gather_output_1" });
        Assert.Null(refused.ExplainedOutput);
        Assert.Contains("the nearest names are '/emb/Gather_output_0'", Assert.Single(refused.Problems).ToString());

        Assert.Throws<ArgumentException>(() =>
            ModelInspection.Load(path, new ModelLoadOptions { Input = "numeric", AllInputs = true })
        );
    }

    [Fact]
    public void An_inspection_names_kinks()
    {
        ModelInspection found = ModelInspection.Load(Repository.Fixture("diabetes_mlp_relu/model.onnx"));

        Assert.Equal([new OperatorCount("Relu", 2)], found.Kinks);
    }

    [Fact]
    public void Limits_of_what_a_file_may_ask_for_have_the_defaults_of_the_core_and_hold()
    {
        var limits = new ModelLimits();
        Core.Onnx.ImportLimits core = Core.Onnx.ImportLimitsModule.defaults;

        foreach (System.Reflection.PropertyInfo property in typeof(ModelLimits).GetProperties())
            Assert.Equal(core.GetType().GetProperty(property.Name)!.GetValue(core), property.GetValue(limits));

        var problem = Assert.Throws<ModelImportException>(() =>
            Model.Load(Repository.Sample("model.onnx"), new ModelLoadOptions { Limits = limits with { Nodes = 1 } })
        );

        Assert.Contains("more than 1 nodes", problem.Message, StringComparison.Ordinal);
    }
}
