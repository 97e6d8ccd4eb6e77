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
    /// Those whose features the numbers are sums over; none where they are of features.
    Groups: Groups option
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

    let inputs, others =
        match root.TryGetProperty "inputs" with
        | true, inputs ->
            let named =
                inputs.EnumerateArray()
                |> Seq.map (fun input -> text (input.GetProperty "name"), rows (text (input.GetProperty "csv")))
                |> List.ofSeq

            snd named.Head, named.Tail
        | false, _ -> rows "inputs.csv", []

    let baseline = target.GetProperty "baseline_csv" |> text |> rows

    [
        for result in target.GetProperty("results").EnumerateArray() do
            let index =
                match result.TryGetProperty "output_index" with
                | true, own -> own
                | false, _ -> target.GetProperty "output_index"

            let row = result.GetProperty("row").GetInt32()
            let held = others |> List.fold (fun model (name, values) -> Model.hold name values[row] model) model
            let matrix (element: JsonElement) = element.EnumerateArray() |> Seq.map numbers |> Array.ofSeq

            let reference groups attributions interactions = {
                Model = held
                Target = index.GetInt32()
                Input = inputs[row]
                Baselines = if target.GetProperty("method").GetString() = "expected" then baseline else baseline[..0]
                Groups = groups
                KinkTimes =
                    match result.TryGetProperty "kink_times" with
                    | true, times -> times.EnumerateArray() |> Seq.map (fun kink -> kink[0].GetDouble()) |> Array.ofSeq
                    | false, _ -> [||]
                Attributions = numbers attributions
                Interactions = matrix interactions
            }

            match result.TryGetProperty "ih" with
            | true, whole -> reference None (result.GetProperty "ig") whole
            | false, _ -> ()

            match result.TryGetProperty "ih_grouped" with
            | true, grouped ->
                let tokens = Groups.tokens model.Graph.Value.Input.Shape
                reference (Some tokens) (result.GetProperty "ig_grouped") grouped
            | false, _ -> ()
    ]

let private options reference tolerance = {
    IntegratedHessians.defaults with
        Target = Index reference.Target
        Groups = reference.Groups
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

/// Each model of a fixture, with a file of values and one of its targets that is integrated from one baseline.
let private integrated isSmooth =
    let cases = TheoryData<string, string, string, string>()

    for folder in Directory.GetDirectories fixtures |> Seq.map (Path.GetFileName >> string) |> Seq.sort do
        let exists name = File.Exists(Path.Combine(fixtures, folder, name))

        // Where the double export has other constants it has values of its own; those of the transformer were not computed.
        let pairs = [
            if not (exists "model.onnx") then
                "expected.json", "../../../samples/breast-cancer/model.onnx"
            else
                "expected.json", "model.onnx"
                let own = "expected_f64.json"

                if folder <> "tiny_transformer" then (if exists own then own else "expected.json"), "model_f64.onnx"
        ]

        for expected, model in pairs do
            if exists expected then
                use document = JsonDocument.Parse(File.ReadAllText(Path.Combine(fixtures, folder, expected)))

                for target in document.RootElement.GetProperty("targets").EnumerateArray() do
                    let text (name: string) = string (target.GetProperty(name).GetString())

                    if text "method" = "integrated" && target.GetProperty("smooth").GetBoolean() = isSmooth then
                        cases.Add(folder, expected, model, text "id")

    cases

let smooth = integrated true
let withKinks = integrated false

/// How many Hessians a target takes at most: 40, unless it changes sharply.
let private mostHessians folder target =
    match folder, target with
    | "tiny_transformer", _ -> 64
    | _, "ih_softplus_beta_10" -> 80
    | _, "ih_softplus_beta_50" -> 240
    | _ -> 40

[<Theory; MemberData(nameof smooth)>]
let ``smooth networks agree with PyTorch to 1e-9, complete to 1e-10 with at most 40 Hessians where nothing is sharp``
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

        Assert.InRange(certificate.Evaluations, 1, mostHessians folder target)

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

/// The reference's rows agree with it, and each is exact and certified.
let private agreeExactly accuracy rows =
    for reference in rows do
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

[<Theory; MemberData(nameof withKinks)>]
let ``networks with kinks agree with PyTorch to 1e-9, piecewise linear ones to 1e-12`` folder expected model target =
    let accuracy = if folder = "diabetes_mlp_relu" then 1e-12 else 1e-9
    references folder expected model target |> agreeExactly accuracy

[<Fact>]
let ``every fixture with integrated values is compared`` () =
    let compared =
        Seq.append smooth withKinks |> Seq.map (fun case -> string case[0], string case[1], string case[3])

    let integrated = [
        for file in Directory.GetFiles(fixtures, "expected*.json", SearchOption.AllDirectories) do
            use document = JsonDocument.Parse(File.ReadAllText file)
            let folder = string (Path.GetFileName(Path.GetDirectoryName file))

            for target in document.RootElement.GetProperty("targets").EnumerateArray() do
                if target.GetProperty("method").GetString() <> "expected" then
                    folder, string (Path.GetFileName file), string (target.GetProperty("id").GetString())
    ]

    Assert.Equal<Set<string * string * string>>(set integrated, set compared)
    Assert.Equal(16, integrated.Length)

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
