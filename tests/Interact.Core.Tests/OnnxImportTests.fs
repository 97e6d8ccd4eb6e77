/// Models read from files: constants, axes, operator sets, outputs, and what an inspection finds.
module Interact.Core.Tests.OnnxImportTests

open System.IO
open FsCheck.FSharp
open Interact.Core.Tests.OnnxBuilder
open Interact.Core
open Interact.Core.Data
open Interact.Core.Onnx
open Interact.Core.Tests.Generators
open Interact.Core.Tests.ModelFile
open Interact.Core.Tests.Numbers
open Interact.Core.Tests.Results
open Xunit

let private row = Val.double "x" [ Symbol "N"; Fixed 3L ]

/// The row times a constant.
let private product constant = model 13 [ node "Mul" [ "x"; "w" ] [ "y" ] [] ] [ row ] [ "y" ] [ constant ]

let private at point bytes = Model.evaluate (load bytes) point
let private atOnes bytes = at [| 1.0; 1.0; 1.0 |] bytes

[<Fact>]
let ``constants read alike from raw bytes and from typed fields`` () =
    let elements = [ 0.1; -2.5; 1e-30 ]
    let singles = elements |> List.map (float32 >> float) |> Array.ofList
    let named values = "w", [ 3 ], values
    sameBits singles (atOnes (product (named elements |||> Init.floats)))
    sameBits singles (atOnes (product (named elements |||> Init.floatsTyped)))
    sameBits (Array.ofList elements) (atOnes (product (named elements |||> Init.doubles)))
    sameBits (Array.ofList elements) (atOnes (product (named elements |||> Init.doublesTyped)))

[<Fact>]
let ``constants in half precision become the doubles they equal`` () =
    // 0.1 is 1.6 · 2⁻⁴: with 10 bits behind the point 1638/1024, with 7 bits 205/128.
    let halves = [| 0x2E66us; 0xAE66us; 0x3C00us |]
    let brainHalves = [| 0x3DCDus; 0xBDCDus; 0x3F80us |]
    let raw dataType bits = Init.ofField "w" dataType [ 3 ] (Field.packed 9 bits)
    sameBits [| 1638.0 / 16384.0; -1638.0 / 16384.0; 1.0 |] (atOnes (product (raw DataType.Float16 halves)))
    sameBits [| 205.0 / 2048.0; -205.0 / 2048.0; 1.0 |] (atOnes (product (raw DataType.BFloat16 brainHalves)))

[<Fact>]
let ``an axis that may vary in front is the batch, and all others belong to the row`` () =
    let size axes = (load (model 13 [ node "Exp" [ "x" ] [ "y" ] [] ] [ Val.float "x" axes ] [ "y" ] [])).InputSize

    Assert.Equal(3, size [ Symbol "N"; Fixed 3L ])
    Assert.Equal(3, size [ Unknown; Fixed 3L ])
    Assert.Equal(3, size [ Fixed 1L; Fixed 3L ])
    Assert.Equal(6, size [ Fixed 2L; Fixed 3L ])
    Assert.Equal(24, size [ Symbol "N"; Fixed 2L; Fixed 3L; Fixed 4L ])
    Assert.Equal(3, size [ Fixed 3L ])
    Assert.Equal(1, size [ Symbol "N" ])
    Assert.Equal(1, size [])

[<Fact>]
let ``inputs of every floating type are explained`` () =
    for dataType in [ DataType.Float; DataType.Double; DataType.Float16; DataType.BFloat16 ] do
        let input = "x", dataType, [ Symbol "N"; Fixed 2L ]
        let bytes = model 13 [ node "Neg" [ "x" ] [ "y" ] [] ] [ input ] [ "y" ] []
        Assert.Equal<float[]>([| -0.1; 2.0 |], at [| 0.1; -2.0 |] bytes)

