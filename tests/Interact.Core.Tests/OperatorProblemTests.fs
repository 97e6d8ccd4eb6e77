/// Operators that cannot be built from what a file gives them: each is refused in a line that says why.
module Interact.Core.Tests.OperatorProblemTests

open Interact.Core.Tests.ModelFile
open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Onnx
open Xunit

let private refused opset domain operator inputs attributes constants words =
    let call = nodeOf domain operator inputs [ "y" ] attributes
    let sets = if domain = "" then [ "", opset ] else [ "", 13; domain, opset ]

    let bytes =
        file sets (graph [ call ] [ Val.double "x" [ Fixed 2L; Fixed 3L ] ] [ Val.double "y" [] ] constants) []

    let name = if domain = "" then operator else $"{domain}.{operator}"
    assertProblems bytes [ $"node of 'y' ({name})", words ]

let private standard opset operator inputs attributes constants words =
    refused opset "" operator inputs attributes constants words

let private integers name values = Init.int64s name [ List.length values ] values

[<Fact>]
let ``indices and sizes that depend on the input are refused`` () =
    for operator, inputs in
        [
            "GatherElements", [ "x"; "x" ]
            "GatherND", [ "x"; "x" ]
            "ScatterElements", [ "x"; "x"; "x" ]
            "ScatterND", [ "x"; "x"; "x" ]
            "Tile", [ "x"; "x" ]
            "Pad", [ "x"; "x" ]
            "Compress", [ "x"; "x" ]
            "CumSum", [ "x"; "x" ]
            "ReverseSequence", [ "x"; "x" ]
        ] do
        standard 16 operator inputs [] [] "depend on the model's input"

    standard 13 "NonZero" [ "x" ] [] [] "the shape of the result"
    standard 13 "Range" [ "x"; "x"; "x" ] [] [] "depends on the model's input"

[<Fact>]
let ``indices outside a tensor are refused`` () =
    standard 13 "GatherElements" [ "x"; "i" ] [] [ Init.int64s "i" [ 1; 1 ] [ 2L ] ] "index 2 lies outside an axis of 2"
    standard 13 "GatherND" [ "x"; "i" ] [] [ Init.int64s "i" [ 1; 2 ] [ 0L; -4L ] ] "index -4 lies outside an axis of 3"
    standard 13 "GatherND" [ "x"; "i" ] [] [ Init.int64s "i" [ 1; 3 ] [ 0L; 0L; 0L ] ] "do not fit shape 2 x 3"
    standard 13 "GatherElements" [ "x"; "i" ] [] [ integers "i" [ 0L ] ] "do not fit shape 2 x 3"

    standard
        13
        "ScatterND"
        [ "x"; "i"; "u" ]
        []
        [ Init.int64s "i" [ 1; 1 ] [ 0L ]; Init.doubles "u" [ 2 ] [ 1.0; 2.0 ] ]
        "its updates have shape 2 where 1 x 3 is needed"

    standard
        13
        "Compress"
        [ "x"; "i" ]
        [ Attr.int "axis" 0 ]
        [ Init.bools "i" [ 3 ] [ true; true; true ] ]
        "is longer than axis 0"

[<Fact>]
let ``unknown modes are refused with those that exist`` () =
    let pads = integers "p" [ 0L; 0L; 1L; 1L ]
    standard 13 "Pad" [ "x"; "p" ] [ Attr.string "mode" "odd" ] [ pads ] "mode 'odd' is unknown; use constant"

    let indices, updates = Init.int64s "i" [ 1; 1 ] [ 0L ], Init.doubles "u" [ 1; 1 ] [ 0.0 ]

    standard
        18
        "ScatterElements"
        [ "x"; "i"; "u" ]
        [ Attr.string "reduction" "odd" ]
        [ indices; updates ]
        "reduction 'odd'"

[<Fact>]
let ``what cannot be padded, repeated or counted is refused`` () =
    standard 13 "Pad" [ "x"; "p" ] [] [ integers "p" [ 1L ] ] "1 pads were given for 2 axes"
    standard 13 "Pad" [ "x"; "p" ] [] [ integers "p" [ -2L; 0L; -1L; 0L ] ] "an axis of 2 elements cannot lose 3"
    standard 13 "Pad" [ "x"; "p" ] [] [ integers "p" [ 0L; 0L; 1L <<< 40; 0L ] ] "its result is too large"
    standard 13 "Tile" [ "x"; "p" ] [] [ integers "p" [ 2L ] ] "not one number from 0 for each axis"
    let number name value = Init.doubles name [] [ value ]
    standard 13 "Range" [ "a"; "b"; "c" ] [] [ number "a" 0.0; number "b" 1.0; number "c" 0.0 ] "its step is 0"

    standard
        13
        "Range"
        [ "a"; "b"; "c" ]
        []
        [ number "a" 0.0; number "b" 1e300; number "c" 1.0 ]
        "its result is too large"

    standard 13 "Range" [ "a"; "b"; "c" ] [] [ number "a" nan; number "b" 1.0; number "c" 1.0 ] "not all numbers"
    standard 14 "Trilu" [ "v" ] [] [ Init.doubles "v" [ 2 ] [ 1.0; 2.0 ] ] "a matrix is needed"

    standard
        13
        "OneHot"
        [ "x"; "d"; "v" ]
        []
        [ integers "d" [ 0L ]; Init.doubles "v" [ 2 ] [ 0.0; 1.0 ] ]
        "one number from 1"

    standard
        13
        "ReverseSequence"
        [ "x"; "l" ]
        []
        [ integers "l" [ 1L; 2L; 3L ] ]
        "not one number up to 2 for each of 3 sequences"

