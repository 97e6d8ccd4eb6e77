/// Windows, resampling, normalisations and choices that do not fit their operands: refused with the reason.
module Interact.Core.Tests.ImageProblemTests

open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Onnx
open Interact.Core.Tests.ModelFile
open Xunit

let private image = Val.float "x" [ Fixed 1L; Fixed 2L; Fixed 4L; Fixed 4L ]

let private constants = [
    Init.floats "weights" [ 3; 2; 2; 2 ] (List.replicate 24 0.5)
    Init.floats "deep" [ 3; 5; 2; 2 ] (List.replicate 60 0.5)
    Init.floats "line" [ 3; 2; 2 ] (List.replicate 12 0.5)
    Init.floats "hollow" [ 3; 2; 0; 2 ] []
    Init.floats "two" [ 2 ] [ 1.0; 2.0 ]
    Init.floats "three" [ 3 ] [ 1.0; 2.0; 3.0 ]
    Init.floats "scales" [ 4 ] [ 1.0; 1.0; 2.0; -1.0 ]
    Init.floats "vast" [ 4 ] [ 1.0; 1.0; 1e9; 1e9 ]
    Init.int64s "sizes" [ 4 ] [ 1L; 2L; 8L; 8L ]
    Init.int64s "targets" [ 1; 4; 4 ] [ for i in 0L .. 15L -> i ]
    Init.int64s "nine" [ 1 ] [ 9L ]
]

let private ints = Attr.ints
let private kernel = ints "kernel_shape" [ 2; 2 ]