[<Fact>]
let ``constants that are also listed as inputs are constants`` () =
    let inputs = [ Val.float "w" [ Fixed 3L ]; Val.float "x" [ Fixed 3L ] ]
    let weights = Init.floats "w" [ 3 ] [ 1.0; 2.0; 3.0 ]
    let bytes = model 9 [ node "Mul" [ "x"; "w" ] [ "y" ] [] ] inputs [ "y" ] [ weights ]

    Assert.Equal<float[]>([| 4.0; 8.0; 12.0 |], at [| 4.0; 4.0; 4.0 |] bytes)
    Assert.Equal<string list>([ "x" ], (inspect bytes).Inputs |> List.map _.Name)

[<Fact>]
let ``an output may be the input itself, or constant`` () =
    let bytes = model 13 [] [ row ] [ "x"; "w" ] [ Init.doubles "w" [ 2 ] [ 5.0; 6.0 ] ]
    let point = [| 1.0; 2.0; 3.0 |]
    let constant = loadWith { OnnxModel.defaults with Output = Some "w" } bytes |> value
    Assert.Equal<float[]>(point, at point bytes)
    Assert.Equal<float[]>([| 0.0; 1.0; 0.0 |], Model.gradient (load bytes) 1 point)
    Assert.Equal<float[]>([| 5.0; 6.0 |], Model.evaluate constant point)
    Assert.Equal<float[]>([| 0.0; 0.0; 0.0 |], Model.gradient constant 1 point)

let private ofVersion opset = model opset [ node "Relu" [ "x" ] [ "y" ] [] ] [ row ] [ "y" ] []

[<Fact>]
let ``operator sets 9 to 27 are read, older ones with a warning, newer ones not`` () =
    for opset in 9..27 do
        Assert.Equal<string list>([], (ofVersion opset |> load).Warnings)

    for opset in 1..8 do
        let warning = (ofVersion opset |> load).Warnings |> List.exactlyOne
        Assert.Contains($"operator set {opset} is older than 9", warning)
        Assert.Equal<string list>([ warning ], (ofVersion opset |> inspect).Warnings)

    assertProblems (ofVersion 28) [ "the file", "operator set 28 is newer than 27" ]

[<Fact>]
let ``the standard operators may be called ai.onnx`` () =
    let nodes = [ nodeOf "ai.onnx" "Neg" [ "x" ] [ "y" ] [] ]
    let bytes = file [ "ai.onnx", 13; "ai.onnx.ml", 3 ] (graph nodes [ row ] [ Val.double "y" [] ] []) []
    Assert.Equal<float[]>([| -1.0; -1.0; -1.0 |], atOnes bytes)

let private twoOutputs =
    model 13 [ node "Neg" [ "x" ] [ "a" ] []; node "ReduceSum" [ "x" ] [ "b" ] [] ] [ row ] [ "a"; "b" ] []

[<Fact>]
let ``the first output is explained unless another one is named`` () =
    let point = [| 1.0; 2.0; 3.0 |]
    let outputOf name = Model.evaluate (loadWith { OnnxModel.defaults with Output = name } twoOutputs |> value) point
    Assert.Equal<float[]>([| -1.0; -2.0; -3.0 |], outputOf None)
    Assert.Equal<float[]>([| -1.0; -2.0; -3.0 |], outputOf (Some "a"))
    Assert.Equal<float[]>([| 6.0 |], outputOf (Some "b"))

[<Fact>]
let ``an unknown output is refused with the names of the known ones`` () =
    match loadWith { OnnxModel.defaults with Output = Some "c" } twoOutputs with
    | Error [ problem ] -> Assert.Equal("the model has no output 'c'; it has 'a', 'b'", problem.Problem)
    | other -> Assert.Fail $"{other}"

