/// Models that cannot be explained: every reason is given, with the node or input where it lies.
module Interact.Core.Tests.OnnxProblemTests

open Interact.Core.Tests.OnnxBuilder
open Interact.Core
open Interact.Core.Onnx
open Interact.Core.Tests.ModelFile
open Xunit

let private row = Val.float "x" [ Symbol "N"; Fixed 3L ]
let private passOn = node "Identity" [ "x" ] [ "y" ] []

let private ofInputs inputs = model 13 [ passOn ] inputs [ "y" ] []
let private ofNodes nodes = model 13 nodes [ row ] [ "y" ] []

[<Fact>]
let ``all problems of a file are reported together, by node and operator`` () =
    let bytes =
        model
            13
            [
                node "NonMaxSuppression" [ "x" ] [ "a" ] [] |> named "boxes"
                node "Relu" [ "a" ] [ "b" ] []
                node "Reshape" [ "x"; "sizes" ] [ "c" ] [] |> named "fold"
                node "Add" [ "b"; "c" ] [ "d" ] []
                node "StringNormalizer" [ "x" ] [ "y" ] []
            ]
            [ row ] [ "y" ] [ Init.int64s "sizes" [ 2 ] [ 2L; -1L ] ]

    assertProblems bytes [
        "node 'boxes' (NonMaxSuppression)", "not among those that can be imported"
        "node 'fold' (Reshape)", "1 x 3 cannot become 2 x -1"
        "node of 'y' (StringNormalizer)", "not among those that can be imported"
    ]

[<Fact>]
let ``inputs whose shape or elements cannot be explained are refused`` () =
    let place = "input 'x'"

    for axes, problem in
        [
            [ Symbol "N"; Symbol "M" ], "the size of axis 1 ('M') is open; export the model with a fixed size there"
            [ Symbol "N"; Fixed 3L; Unknown ], "the size of axis 2 is open"
            [ Fixed 0L; Fixed 3L ], "axis 0 has size 0"
            [ Fixed 65536L; Fixed 65536L ], "more elements than an array can hold"
        ] do
        assertProblems (ofInputs [ Val.float "x" axes ]) [ place, problem ]

    assertProblems (ofInputs [ Val.int64 "x" [ Fixed 3L ] ]) [
        place, "its elements are INT64; only floating inputs can be explained"
    ]

    assertProblems (ofInputs [ "x", DataType.String, [ Fixed 3L ] ]) [ place, "its elements are STRING" ]

[<Fact>]
let ``inputs without a shape, and those that are no tensors, are refused`` () =
    let withInput (declaredType: byte[] list) =
        let (Graph rest) = graph [ passOn ] [] [ Val.float "y" [] ] []
        let input = Field.message 11 [ Field.text 1 "x"; Field.message 2 declaredType ]
        file [ "", 13 ] (Graph(Array.append rest input)) []

    let floats = Field.message 1 [ Field.int 1 1 ]
    assertProblems (withInput [ floats ]) [ "input 'x'", "its shape is unknown" ]
    assertProblems (withInput [ Field.message 4 [ Field.message 1 [ floats ] ] ]) [ "input 'x'", "it is not a tensor" ]

[<Fact>]
let ``models with no input, or with one beside it that cannot be held fixed, are refused`` () =
    assertProblems (model 13 [ node "Identity" [ "w" ] [ "y" ] [] ] [] [ "y" ] [ Init.floats "w" [ 1 ] [ 1.0 ] ]) [
        "the file", "no input"
    ]

    assertProblems (ofInputs [ row; "codes", DataType.String, [ Fixed 1L ]; Val.float "z" [ Fixed 1L; Symbol "M" ] ]) [
        "input 'codes'", "its elements are STRING"
        "input 'z'", "the size of axis 1 ('M') is open"
    ]

[<Theory>]
[<InlineData("TreeEnsembleClassifier")>]
[<InlineData("TreeEnsembleRegressor")>]
[<InlineData("TreeEnsemble")>]
let ``tree ensembles are refused because their gradients are zero`` operator =
    let nodes = [ nodeOf "ai.onnx.ml" operator [ "x" ] [ "y" ] [] |> named "trees" ]
    let bytes = file [ "", 13; "ai.onnx.ml", 3 ] (graph nodes [ row ] [ Val.float "y" [] ] []) []
    assertProblems bytes [ $"node 'trees' (ai.onnx.ml.{operator})", "every gradient is zero" ]

