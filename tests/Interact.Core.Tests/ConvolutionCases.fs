/// Rows of convolutions and of their transposes.
module internal Interact.Core.Tests.ConvolutionCases

open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase
open Interact.Core.Tests.Windows

let private product
    operator
    formula
    about
    opset
    groups
    axes
    given
    (xShape: int list)
    (wShape: int list)
    channels
    outSpace
    =
    let x, w, bias = numbers (size xShape), numbers (size wShape), numbers channels

    row operator opset about (Attr.int "group" groups :: given) [ Reals(xShape, x); Reals(wShape, w); reals bias ] [
        formula groups axes xShape x wShape w bias outSpace
    ]

let private conv about opset groups axes given = product "Conv" convolution about opset groups axes given
let private transposed about opset groups axes given = product "ConvTranspose" spread about opset groups axes given

let private uneven = [
    { Kernel = 2; Stride = 2; Dilation = 2; Before = 1; After = 0 }
    { Kernel = 3; Stride = 1; Dilation = 1; Before = 0; After = 2 }
]

let private convolutions = [
    row "Conv" 11 "written out" [] [ Reals([ 1; 1; 4 ], [ 1.0; 2.0; -1.0; 3.0 ]); Reals([ 1; 1; 2 ], [ 10.0; 1.0 ]) ] [
        Reals([ 1; 1; 3 ], [ 12.0; 19.0; -7.0 ])
    ]
    conv "along one axis" 9 1 [ axis 3 ] [] [ 2; 2; 5 ] [ 3; 2; 3 ] 3 [ 3 ]
    conv "of everything at once" 11 1 [ axis 3; axis 2 ] [] [ 1; 2; 3; 2 ] [ 2; 2; 3; 2 ] 2 [ 1; 1 ]
    conv "of single elements" 11 1 [ axis 1; axis 1 ] [] [ 1; 3; 2; 2 ] [ 2; 3; 1; 1 ] 2 [ 2; 2 ]
    conv "with strides, dilations and uneven padding" 11 1 uneven (attributes uneven) [ 1; 2; 5; 3 ] [ 2; 2; 2; 3 ] 2 [
        2
        3
    ]
    conv "in groups" 22 2 [ axis 2 ] [] [ 2; 4; 4 ] [ 6; 2; 2 ] 6 [ 3 ]
    conv "of each channel by itself" 22 3 [ axis 2; axis 2 ] [] [ 1; 3; 3; 3 ] [ 3; 1; 2; 2 ] 3 [ 2; 2 ]
    conv "in three dimensions" 22 1 [ axis 2; axis 1; axis 2 ] [] [ 1; 1; 3; 2; 3 ] [ 2; 1; 2; 1; 2 ] 2 [ 2; 2; 2 ]
    conv
        "as many results as elements, odd padding at the end"
        11
        1
        [ { axis 2 with Before = 0 }; { axis 3 with Before = 1 } ]
        [ same "SAME_UPPER" ]
        [ 1; 1; 3; 3 ]
        [ 1; 1; 2; 3 ]
        1
        [ 3; 3 ]
    conv
        "odd padding at the start, with strides"
        11
        1
        [ { axis 4 with Stride = 2; Before = 2 } ]
        [ same "SAME_LOWER"; Attr.ints "strides" [ 2 ] ]
        [ 1; 1; 5 ]
        [ 1; 1; 4 ]
        1
        [ 3 ]
    conv "without padding by name" 11 1 [ axis 2 ] [ same "VALID" ] [ 1; 1; 4 ] [ 1; 1; 2 ] 1 [ 3 ]
    row "Conv" 11 "padding wider than the window" [ Attr.ints "pads" [ 3; 0 ] ] [
        Reals([ 1; 1; 2 ], [ 1.0; 2.0 ])
        Reals([ 1; 1; 2 ], [ 10.0; 1.0 ])
    ] [ Reals([ 1; 1; 4 ], [ 0.0; 0.0; 1.0; 12.0 ]) ]
]

let private strided = [
    { Kernel = 3; Stride = 2; Dilation = 1; Before = 1; After = 0 }
    { Kernel = 2; Stride = 1; Dilation = 2; Before = 0; After = 1 }
]

let private transposedConvolutions = [
    row "ConvTranspose" 11 "written out" [ Attr.ints "strides" [ 2 ] ] [
        Reals([ 1; 1; 2 ], [ 1.0; 2.0 ])
        Reals([ 1; 1; 3 ], [ 1.0; 10.0; 100.0 ])
    ] [ Reals([ 1; 1; 5 ], [ 1.0; 10.0; 102.0; 20.0; 200.0 ]) ]
    transposed "along one axis" 9 1 [ axis 3 ] [] [ 2; 2; 3 ] [ 2; 3; 3 ] 3 [ 5 ]
    transposed
        "with strides, dilations and uneven padding"
        11
        1
        strided
        (attributes strided)
        [ 1; 2; 2; 3 ]
        [ 2; 2; 3; 2 ]
        2
        [ 4; 4 ]
    transposed
        "with elements added at the end"
        11
        1
        [ { axis 3 with Stride = 3 } ]
        [ Attr.ints "strides" [ 3 ]; Attr.ints "output_padding" [ 2 ] ]
        [ 1; 1; 2 ]
        [ 1; 1; 3 ]
        1
        [ 8 ]
    transposed "in groups" 22 2 [ axis 2; axis 2 ] [] [ 1; 4; 2; 2 ] [ 4; 3; 2; 2 ] 6 [ 3; 3 ]
    transposed "in three dimensions" 22 1 [ axis 2; axis 1; axis 2 ] [] [ 1; 1; 2; 1; 2 ] [ 1; 1; 2; 1; 2 ] 1 [
        3
        1
        3
    ]
    transposed
        "of a given shape, the odd cut at the start"
        11
        1
        [ { axis 4 with Stride = 2; Before = 2 } ]
        [ Attr.ints "strides" [ 2 ]; Attr.ints "output_shape" [ 5 ] ]
        [ 1; 1; 3 ]
        [ 1; 1; 4 ]
        1
        [ 5 ]
    transposed
        "of a given shape, the odd cut at the end"
        11
        1
        [ { axis 4 with Stride = 2; Before = 1 } ]
        [ Attr.ints "strides" [ 2 ]; Attr.ints "output_shape" [ 5 ]; same "SAME_UPPER" ]
        [ 1; 1; 3 ]
        [ 1; 1; 4 ]
        1
        [ 5 ]
    transposed
        "of a larger shape than windows reach"
        11
        1
        [ { axis 2 with Stride = 2 } ]
        [ Attr.ints "strides" [ 2 ]; Attr.ints "output_shape" [ 7 ] ]
        [ 1; 1; 3 ]
        [ 1; 1; 2 ]
        1
        [ 7 ]
    transposed
        "as many results as strides make"
        11
        1
        [ { axis 3 with Stride = 2; Before = 0 } ]
        [ Attr.ints "strides" [ 2 ]; same "SAME_UPPER" ]
        [ 1; 1; 3 ]
        [ 1; 1; 3 ]
        1
        [ 6 ]
]

let table = convolutions @ transposedConvolutions