[<Fact>]
let ``a random network evaluates as written out`` () =
    let sizes = Gen.zip (Gen.choose (1, 5)) (Gen.choose (1, 5))

    let cases =
        gen {
            let! inputs, units = sizes
            let numbers count = Gen.choose (-100, 100) |> Gen.map (fun k -> float k / 64.0) |> Gen.listOfLength count
            let! weights = numbers (inputs * units)
            let! biases = numbers units
            let! point = numbers inputs
            return point, weights |> List.chunkBySize inputs, biases
        }

    holdsFor 50 (Arb.fromGen cases) (fun (point, weights, biases) ->
        let expected =
            List.map2 (fun row bias -> tanh (bias + List.sum (List.map2 (*) row point))) weights biases

        let constants = [
            Init.floats "w" [ biases.Length; point.Length ] (List.concat weights)
            Init.floatsTyped "b" [ biases.Length ] biases
        ]

        let bytes =
            model
                17
                [ node "Gemm" [ "x"; "w"; "b" ] [ "z" ] [ Attr.int "transB" 1 ]; node "Tanh" [ "z" ] [ "y" ] [] ]
                [ Val.float "x" [ Symbol "N"; Fixed(int64 point.Length) ] ]
                [ "y" ]
                constants

        close 1e-14 (Array.ofList expected) (at (Array.ofList point) bytes))

let private fixture name = Path.Combine(__SOURCE_DIRECTORY__, "..", "fixtures", "breast_cancer_mlp_tanh", name)

[<Fact>]
let ``a model knows its file's name and the SHA-256 of its bytes`` () =
    let model = OnnxModel.load OnnxModel.defaults (fixture "model.onnx") |> value
    // sha256sum model.onnx
    Assert.Equal(
        Some { File = "model.onnx"; Sha256 = "94159f956d7a5ba12ff337c90c401d47a8ed3d99d5d9d758c03ba2199089be9d" },
        model.Source
    )

[<Fact>]
let ``a model exported in single and in double precision has the same values`` () =
    let load name = OnnxModel.load OnnxModel.defaults (fixture name) |> value
    let single, double = load "model.onnx", load "model_f64.onnx"

    for row in (DataFile.read (fixture "inputs.csv") |> ok).Rows do
        close 1e-14 (Model.evaluate double row) (Model.evaluate single row)

[<Fact>]
let ``an inspection tells what is in a file`` () =
    let nodes = [
        node "Mul" [ "x"; "w" ] [ "z" ] []
        node "Relu" [ "z" ] [ "r" ] []
        node "Relu" [ "r" ] [ "s" ] []
        nodeOf "com.example" "Odd" [ "s" ] [ "y" ] []
    ]

    let inputs = [
        Val.float "x" [ Symbol "N"; Fixed 3L ]
        Val.int64 "codes" [ Unknown ]
        Val.float "w" [ Fixed 3L ]
    ]

    let outputs = [ Val.double "y" [ Symbol "N"; Unknown ]; Val.float "z" [] ]

    let constants = [ Init.floats "w" [ 2; 3 ] [ 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 ]; Init.int64s "shape" [ 2 ] [ 1L; 2L ] ]

    let found = modelWith 8 nodes inputs outputs constants |> inspect
    Assert.Equal("OnnxBuilder", found.Producer)
    Assert.Equal<(string * int64) list>([ "", 8L ], found.Opsets)

    Assert.Equal<Port list>(
        [
            { Name = "x"; ElementType = "FLOAT"; Shape = [ "N"; "3" ] }
            { Name = "codes"; ElementType = "INT64"; Shape = [ "?" ] }
        ],
        found.Inputs
    )

    Assert.Equal<Port list>(
        [
            { Name = "y"; ElementType = "DOUBLE"; Shape = [ "N"; "?" ] }
            { Name = "z"; ElementType = "FLOAT"; Shape = [] }
        ],
        found.Outputs
    )

    Assert.Equal<(string * int) list>([ "Mul", 1; "Relu", 2; "com.example.Odd", 1 ], found.Operators)
    Assert.Equal<(string * int) list>([ "Relu", 2 ], found.Kinks)
    Assert.Equal(6L, found.Parameters)
    Assert.Equal(1, found.Warnings.Length)
    Assert.Equal<string list>([ "node of 'y' (com.example.Odd)" ], found.Problems |> List.map _.Place)
    Assert.Equal(64, found.Source.Sha256.Length)