[<Fact>]
let ``recurrent layers whose operands do not fit are refused`` () =
    let ones name shape = Init.doubles name shape [ for _ in 1 .. List.fold (*) 1 shape -> 1.0 ]
    let sequence, weights, recurrence = ones "s" [ 3; 1; 2 ], ones "w" [ 1; 4; 2 ], ones "r" [ 1; 4; 4 ]
    let rnn attributes constants words = standard 14 "RNN" [ "s"; "w"; "r" ] attributes constants words

    standard
        14
        "RNN"
        [ "x"; "w"; "r" ]
        []
        [ weights; recurrence ]
        "its sequences (operand 0) have shape 2 x 3 where ? x ? x ? is needed"

    rnn [] [ sequence; ones "w" [ 1; 3; 2 ]; recurrence ] "its weights (operand 1) have shape 1 x 3 x 2 where 1 x 4 x 2"
    rnn [ Attr.string "direction" "odd" ] [ sequence; weights; recurrence ] "direction 'odd' is unknown"
    rnn [ Attr.strings "activations" [ "Odd" ] ] [ sequence; weights; recurrence ] "activation 'Odd' is unknown"

    rnn [ Attr.strings "activations" [ "Tanh"; "Tanh" ] ] [ sequence; weights; recurrence ] "2 activations instead of 1"

[<Fact>]
let ``attention whose operands do not fit is refused`` () =
    standard 23 "Attention" [ "x"; "x"; "x" ] [] [] "operand 0 has shape 2 x 3; three or four axes are needed"

    let ones name shape = Init.doubles name shape [ for _ in 1 .. List.fold (*) 1 shape -> 1.0 ]
    standard 23 "Attention" [ "q"; "q"; "q" ] [] [ ones "q" [ 1; 2; 4 ] ] "attribute 'q_num_heads' is missing"

    standard
        23
        "Attention"
        [ "q"; "q"; "q" ]
        [ Attr.int "q_num_heads" 3; Attr.int "kv_num_heads" 3 ]
        [ ones "q" [ 1; 2; 4 ] ]
        "4 features are no whole number for each of 3 heads"

    standard
        23
        "Attention"
        [ "q"; "k"; "k" ]
        []
        [ ones "q" [ 1; 3; 2; 2 ]; ones "k" [ 1; 2; 2; 2 ] ]
        "3 heads of queries cannot share 2 heads of keys"

    standard
        23
        "Attention"
        [ "q"; "q"; "q"; "m" ]
        []
        [ ones "q" [ 1; 1; 2; 2 ]; ones "m" [ 2; 5 ] ]
        "5 keys where there are 2"

[<Fact>]
let ``machine learning operators without one meaning are refused`` () =
    let ml operator attributes words = refused 3 "ai.onnx.ml" operator [ "x" ] attributes [] words
    let labels count = Attr.ints "classlabels_ints" [ 1..count ]
    ml "LinearRegressor" [ Attr.floats "coefficients" [ 1.0 ] ] "holds 1 numbers where 1 x 3 are needed"
    ml "LinearClassifier" [ Attr.floats "coefficients" [ 1.0; 2.0; 3.0 ]; labels 2 ] "a row for each class"
    ml "Scaler" [ Attr.floats "scale" [ 1.0; 2.0 ] ] "2 numbers for 3 features"
    ml "Normalizer" [ Attr.string "norm" "odd" ] "norm 'odd' is unknown"
    ml "ZipMap" [] "its result is a map"

    ml
        "LinearRegressor"
        [ Attr.floats "coefficients" [ 1.0; 1.0; 1.0 ]; Attr.string "post_transform" "PROBIT" ]
        "post_transform 'PROBIT' cannot be imported"

    ml
        "SVMClassifier"
        [
            Attr.floats "support_vectors" [ 1.0 .. 9.0 ]
            Attr.floats "coefficients" [ 1.0 .. 6.0 ]
            Attr.floats "rho" [ 0.0; 0.0; 0.0 ]
            Attr.floats "prob_a" [ 1.0; 1.0; 1.0 ]
            Attr.floats "prob_b" [ 0.0; 0.0; 0.0 ]
            Attr.ints "vectors_per_class" [ 1; 1; 1 ]
            labels 3
        ]
        "found by iteration, which has no exact derivative"

[<Fact>]
let ``graphs inside nodes that do not fit are refused`` () =
    let body = graph [] [ Val.int64 "turn" [] ] [ Val.bool "more" [] ] [ Init.bools "more" [] [ true ] ]
    let turns = Init.int64s "n" [] [ 1L ]
    standard 13 "Loop" [ "n"; ""; "x" ] [ Attr.graph "body" body ] [ turns ] "takes 1 inputs where 3 are due"
    standard 13 "Loop" [ "n"; ""; "x" ] [] [ turns ] "attribute 'body' is missing"

    let empty =
        graph [] [ Val.int64 "turn" []; Val.bool "go" [] ] [ Val.bool "go" []; Val.double "z" [ Unknown ] ] [
            Init.doubles "z" [ 1 ] [ 1.0 ]
        ]

    standard
        13
        "Loop"
        [ "n"; "" ]
        [ Attr.graph "body" empty ]
        [ Init.int64s "n" [] [ 0L ] ]
        "takes no turn, and the shape of 'z' is open"

    standard
        13
        "Scan"
        [ "x" ]
        [ Attr.graph "body" empty; Attr.int "num_scan_inputs" 2 ]
        []
        "'num_scan_inputs' is 2 for 1 operands"

    standard 13 "If" [ "b" ] [] [ Init.bools "b" [] [ true ] ] "attribute 'then_branch' is missing"

    standard
        13
        "If"
        [ "b" ]
        [ Attr.graph "then_branch" empty ]
        [ Init.bools "b" [ 2 ] [ true; true ] ]
        "its condition has 2 elements"
