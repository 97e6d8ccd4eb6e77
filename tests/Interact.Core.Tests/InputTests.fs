/// Several inputs, tensors inside a model, groups of tokens and patches, rows and pairs of the matrix: against closed forms and the
/// values of PyTorch.
module Interact.Core.Tests.InputTests

open System.IO
open System.Text.Json
open Xunit
open Interact.Core
open Interact.Core.Data
open Interact.Core.Onnx
open Interact.Core.Tests.ModelFile
open Interact.Core.Tests.OnnxBuilder

let private fixtures = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", "fixtures"))

let private tableOf path =
    match DataFile.read path with
    | Ok table -> table.Rows
    | Error problem -> invalidOp problem

let private numbers (element: JsonElement) = element.EnumerateArray() |> Seq.map _.GetDouble() |> Array.ofSeq
let private matrix (element: JsonElement) = element.EnumerateArray() |> Seq.map numbers |> Array.ofSeq

let private exact = { IntegratedHessians.defaults with Target = Index 0; Tolerance = 1e-12 }

/// Largest difference of two matrices, relative to the largest number of the second.
let private error (found: int -> int -> float) (expected: float[][]) =
    let scale = expected |> Seq.concat |> Seq.map abs |> Seq.max

    expected
    |> Seq.mapi (fun i row -> row |> Seq.mapi (fun j value -> abs (found i j - value)) |> Seq.max)
    |> Seq.max
    |> fun largest -> largest / scale