[<Fact>]
let ``a file that cannot be read can be neither loaded nor inspected`` () =
    for problems in
        [
            withFile [| 1uy; 2uy; 3uy |] (OnnxModel.load OnnxModel.defaults >> Result.map ignore)
            withFile [| 1uy; 2uy; 3uy |] (OnnxModel.inspect >> Result.map ignore)
            OnnxModel.load OnnxModel.defaults (fixture "missing.onnx") |> Result.map ignore
        ] do
        match problems with
        | Error [ problem ] -> Assert.EndsWith(".onnx", problem.Place)
        | other -> Assert.Fail $"{other}"

/// Labels first, as programs for classical models write them: the larger element's place, and both elements' exponentials.
let private labelled outputs =
    model
        13
        [ node "ArgMax" [ "x" ] [ "label" ] [ Attr.int "axis" 1 ]; node "Exp" [ "x" ] [ "numbers" ] [] ]
        [ Val.double "x" [ Symbol "N"; Fixed 2L ] ]
        outputs
        []

[<Fact>]
let ``the first floating output is explained, and integers are refused`` () =
    let bytes = labelled [ "label"; "numbers" ]
    Assert.Equal<float[]>([| 1.0; exp 1.0 |], Model.evaluate (load bytes) [| 0.0; 1.0 |])
    Assert.Equal(Some "numbers", (inspect bytes).Explained)

    match loadWith { OnnxModel.defaults with Output = Some "label" } bytes with
    | Error [ problem ] ->
        Assert.Equal("output 'label'", problem.Place)
        Assert.Contains("which have no derivatives; name a floating one: 'numbers'", problem.Problem)
    | other -> Assert.Fail $"{other}"

    match loadWith OnnxModel.defaults (labelled [ "label" ]), inspect (labelled [ "label" ]) with
    | Error [ problem ], found ->
        Assert.Contains("none of its outputs 'label' is floating", problem.Problem)
        Assert.Equal(None, found.Explained)
        Assert.Contains("none of its outputs", (Assert.Single found.Problems).Problem)
    | other -> Assert.Fail $"{other}"

[<Fact>]
let ``of many outputs the names nearest to an unknown one are told`` () =
    let names = [ for i in 10..21 -> $"layer{i}" ]
    let nodes = names |> List.map (fun name -> node "Exp" [ "x" ] [ name ] [])
    let bytes = model 13 nodes [ Val.double "x" [ Symbol "N"; Fixed 2L ] ] names []

    match loadWith { OnnxModel.defaults with Output = Some "LAYER_17" } bytes with
    | Error [ problem ] -> Assert.Contains("has no output 'LAYER_17'; it has 'layer17', ", problem.Problem)
    | other -> Assert.Fail $"{other}"

[<Fact>]
let ``weights that are not finite are named where they are used`` () =
    let bytes =
        model 13 [ node "MatMul" [ "x"; "W" ] [ "y" ] [] ] [ Val.double "x" [ Symbol "N"; Fixed 2L ] ] [ "y" ] [
            Init.doubles "W" [ 2; 2 ] [| 1.0; nan; 2.0; 3.0 |]
        ]

    let explain () =
        IntegratedHessians.explain { IntegratedHessians.defaults with Target = Index 1 } (load bytes) [| 0.0; 0.0 |] [|
            1.0
            1.0
        |]

    let problem = Assert.Throws<NotFiniteException>(fun () -> explain () |> ignore)

    Assert.Contains(
        "'y' (MatMul) gives NaN: constant 'W' has elements that are infinite or not a number",
        problem.Message
    )

    Assert.EndsWith("export the model with finite weights.", problem.Message)
