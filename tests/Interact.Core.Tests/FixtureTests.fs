/// Results of the integrated methods against those of PyTorch in double precision.
module Interact.Core.Tests.FixtureTests

open System.IO
open System.Text.Json
open Xunit
open Interact.Core
open Interact.Core.Data
open Interact.Core.Onnx

let private fixtures = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", "fixtures"))

let private value result =
    match result with
    | Ok value -> value
    | Error problem -> invalidOp $"%A{problem}"

let private numbers (element: JsonElement) = element.EnumerateArray() |> Seq.map _.GetDouble() |> Array.ofSeq

/// One row of a fixture: what PyTorch found, and what it takes to find it again.
type private Reference = {
    Model: Model
    Target: int
    Input: float[]
    /// One, or those that are averaged over.
    Baselines: float[][]
    /// Where ReLUs switch, in the order of the path; none where the fixture does not tell.
    KinkTimes: float[]
    Attributions: float[]
    Interactions: float[][]
}

/// All rows of one target of a fixture. The files it names are taken relative to its folder.
let private references folder expectedFile modelFile targetId : Reference list =
    let inFolder name = Path.Combine(fixtures, folder, name)
    use document = JsonDocument.Parse(File.ReadAllText(inFolder expectedFile))
    let root = document.RootElement

    let target =
        root.GetProperty("targets").EnumerateArray()
        |> Seq.find (fun target -> target.GetProperty("id").GetString() = targetId)

    let model =
        inFolder modelFile
        |> OnnxModel.load { OnnxModel.defaults with Output = Option.ofObj (target.GetProperty("output").GetString()) }
        |> value

    let model =
        match target.GetProperty "activation_override" with
        | change when change.ValueKind = JsonValueKind.Object ->
            let beta = change.GetProperty "beta"
            Model.smooth (beta.GetDouble()) model
        | _ -> model

    let rows name = (DataFile.read (inFolder name) |> value).Rows
    let text (element: JsonElement) = string (element.GetString())

    let inputs =
        match root.TryGetProperty "inputs" with
        | true, inputs -> (Seq.head (inputs.EnumerateArray())).GetProperty "csv" |> text |> rows
        | false, _ -> rows "inputs.csv"

    let baseline = target.GetProperty "baseline_csv" |> text |> rows

    [
        for result in target.GetProperty("results").EnumerateArray() do
            let index =
                match result.TryGetProperty "output_index" with
                | true, own -> own
                | false, _ -> target.GetProperty "output_index"

            {
                Model = model
                Target = index.GetInt32()
                Input = inputs[result.GetProperty("row").GetInt32()]
                Baselines = if target.GetProperty("method").GetString() = "expected" then baseline else baseline[..0]
                KinkTimes =
                    match result.TryGetProperty "kink_times" with
                    | true, times -> times.EnumerateArray() |> Seq.map (fun kink -> kink[0].GetDouble()) |> Array.ofSeq
                    | false, _ -> [||]
                Attributions = numbers (result.GetProperty "ig")
                Interactions = result.GetProperty("ih").EnumerateArray() |> Seq.map numbers |> Array.ofSeq
            }
    ]

let private options reference tolerance = {
    IntegratedHessians.defaults with
        Target = Index reference.Target
        Tolerance = tolerance
}

let private explain reference tolerance =
    IntegratedHessians.explain (options reference tolerance) reference.Model reference.Baselines[0] reference.Input

/// Largest difference from the reference, relative to the largest |Γ|.
let private largestError (reference: Reference) (explanation: Explanation) =
    let found = explanation.Interactions.Value
    let scale = reference.Interactions |> Seq.concat |> Seq.map abs |> Seq.max

    let interactions =
        reference.Interactions
        |> Seq.mapi (fun i row -> row |> Seq.mapi (fun j expected -> abs (found[i, j] - expected)) |> Seq.max)
        |> Seq.max

    let attributions =
        Seq.map2 (fun a b -> abs (a - b)) explanation.Attributions reference.Attributions |> Seq.max

    max interactions attributions / scale

[<Theory>]
[<InlineData("breast_cancer_mlp_tanh", "expected.json", "model.onnx", "ih_logit")>]
[<InlineData("breast_cancer_mlp_tanh", "expected.json", "model_f64.onnx", "ih_logit")>]
[<InlineData("breast_cancer_mixed_residual", "expected.json", "model.onnx", "ih_logit")>]
[<InlineData("breast_cancer_mixed_residual", "expected_f64.json", "model_f64.onnx", "ih_logit")>]
[<InlineData("wine_mlp_softmax", "expected.json", "model.onnx", "ih_logits")>]
[<InlineData("wine_mlp_softmax", "expected.json", "model.onnx", "ih_probs")>]
[<InlineData("wine_mlp_softmax", "expected_f64.json", "model_f64.onnx", "ih_logits")>]
[<InlineData("wine_mlp_softmax", "expected_f64.json", "model_f64.onnx", "ih_probs")>]
[<InlineData("diabetes_mlp_relu", "expected.json", "model.onnx", "ih_softplus_beta_1")>]
[<InlineData("sample_breast_cancer", "expected.json", "../../../samples/breast-cancer/model.onnx", "ih_logit")>]
let ``smooth networks agree with PyTorch to 1e-9, complete to 1e-10 with at most 40 Hessians``
    folder
    expected
    model
    target
    =
    for reference in references folder expected model target do
        let explanation = explain reference 1e-10
        let certificate = explanation.Certificate
        Assert.InRange(largestError reference explanation, 0.0, 1e-9)
        Assert.True(certificate.Satisfied, $"%A{certificate}")

        Assert.InRange(
            certificate.CompletenessResidual / abs (explanation.Value - explanation.BaselineValue),
            0.0,
            1e-10
        )

        Assert.InRange(certificate.Evaluations, 1, 40)