/// The function raises an ArgumentException with these words.
let private refuses (words: string) (f: unit -> 'Result) =
    let problem = Assert.ThrowsAny<System.ArgumentException>(fun () -> f () |> ignore)
    Assert.Contains(words, problem.Message)

[<Theory>]
[<InlineData "model.onnx">]
[<InlineData "model_f64.onnx">]
let ``an input beside one of codes that are held at each row's own agrees with PyTorch to 1e-9`` file =
    let inFolder name = Path.Combine(fixtures, "breast_cancer_two_inputs", name)
    let model = OnnxModel.load OnnxModel.defaults (inFolder file) |> value
    let inputs, codes = tableOf (inFolder "inputs.csv"), tableOf (inFolder "codes.csv")
    let baseline = (tableOf (inFolder "baseline.csv"))[0]
    use document = JsonDocument.Parse(File.ReadAllText(inFolder "expected.json"))

    Assert.Equal<string list>([ "codes" ], Model.missing model)

    for result in document.RootElement.GetProperty("targets").[0].GetProperty("results").EnumerateArray() do
        let row = result.GetProperty("row").GetInt32()
        let held = Model.hold "codes" codes[row] model
        let explanation = IntegratedHessians.explain { exact with Tolerance = 1e-10 } held baseline inputs[row]
        let found = explanation.Interactions.Value
        Assert.InRange(result.GetProperty "ih" |> matrix |> error (fun i j -> found[i, j]), 0.0, 1e-9)

        Assert.InRange(
            [| result.GetProperty "ig" |> numbers |] |> error (fun _ j -> explanation.Attributions[j]),
            0.0,
            1e-9
        )

        Assert.Equal(result.GetProperty("f_baseline").GetDouble(), explanation.BaselineValue, 1e-9)
        Assert.True(explanation.Certificate.Satisfied, $"%A{explanation.Certificate}")

[<Fact>]
let ``a row is explained by the same bits alone and beside others`` () =
    let inFolder name = Path.Combine(fixtures, "breast_cancer_two_inputs", name)
    let model = OnnxModel.load OnnxModel.defaults (inFolder "model.onnx") |> value
    let inputs, codes = tableOf (inFolder "inputs.csv"), tableOf (inFolder "codes.csv")
    let baseline = (tableOf (inFolder "baseline.csv"))[0]
    let held = Model.hold "codes" codes[1] model
    let tasks = inputs |> Array.mapi (fun row input -> { Row = row; Input = input; Baseline = baseline })
    let together = IntegratedHessians.explainRows exact held tasks

    for i in 0 .. tasks.Length - 1 do
        let alone = IntegratedHessians.explainRows exact held [| tasks[i] |] |> Array.head
        Assert.Equal<float[,]>(alone.Interactions.Value, together[i].Interactions.Value)

let private batch size : Dim list = [ Symbol "N"; Fixed size ]

/// y = Σ a_i b_i.
let private bilinear =
    model
        13
        [ node "Mul" [ "a"; "b" ] [ "c" ] []; node "ReduceSum" [ "c" ] [ "y" ] [ Attr.int "keepdims" 0 ] ]
        [ Val.double "a" (batch 2L); Val.double "b" [ Fixed 1L; Fixed 2L ] ] [ "y" ] []

[<Fact>]
let ``all floating inputs are one row`` () =
    let model = loadWith { OnnxModel.defaults with Input = AllFloating } bilinear |> value
    let found = IntegratedHessians.explain exact model (Array.zeroCreate 4) [| 2.0; 3.0; 5.0; -1.0 |]

    // Of ab every cell of the two features is ab/4, because ∫ t(-ln t) dt = 1/4.
    let expected = [|
        for i in 0..3 ->
            [|
                for j in 0..3 ->
                    if i % 2 <> j % 2 then 0.0
                    elif i % 2 = 0 then 2.5
                    else -0.75
            |]
    |]

    Assert.InRange(expected |> error (fun i j -> found.Interactions.Value[i, j]), 0.0, 1e-14)

[<Theory>]
[<InlineData("a", "b")>]
[<InlineData("b", "a")>]
let ``one input is explained and the other one held`` explained held =
    let model = loadWith { OnnxModel.defaults with Input = Named explained } bilinear |> value
    let bound = Model.hold held [| 5.0; -1.0 |] model
    Assert.Equal<float[]>([| 5.0; -1.0 |], Model.gradient bound 0 [| 2.0; 3.0 |])
    Assert.Equal<float[]>([| 7.0; 2.0 |], Model.gradient (Model.hold held [| 7.0; 2.0 |] bound) 0 [| 2.0; 3.0 |])
    refuses $"input '{held}' is not explained and has no value" (fun () -> Model.evaluate model [| 2.0; 3.0 |])
    refuses $"{held} has 3 elements; 2 are needed" (fun () -> Model.hold held [| 1.0; 2.0; 3.0 |] model)
    refuses $"it has '{held}'" (fun () -> Model.hold "c" [| 1.0; 2.0 |] model)
    refuses "every element must be finite" (fun () -> Model.hold held [| 1.0; nan |] model)

[<Fact>]
let ``an unknown input is refused with the names of the known ones`` () =
    match loadWith { OnnxModel.defaults with Input = Named "z" } bilinear with
    | Error [ problem ] -> Assert.Equal("the model has no input 'z'; it has 'a', 'b'", problem.Problem)
    | other -> Assert.Fail $"{other}"

/// The embeddings of four tokens.
let private embeddings = [| [| 1.0; 2.0 |]; [| -1.0; 0.5 |]; [| 3.0; 0.0 |]; [| 0.25; -2.0 |] |]

/// y = (Σ ids) · Σ emb², emb the embeddings of two tokens: a part of what ids do goes past the embeddings.
let private tokens =
    model
        13
        [
            node "Gather" [ "table"; "ids" ] [ "emb" ] []
            node "Mul" [ "emb"; "emb" ] [ "squares" ] []
            node "ReduceSum" [ "squares" ] [ "sum" ] [ Attr.int "keepdims" 0 ]
            node "Cast" [ "ids" ] [ "numbers" ] [ Attr.int "to" 11 ]
            node "ReduceSum" [ "numbers" ] [ "rest" ] [ Attr.int "keepdims" 0 ]
            node "Mul" [ "sum"; "rest" ] [ "y" ] []
        ]
        [ Val.int64 "ids" (batch 2L) ] [ "y" ] [ Init.doubles "table" [ 4; 2 ] (Array.concat embeddings) ]

let private atEmbeddings = { OnnxModel.defaults with At = Some "emb" }

[<Theory>]
[<InlineData(2.0, 3.0, 0.0, 0.0)>]
[<InlineData(1.0, -1.0, 3.0, 1.0)>]
let ``an explanation starts at an embedding, and what goes past it is held at the row`` first second base1 base2 =
    let model = loadWith atEmbeddings tokens |> value
    Assert.Equal(2, model.RowSize)
    Assert.Equal(4, model.InputSize)
    let entered, point = Model.enter [| first; second |] model
    let _, start = Model.enter [| base1; base2 |] model

    let embedded (tokens: float list) =
        tokens |> List.map (fun token -> embeddings[(int token + 4) % 4]) |> Array.concat

    Assert.Equal<float[]>(embedded [ first; second ], point)
    Assert.Equal<float[]>(embedded [ base1; base2 ], start)

    // f = r Σ T²: a feature interacts with none, and gets all of its own change.
    let r = first + second
    let found = IntegratedHessians.explain exact entered start point

    for i in 0..3 do
        for j in 0..3 do
            let expected = if i = j then r * (point[i] ** 2.0 - start[i] ** 2.0) else 0.0
            Assert.Equal(expected, found.Interactions.Value[i, j], 1e-12)

[<Fact>]
let ``tokens that are not in the table, or no whole numbers, are refused`` () =
    let model = loadWith atEmbeddings tokens |> value
    refuses "takes whole numbers only" (fun () -> Model.enter [| 0.5; 1.0 |] model)

    refuses
        "ids[1] is 4, but node of 'emb' (Gather) looks it up among 4 elements; give whole numbers from 0 to 3"
        (fun () -> Model.enter [| 1.0; 4.0 |] model)

    refuses "ids[0] is -5" (fun () -> Model.enter [| -5.0; 1.0 |] model)

/// y = Σ x · table[ids + shift]. shift is an input too, or 3.
let private shifted isConstant =
    let shift = if isConstant then [ Init.int64s "shift" [ 1 ] [| 3L |] ] else []
    let own = if isConstant then [] else [ Val.int64 "shift" (batch 2L) ]

    model
        13
        [
            node "Add" [ "ids"; "shift" ] [ "places" ] []
            node "Gather" [ "table"; "places" ] [ "found" ] []
            node "Mul" [ "x"; "found" ] [ "products" ] []
            node "ReduceSum" [ "products" ] [ "y" ] [ Attr.int "keepdims" 0 ]
        ]
        ([ Val.double "x" (batch 2L); Val.int64 "ids" (batch 2L) ] @ own)
        [ "y" ]
        (Init.doubles "table" [ 4 ] [| 1.0; -2.0; 0.5; 3.0 |] :: shift)

[<Fact>]
let ``ids that are computed from a held input are refused where the input alone decides them`` () =
    let model = load (shifted true)
    Assert.Equal<float[]>([| 3.0; -2.0 |], Model.gradient (Model.hold "ids" [| 0.0; -2.0 |] model) 0 [| 1.0; 1.0 |])

    refuses
        "what follows from ids is 4, but node of 'found' (Gather) looks it up among 4 elements; give whole numbers from 0 to 3"
        (fun () -> Model.hold "ids" [| 0.0; 1.0 |] model)

[<Fact>]
let ``ids that two inputs decide are told where they are looked up`` () =
    let model = load (shifted false) |> Model.hold "ids" [| 2.0; 1.0 |] |> Model.hold "shift" [| 1.0; 6.0 |]

    let explain () = IntegratedHessians.explain exact model [| 0.0; 0.0 |] [| 1.0; 1.0 |]
    let problem = Assert.Throws<NotFiniteException>(fun () -> explain () |> ignore)

    Assert.Contains(
        "node of 'found' (Gather) looks up 7 among 4 elements; give whole numbers from 0 to 3",
        problem.Message
    )

let private problemAt name =
    match loadWith { OnnxModel.defaults with At = Some name } tokens with
    | Error [ problem ] -> $"{problem}"
    | other -> $"{other}"

[<Fact>]
let ``a tensor that cannot be explained is refused`` () =
    Assert.Contains("no node of the model's main graph computes it; there are 'squares', ", problemAt "squars")
    Assert.Contains("it is an input of the model", problemAt "ids")

    match load >> ignore |> fun read -> Record.Exception(fun () -> read tokens) with
    | null -> Assert.Fail "integers were explained"
    | problem -> Assert.Contains("its elements are INT64; only floating inputs can be explained", problem.Message)

let private product = Model.ofFunction 3 (fun x -> x[0] * x[1] * x[2])

[<Fact>]
let ``rows and pairs of the product of three are a ninth of it`` () =
    // ∫ t²(-ln t) dt = 1/9, for pairs and for main effects.
    let zeros, input = Array.zeroCreate<float> 3, [| 2.0; -3.0; 1.5 |]

    for part, count in [ RowsOf [| 2; 0 |], 6; Pairs [| 0, 1; 2, 2; 2, 1 |], 3 ] do
        let found = InteractionPart.explain part exact product zeros input
        Assert.Equal(count, found.Cells.Length)
        Assert.All(found.Cells, fun cell -> Assert.Equal(-1.0, cell, 1e-13))
        Assert.All(found.Explanation.Attributions, fun share -> Assert.Equal(-3.0, share, 1e-12))
        Assert.True(found.Explanation.Certificate.Satisfied, $"%A{found.Explanation.Certificate}")

[<Fact>]
let ``a part that does not exist or stands twice is refused`` () =
    let explain part () = InteractionPart.explain part exact product (Array.zeroCreate 3) [| 1.0; 1.0; 1.0 |]
    refuses "feature 3 does not exist" (explain (RowsOf [| 3 |]))
    refuses "asked for twice" (explain (RowsOf [| 1; 1 |]))
    refuses "are the same" (explain (Pairs [| 0, 1; 1, 0 |]))
    refuses "no interactions" (explain (Pairs [||]))

[<Fact>]
let ``rows, pairs and groups of tokens of a transformer agree with PyTorch to 1e-9`` () =
    let inFolder name = Path.Combine(fixtures, "tiny_transformer", name)
    let model = OnnxModel.load OnnxModel.defaults (inFolder "model.onnx") |> value
    let input = (tableOf (inFolder "inputs.csv"))[0]
    let baseline = (tableOf (inFolder "baseline.csv"))[0]
    use document = JsonDocument.Parse(File.ReadAllText(inFolder "expected.json"))
    let result = document.RootElement.GetProperty("targets").[0].GetProperty("results").[0]
    let whole, grouped = result.GetProperty "ih" |> matrix, result.GetProperty "ih_grouped" |> matrix
    let options = { exact with Target = Index 1; Tolerance = 1e-10 }
    let groups = { options with Groups = Some(Groups.tokens model.Graph.Value.Input.Shape) }
    let features = [| 5; 191; 64 |]
    let rows = InteractionPart.explain (RowsOf features) options model baseline input
    let scale = whole |> Seq.concat |> Seq.map abs |> Seq.max

    for k in 0 .. features.Length - 1 do
        for j in 0..191 do
            Assert.InRange(abs (rows.Cells[k * 192 + j] - whole[features[k]][j]) / scale, 0.0, 1e-9)

    let ofGroups = InteractionPart.explain (Pairs [| 3, 3; 11, 0 |]) groups model baseline input
    let largest = grouped |> Seq.concat |> Seq.map abs |> Seq.max
    Assert.InRange(abs (ofGroups.Cells[0] - grouped[3][3]) / largest, 0.0, 1e-9)
    Assert.InRange(abs (ofGroups.Cells[1] - grouped[11][0]) / largest, 0.0, 1e-9)
    let byGroup = InteractionPart.explain (RowsOf [| 7 |]) groups model baseline input
    Assert.InRange([| grouped[7] |] |> error (fun _ j -> byGroup.Cells[j]), 0.0, 1e-9)

    for found in [ rows; ofGroups; byGroup ] do
        Assert.True(found.Explanation.Certificate.Satisfied, $"%A{found.Explanation.Certificate}")

[<Fact>]
let ``inputs that are too large together are refused`` () =
    let limited elements = {
        OnnxModel.defaults with
            Input = AllFloating
            Limits = { OnnxModel.defaults.Limits with Elements = elements }
    }

    match loadWith (limited 3) bilinear with
    | Error [ problem ] ->
        Assert.Equal("inputs 'a', 'b' together", problem.Place)
        Assert.Contains("it has 4 elements, more than 3", problem.Problem)
    | other -> Assert.Fail $"{other}"

    loadWith (limited 4) bilinear |> value |> ignore

/// y = ReLU(Σ a_i b_i - 1).
let private unit =
    model
        13
        [
            node "Mul" [ "a"; "b" ] [ "c" ] []
            node "ReduceSum" [ "c" ] [ "s" ] [ Attr.int "keepdims" 0 ]
            node "Sub" [ "s"; "one" ] [ "z" ] []
            node "Relu" [ "z" ] [ "y" ] []
        ]
        [ Val.double "a" (batch 2L); Val.double "b" [ Fixed 1L; Fixed 2L ] ] [ "y" ] [ Init.doubles "one" [] [| 1.0 |] ]

[<Fact>]
let ``kinks are where the values of held inputs put them`` () =
    let model = loadWith { OnnxModel.defaults with Input = Named "a" } unit |> value

    for held in [ [| 2.0; 1.0 |]; [| 0.5; 3.0 |]; [| 4.0; -1.0 |]; [| 0.25; 0.25 |] ] do
        let explanation =
            IntegratedHessians.explain exact (Model.hold "b" held model) [| 0.0; 0.0 |] [| 1.0; 1.0 |]

        let slope = Array.sum held
        let t = min 1.0 (1.0 / slope)

        // An impulse -t ln t at the kink t = 1/slope, and ∫ -ln t dt over what follows.
        let expected = [|
            for i in 0..1 ->
                [|
                    for j in 0..1 ->
                        -t * log t * held[i] * held[j] / slope
                        + (if i = j then held[i] * (1.0 - t + t * log t) else 0.0)
                |]
        |]

        for i in 0..1 do
            for j in 0..1 do
                Assert.Equal(expected[i][j], explanation.Interactions.Value[i, j], 1e-13)

        Assert.Equal(Some(if slope > 1.0 then 1 else 0), explanation.Certificate.Kinks)
        Assert.True(explanation.Certificate.Satisfied, $"%A{explanation.Certificate}")

[<Theory>]
[<InlineData true>]
[<InlineData false>]
let ``rows and pairs of a model with kinks are those of the whole matrix`` grouped =
    let groups = { Groups.Names = [| "first"; "second"; "third" |]; Members = [| [| 0; 3 |]; [| 1 |]; [| 2 |] |] }

    let options = { exact with Tolerance = 1e-10; Groups = if grouped then Some groups else None }

    let linear =
        Model.ofFunction 4 (fun x -> Tensor.relu (x[0] + 2.0 * x[1] - x[2] - 0.5) + abs (x[3] - 0.25) * 3.0 + x[2])

    let smooth = loadWith { OnnxModel.defaults with Input = AllFloating } unit |> value
    let baseline, input = [| 0.1; -0.1; 0.2; 0.0 |], [| 1.5; 0.75; 1.25; 2.0 |]
    let features = [| 2; 0 |]
    let pairs = [| 0, 1; 2, 2; 2, 1 |]

    for model in [ linear; smooth ] do
        let explanation = IntegratedHessians.explain options model baseline input
        let whole = explanation.Interactions.Value
        let count = Array2D.length1 whole
        let rows = InteractionPart.explain (RowsOf features) options model baseline input
        let cells = InteractionPart.explain (Pairs pairs) options model baseline input

        for k in 0 .. features.Length - 1 do
            for j in 0 .. count - 1 do
                Assert.Equal(whole[features[k], j], rows.Cells[k * count + j], 1e-9)

        pairs |> Array.iteri (fun k (i, j) -> Assert.Equal(whole[i, j], cells.Cells[k], 1e-9))

        for certificate in [ rows.Explanation.Certificate; cells.Explanation.Certificate ] do
            Assert.True(certificate.Satisfied, $"%A{certificate}")
            Assert.Equal("exact", certificate.Method)
            Assert.True(certificate.Kinks.Value > 0)
            Assert.Equal(explanation.Certificate.Kinks, certificate.Kinks)

[<Fact>]
let ``rows of one model are told apart where they are equal`` () =
    let model = loadWith { OnnxModel.defaults with Input = AllFloating } unit |> value
    let task = { Row = 0; Input = [| 1.5; 0.75; 1.25; 2.0 |]; Baseline = Array.zeroCreate 4 }
    let found = InteractionPart.explainRows (RowsOf [| 1 |]) exact model [| task; task |]
    Assert.Equal<float[]>(found[0].Cells, found[1].Cells)
    let alone = InteractionPart.explainRows (RowsOf [| 1 |]) exact model [| task |] |> Array.head
    Assert.Equal<float[]>(alone.Cells, found[0].Cells)

[<Fact>]
let ``rows in single precision are certified for what they are`` () =
    let single = { exact with Precision = Precision.Single; Tolerance = 1e-4 }
    let input = [| 2.0; -3.0; 1.5 |]
    let found = InteractionPart.explain (RowsOf [| 1 |]) single product (Array.zeroCreate 3) input
    Assert.True found.Explanation.Certificate.Satisfied
    Assert.All(found.Cells, fun cell -> Assert.Equal(-1.0, cell, 1e-5))

[<Fact>]
let ``tokens are along the axis before the last, and patches hold all channels`` () =
    let tokens = Groups.tokens [| 1; 2; 3 |]
    Assert.Equal<string[]>([| "token0"; "token1" |], tokens.Names)
    Assert.Equal<int[][]>([| [| 0; 1; 2 |]; [| 3; 4; 5 |] |], tokens.Members)
    let patches = Groups.patches 1 2 [| 1; 2; 2; 3 |]
    Assert.Equal<string[]>([| "patch0.0"; "patch0.1"; "patch1.0"; "patch1.1" |], patches.Names)

    Assert.Equal<int[][]>([| [| 0; 1; 6; 7 |]; [| 2; 8 |]; [| 3; 4; 9; 10 |]; [| 5; 11 |] |], patches.Members)

    refuses "batch x tokens x width is needed" (fun () -> Groups.tokens [| 1; 20 |])
    refuses "batch x channels x height x width is needed" (fun () -> Groups.patches 1 1 [| 1; 2; 3 |])
    refuses "height is 3; it must lie in 1..2" (fun () -> Groups.patches 3 1 [| 1; 2; 2; 3 |])