[<Fact>]
let ``operators of others are refused by the name of their set`` () =
    let nodes = [ nodeOf "com.example" "Odd" [ "x" ] [ "y" ] [] ]
    let bytes = file [ "", 13; "com.example", 1 ] (graph nodes [ row ] [ Val.float "y" [] ] []) []
    assertProblems bytes [ "node of 'y' (com.example.Odd)", "belongs to 'com.example'" ]

[<Fact>]
let ``standard operators need a version`` () =
    let bytes = file [ "ai.onnx.ml", 3 ] (graph [ passOn ] [ row ] [ Val.float "y" [] ] []) []
    assertProblems bytes [ "the file", "no version of the standard operators" ]

[<Fact>]
let ``a value used before it is computed is reported once`` () =
    assertProblems
        (ofNodes [
            node "Add" [ "x"; "late" ] [ "a" ] []
            node "Mul" [ "late"; "a" ] [ "b" ] []
            node "Neg" [ "x" ] [ "late" ] []
            node "Add" [ "late"; "x" ] [ "y" ] []
        ])
        [ "node of 'a' (Add)", "'late' is used before anything computes it" ]

[<Fact>]
let ``a cycle is a value used before it is computed`` () =
    assertProblems (ofNodes [ node "Add" [ "x"; "y" ] [ "a" ] []; node "Neg" [ "a" ] [ "y" ] [] ]) [
        "node of 'a' (Add)", "'y' is used before anything computes it"
    ]

[<Fact>]
let ``names that are given twice are reported`` () =
    let twice = "is computed twice"
    assertProblems (ofNodes [ passOn; node "Neg" [ "x" ] [ "y" ] [] ]) [ "node of 'y' (Neg)", $"'y' {twice}" ]
    assertProblems (ofNodes [ node "Neg" [ "x" ] [ "x" ] []; passOn ]) [ "node of 'x' (Neg)", $"'x' {twice}" ]

    let constant = Init.floats "w" [ 1 ] [ 1.0 ]
    assertProblems (model 13 [ passOn ] [ row ] [ "y" ] [ constant; constant ]) [ "constant 'w'", "given twice" ]

[<Fact>]
let ``outputs that nothing computes, or that have no elements, are refused`` () =
    assertProblems (model 13 [ passOn ] [ row ] [ "y"; "z" ] []) [ "output 'z'", "nothing computes it" ]

    let empty = node "Slice" [ "x"; "at"; "at" ] [ "y" ] []
    let bytes = model 13 [ empty ] [ row ] [ "y"; "x" ] [ Init.int64s "at" [ 1 ] [ 0L ] ]

    match loadWith OnnxModel.defaults bytes with
    | Error [ problem ] -> Assert.Equal("output 'y': it has no elements; name another output", string problem)
    | other -> Assert.Fail $"{other}"

    Assert.Equal(3, (loadWith { OnnxModel.defaults with Output = Some "x" } bytes |> value).OutputSize)

[<Fact>]
let ``constants that cannot be read are refused by name`` () =
    for constant, problem in
        [
            Init.external "w" DataType.Float [ 3 ] "weights.bin", "in the file 'weights.bin', which does not exist"
            Init.raw "w" DataType.Float [ 3 ] [| 1uy; 2uy |], "should have 3 elements and has 2 bytes"
            Init.raw "w" DataType.Complex64 [ 0 ] [||], "COMPLEX64, which cannot be read"
            Init.floats "w" [ 100000; 100000 ] [], "more elements than an array can hold"
        ] do
        assertProblems (model 13 [ passOn ] [ row ] [ "y" ] [ constant ]) [ "constant 'w'", problem ]

    let (Graph rest) = graph [ passOn ] [ row ] [ Val.float "y" [] ] []
    let sparse = file [ "", 13 ] (Graph(Array.append rest (Field.message 15 []))) []
    assertProblems sparse [ "the file", "sparse constants are not supported" ]