[<Theory>]
[<InlineData("ih_softplus_beta_10", 1e-9)>]
[<InlineData("ih_softplus_beta_50", 1e-7)>]
let ``sharp smoothing agrees with PyTorch and is certified`` target accuracy =
    for reference in references "diabetes_mlp_relu" "expected.json" "model.onnx" target do
        let explanation = explain reference 1e-9
        Assert.InRange(largestError reference explanation, 0.0, accuracy)
        Assert.True(explanation.Certificate.Satisfied, $"%A{explanation.Certificate}")

[<Theory>]
[<InlineData("breast_cancer_mixed_residual", "ih_logit")>]
[<InlineData("wine_mlp_softmax", "ih_probs")>]
[<InlineData("diabetes_mlp_relu", "ih_softplus_beta_50")>]
let ``at any tolerance the error is within what the certificate promises`` folder target =
    for reference in references folder "expected.json" "model.onnx" target do
        for tolerance in [ 1e-3; 1e-5; 1e-7; 1e-9 ] do
            let explanation = explain reference tolerance
            Assert.True(explanation.Certificate.Satisfied, $"%A{explanation.Certificate}")
            Assert.InRange(largestError reference explanation, 0.0, 10.0 * tolerance)

let private ignoring reference = { options reference 1e-6 with Kinks = KinkTreatment.Ignored }

[<Fact>]
let ``a ReLU network whose kinks are ignored misses its certificate`` () =
    for reference in references "diabetes_mlp_relu" "expected.json" "model.onnx" "ih_exact" do
        let certificate =
            (IntegratedHessians.explain (ignoring reference) reference.Model reference.Baselines[0] reference.Input)
                .Certificate

        Assert.False certificate.Satisfied
        Assert.True(certificate.CompletenessResidual > 0.01, $"%A{certificate}")

[<Theory>]
[<InlineData("diabetes_mlp_relu", "ih_exact", 1e-12)>]
[<InlineData("digits_cnn_maxpool", "ih_logit", 1e-9)>]
let ``networks with kinks agree with PyTorch and are complete to 1e-9`` folder target accuracy =
    for reference in references folder "expected.json" "model.onnx" target do
        let explanation = explain reference 1e-9
        Assert.True(explanation.Certificate.Satisfied, $"%A{explanation.Certificate}")
        Assert.Equal("exact", explanation.Certificate.Method)
        Assert.InRange(largestError reference explanation, 0.0, accuracy)

[<Theory>]
[<InlineData("breast_cancer_mixed_residual", "expected.json", "model.onnx", "eh_logit", "gauss-log")>]
[<InlineData("breast_cancer_mixed_residual", "expected_f64.json", "model_f64.onnx", "eh_logit", "gauss-log")>]
[<InlineData("wine_mlp_softmax", "expected.json", "model.onnx", "eh_logits", "gauss-log")>]
[<InlineData("wine_mlp_softmax", "expected.json", "model.onnx", "eh_probs", "gauss-log")>]
[<InlineData("wine_mlp_softmax", "expected_f64.json", "model_f64.onnx", "eh_logits", "gauss-log")>]
[<InlineData("wine_mlp_softmax", "expected_f64.json", "model_f64.onnx", "eh_probs", "gauss-log")>]
[<InlineData("diabetes_mlp_relu", "expected.json", "model.onnx", "eh_exact", "exact")>]
let ``averages over a background agree with PyTorch to 1e-9`` folder expected model target method =
    for reference in references folder expected model target do
        let background = Background.ofRows reference.Baselines
        let options = options reference 1e-10
        let explanation = ExpectedHessians.explain options reference.Model background reference.Input
        let gradients = ExpectedGradients.explain options reference.Model background reference.Input
        Assert.True(explanation.Certificate.Satisfied, $"%A{explanation.Certificate}")
        Assert.True(gradients.Certificate.Satisfied, $"%A{gradients.Certificate}")
        Assert.Equal(method, explanation.Certificate.Method)
        Assert.InRange(largestError reference explanation, 0.0, 1e-9)
        Assert.InRange(largestError reference { explanation with Attributions = gradients.Attributions }, 0.0, 1e-9)

[<Fact>]
let ``kinks are where PyTorch found them`` () =
    for reference in references "diabetes_mlp_relu" "expected.json" "model.onnx" "ih_exact" do
        let options = options reference 1e-9

        let task = { Row = 0; Input = reference.Input; Baseline = reference.Baselines[0] }

        let rows = PathRows.prepare options reference.Model [| task |]
        let kinks = (Kinks.find options reference.Model rows |> Array.head).Value
        let times = kinks.Impulses |> Array.map _.Time
        Assert.Equal(reference.KinkTimes.Length, kinks.Count)

        Array.iter2 (fun expected found -> Assert.InRange(abs (found - expected), 0.0, 1e-13)) reference.KinkTimes times