/// What does not fit, x of 1 x 2 x 4 x 4 among its operands, and what is said of it.
let private misfits: (string * string list * Attribute list * string) list = [
    "Conv", [ "x"; "deep" ], [], "weights of shape 3 x 5 x 2 x 2 do not fit 2 channels in 1 groups"
    "Conv", [ "x"; "line" ], [], "its weights have shape 3 x 2 x 2, its operand 1 x 2 x 4 x 4"
    "Conv", [ "x"; "hollow" ], [], "a window without elements is none"
    "Conv", [ "x"; "weights" ], [ Attr.int "group" 3 ], "2 channels cannot be divided into 3 groups"
    "Conv", [ "x"; "weights" ], [ Attr.int "group" 0 ], "2 channels cannot be divided into 0 groups"
    "Conv", [ "x"; "weights" ], [ ints "kernel_shape" [ 3; 3 ] ], "attribute 'kernel_shape' does not fit"
    "Conv", [ "x"; "weights" ], [ ints "strides" [ 1 ] ], "attribute 'strides' has 1 numbers where 2 are needed"
    "Conv", [ "x"; "weights" ], [ ints "strides" [ 1; 0 ] ], "attribute 'strides' holds 0; it must be positive"
    "Conv", [ "x"; "weights" ], [ ints "pads" [ 0; 0; 0; -1 ] ], "attribute 'pads' holds -1; it must not be negative"
    "Conv", [ "x"; "weights" ], [ ints "pads" [ 2000000000; 0; 0; 0 ] ], "its result is too large"
    "Conv", [ "x"; "weights" ], [ ints "dilations" [ 1; 4 ] ], "a window of 5 elements does not fit axis 3"
    "Conv", [ "x"; "weights" ], [ Attr.string "auto_pad" "ROUND" ], "attribute 'auto_pad' is 'ROUND'"
    "Conv", [ "x"; "weights"; "two" ], [], "its bias has shape 2; one number for each of 3 channels is needed"
    "Conv", [ "two"; "weights" ], [], "batch, channels and at least one further axis are needed"
    "ConvTranspose", [ "x"; "weights" ], [], "weights of shape 3 x 2 x 2 x 2 do not fit 2 channels"
    "MaxPool", [ "x" ], [], "attribute 'kernel_shape' is missing"
    "MaxPool", [ "x" ], [ ints "kernel_shape" [ 2 ] ], "attribute 'kernel_shape' has 1 numbers where 2 are needed"
    "MaxPool", [ "x" ], [ kernel; ints "pads" [ 2; 0; 0; 0 ] ], "one of its windows lies wholly in the padding"
    "AveragePool", [ "x" ], [ kernel; ints "pads" [ 0; 0; 0; 2 ] ], "one of its windows lies wholly in the padding"
    "LpPool", [ "x" ], [ kernel; Attr.int "p" 0 ], "attribute 'p' is 0; it must be positive"
    "GlobalAveragePool", [ "two" ], [], "batch, channels and at least one further axis are needed"
    "BatchNormalization",
    [ "x"; "three"; "two"; "two"; "two" ],
    [],
    "operand 1 has shape 3; one number for each channel"
    "InstanceNormalization", [ "x"; "two"; "three" ], [], "operand 2 has shape 3; one number for each channel"
    "GroupNormalization", [ "x"; "two"; "two" ], [ Attr.int "num_groups" 3 ], "cannot be divided into 3 groups"
    "LRN", [ "x" ], [], "attribute 'size' is missing"
    "Resize", [ "x" ], [], "it has neither scales nor sizes"
    "Resize", [ "x"; ""; "scales"; "sizes" ], [], "it has both scales and sizes"
    "Resize", [ "x"; ""; "scales" ], [], "scale -1 is not possible"
    "Resize", [ "x"; ""; "vast" ], [], "its result is too large"
    "Resize", [ "x"; ""; "two" ], [], "2 scales or sizes were given for 4 axes"
    "Resize", [ "x"; ""; ""; "sizes" ], [ Attr.string "mode" "best" ], "attribute 'mode' is 'best'"
    "Resize",
    [ "x"; ""; ""; "sizes" ],
    [ Attr.string "coordinate_transformation_mode" "tf_crop_and_resize" ],
    "its region (operand 1) must have 8 finite numbers"
    "DepthToSpace", [ "x" ], [ Attr.int "blocksize" 2 ], "2 channels cannot be divided into blocks of 2 x 2"
    "SpaceToDepth", [ "x" ], [ Attr.int "blocksize" 3 ], "4 x 4 elements cannot be divided into blocks of 3 x 3"
    "SpaceToDepth", [ "x" ], [], "attribute 'blocksize' is 0; it must be positive"
    "TopK", [ "x"; "nine" ], [], "9 elements cannot be picked from axis 3 of shape 1 x 2 x 4 x 4"
    "NegativeLogLikelihoodLoss", [ "x"; "targets" ], [], "target 2 is none of 2 classes"
    "NegativeLogLikelihoodLoss", [ "x"; "nine" ], [], "targets of shape 1 do not fit an operand of shape 1 x 2 x 4 x 4"
    "Einsum", [ "x" ], [ Attr.string "equation" "ij->i" ], "does not fit an operand of shape 1 x 2 x 4 x 4"
    "Einsum", [ "x" ], [ Attr.string "equation" "a...,b->a" ], "has 2 terms for 1 operands"
    "Einsum", [ "x" ], [ Attr.string "equation" "...->b" ], "has a label in its result that no operand has"
    "Einsum", [ "x" ], [ Attr.string "equation" "a...b->bb" ], "has a label twice in its result"
    "Einsum", [ "x" ], [ Attr.string "equation" "a1..." ], "holds '1', which is no label"
    "Einsum", [ "x" ], [ Attr.string "equation" "aabc" ], "has a label on axes of 1 and 2 elements"
    "Einsum", [ "x"; "three" ], [ Attr.string "equation" "...a,a" ], "has a label on axes of 4 and 3 elements"
]

[<Fact>]
let ``nodes that do not fit an image are refused by name and operator`` () =
    for operator, operands, attributes, problem in misfits do
        let misfit = node operator operands [ "z" ] attributes |> named "misfit"
        let bytes = model 21 [ misfit; node "Identity" [ "x" ] [ "y" ] [] ] [ image ] [ "y" ] constants
        assertProblems bytes [ $"node 'misfit' ({operator})", problem ]

[<Fact>]
let ``a number that depends on the input is no size`` () =
    let nodes = [
        node "ArgMax" [ "x" ] [ "place" ] [] |> named "choice"
        node "Reshape" [ "x"; "place" ] [ "y" ] [] |> named "fold"
    ]

    assertProblems (model 13 nodes [ image ] [ "y" ] []) [
        "node 'fold' (Reshape)", "its sizes (operand 1) depend on the model's input"
    ]