let private constants = [
    Init.floats "matrix" [ 4; 2 ] [ 1.0 .. 8.0 ]
    Init.floats "vector" [ 4 ] [ 1.0 .. 4.0 ]
    Init.int64s "zero" [ 1 ] [ 0L ]
    Init.int64s "one" [ 1 ] [ 1L ]
    Init.int64s "two" [ 1 ] [ 2L ]
    Init.int64s "three" [ 1 ] [ 3L ]
    Init.int64s "huge" [ 1 ] [ 4294967296L ]
    Init.int64s "wide" [ 2 ] [ 65536L; 65536L ]
    Init.int64s "holes" [ 2 ] [ -1L; -1L ]
    Init.floats "ratio" [] [ 0.5 ]
    Init.bools "true" [] [ true ]
]

/// Nodes that do not fit their operands, x among them, which has the shape 1 x 3; and what is said of each.
let private misfits: (string * string list * Attribute list * string) list = [
    "MatMul", [ "x"; "matrix" ], [], "1 x 3"
    "MatMul", [ "x"; "ratio" ], [], "a scalar is no operand"
    "Add", [ "x"; "vector" ], [], "shapes 1 x 3 and 4 do not fit"
    "Gemm", [ "x"; "vector" ], [], "operand 1 has shape 4; a matrix is needed"
    "Gemm", [ "x" ], [], "operand 1 is missing"
    "Add", [ "x"; "" ], [], "operand 1 is missing"
    "Concat", [ "x"; "matrix" ], [ Attr.int "axis" 0 ], "1 x 3 and 4 x 2 differ beside axis 0"
    "Softmax", [ "x" ], [ Attr.int "axis" 2 ], "axis 2 does not exist in a tensor of 2 axes"
    "Softmax", [ "x" ], [ Attr.float "axis" 1.0 ], "attribute 'axis' is not an integer"
    "ReduceMean", [ "x" ], [ Attr.int "axes" 1 ], "attribute 'axes' is not a list of integers"
    "LeakyRelu", [ "x" ], [ Attr.int "alpha" 1 ], "attribute 'alpha' is not a number"
    "Transpose", [ "x" ], [ Attr.ints "perm" [ 0; 0 ] ], "attribute 'perm' does not list each of 2 axes once"
    "Transpose", [ "x" ], [ Attr.ints "perm" [ 0..99 ] ], "attribute 'perm' does not list each of 2 axes once"
    "Gather", [ "x"; "three" ], [ Attr.int "axis" 1 ], "index 3 lies outside axis 1 of shape 1 x 3"
    "Gather", [ "vector"; "x" ], [], "depend on the model's input"
    "Reshape", [ "x"; "x" ], [], "its sizes (operand 1) depend on the model's input"
    "Reshape", [ "x"; "two" ], [], "1 x 3 has 3 elements, 2 has 2"
    "Reshape", [ "x"; "holes" ], [], "more than one size is -1"
    "Reshape", [ "x"; "wide" ], [], "its result is too large"
    "Expand", [ "x"; "two" ], [], "1 x 3 cannot be expanded to 2"
    "Expand", [ "ratio"; "wide" ], [], "its result is too large"
    "Expand", [ "ratio"; "huge" ], [], "size 4294967296 is not possible"
    "ConstantOfShape", [ "wide" ], [], "its result is too large"
    "Slice", [ "x"; "zero"; "one"; "one"; "zero" ], [], "step 0"
    "Slice", [ "x"; "zero"; "one"; "huge" ], [], "axis 4294967296 does not exist"
    "Slice", [ "x"; "zero"; "wide" ], [], "differ in number"
    "Slice", [ "x"; "zero" ], [], "its ends (operand 2) are missing"
    "Squeeze", [ "x"; "one" ], [], "axis 1 has size 3 and cannot be squeezed"
    "Unsqueeze", [ "x"; "huge" ], [], "does not exist"
    "Split", [ "x"; "two" ], [ Attr.int "axis" 1 ], "axis 1 of size 3 cannot be split as asked"
    "Clip", [ "x"; "vector" ], [], "has 4 elements where one is needed"
    "Clip", [ "vector"; "x" ], [], "its lower limit (operand 1) has 3 elements"
    "Cast", [ "x" ], [], "attribute 'to' is missing"
    "Cast", [ "x" ], [ Attr.int "to" 8 ], "STRING numbers cannot be imported"
    "Constant", [], [ Attr.string "value_string" "a" ], "only numbers can"
    "Constant", [], [], "exactly one value"
    "Dropout", [ "x"; "ratio"; "true" ], [], "training mode"
    "BatchNormalization", [ "x"; "x"; "x"; "x"; "x" ], [ Attr.int "training_mode" 1 ], "training mode"
]

[<Fact>]
let ``nodes that do not fit their operands are refused by name and operator`` () =
    for operator, operands, attributes, problem in misfits do
        let misfit = node operator operands [ "z" ] attributes |> named "misfit"
        let bytes = model 14 [ misfit; passOn ] [ row ] [ "y" ] constants
        assertProblems bytes [ $"node 'misfit' ({operator})", problem ]

[<Fact>]
let ``results that an operator does not have are refused`` () =
    assertProblems (ofNodes [ node "Neg" [ "x" ] [ "y"; "more" ] [] ]) [
        "node of 'y' (Neg)", "its result 'more' (number 1) is not supported"
    ]

[<Fact>]
let ``an unknown approximation of Gelu is refused`` () =
    let bytes =
        model 20 [ node "Gelu" [ "x" ] [ "y" ] [ Attr.string "approximate" "line" ] ] [ row ] [ "y" ] []

    assertProblems bytes [ "node of 'y' (Gelu)", "'line'; 'none' and 'tanh' are known" ]

[<Fact>]
let ``names out of a file are made fit for a terminal`` () =
    let bytes = ofNodes [ node "Odd" [ "x" ] [ "y" ] [] |> named "a\u001b[2Jb\n" ]
    assertProblems bytes [ @"node 'a\u001B[2Jb\u000A' (Odd)", "not among those" ]

/// Why the model is not finite at a point.
let private whyNotFinite nodes (point: float[]) =
    let f =
        (model 13 nodes [ Val.double "x" [ Fixed(int64 point.Length) ] ] [ "y" ] [ Init.doubles "p" [] [ 1.5 ] ]
         |> load)
            .Function

    f.WhyNotFinite(point, Array.create f.OutputSize 1.0) |> Option.map _.Reason

let private logarithm = node "Log" [ "x" ] [ "l" ] [] |> named "logarithm"

[<Fact>]
let ``a value that is not finite is traced to the first node that makes it so`` () =
    let nodes = [ logarithm; node "Exp" [ "l" ] [ "e" ] []; node "ReduceSum" [ "e" ] [ "y" ] [] ]
    Assert.Equal(Some "node 'logarithm' (Log) gives NaN", whyNotFinite nodes [| 1.0; -1.0 |])
    Assert.Equal(Some "node 'logarithm' (Log) gives -Infinity", whyNotFinite nodes [| 1.0; 0.0 |])
    Assert.Equal(None, whyNotFinite nodes [| 1.0; 2.0 |])

[<Fact>]
let ``a derivative that is not finite is traced to its node`` () =
    let root = [ node "Sqrt" [ "x" ] [ "y" ] [] |> named "root" ]
    Assert.Equal(Some "the first derivative of node 'root' (Sqrt) is not finite", whyNotFinite root [| 0.0 |])
    Assert.Equal(None, whyNotFinite root [| 0.25 |])

    let power = [ node "Neg" [ "x" ] [ "z" ] []; node "Pow" [ "z"; "p" ] [ "y" ] [] ]
    Assert.Equal(Some "the second derivative of node of 'y' (Pow) is not finite", whyNotFinite power [| 0.0 |])

[<Fact>]
let ``a choice between branches does not hide an infinite derivative`` () =
    let nodes = [
        node "Sqrt" [ "x" ] [ "r" ] [] |> named "root"
        node "Less" [ "x"; "p" ] [ "small" ] []
        node "Where" [ "small"; "x"; "r" ] [ "y" ] []
    ]

    Assert.Equal(Some "the first derivative of node 'root' (Sqrt) is not finite", whyNotFinite nodes [| 0.0 |])
    Assert.Equal(None, whyNotFinite nodes [| 1.0 |])
