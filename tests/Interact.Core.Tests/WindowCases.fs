/// Rows of convolutions and poolings, by plain loops over elements and places in windows.
module internal Interact.Core.Tests.WindowCases

open System
open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

let private size shape = List.fold (*) 1 shape

/// No two of the first hundred are closer than .01, and none is closer than .1 to 0.
let private numbers count = [
    for i in 1..count ->
        let x = float (i * 37 % 101) / 25.0 - 2.0
        if x >= 0.0 then x + 0.15 else x - 0.1
]

/// How windows move: for each spatial axis kernel, stride, dilation, padding before and after.
type private Axis = { Kernel: int; Stride: int; Dilation: int; Before: int; After: int }

let private axis kernel = { Kernel = kernel; Stride = 1; Dilation = 1; Before = 0; After = 0 }

let private attributes (axes: Axis list) = [
    Attr.ints "strides" (axes |> List.map _.Stride)
    Attr.ints "dilations" (axes |> List.map _.Dilation)
    Attr.ints "pads" (List.append (axes |> List.map _.Before) (axes |> List.map _.After))
]

let private kernels (axes: Axis list) = axes |> List.map _.Kernel

/// The spatial indices that a window's place falls on.
let private elementAt (axes: Axis list) (window: int list) (place: int list) =
    List.map3 (fun axis o k -> o * axis.Stride + k * axis.Dilation - axis.Before) axes window place

let private isInside (space: int list) (index: int list) = List.forall2 (fun size i -> i >= 0 && i < size) space index

/// Y[n, m, o] = B[m] + Σ X[n, c, o·stride + k·dilation - before] W[m, c in the group, k]
let private convolution
    groups
    (axes: Axis list)
    (xShape: int list)
    (x: float list)
    (wShape: int list)
    (w: float list)
    (bias: float list)
    outSpace
    =
    let inGroup, outGroup = wShape[1], wShape[0] / groups
    let space = List.skip 2 xShape

    tabulate (xShape[0] :: wShape[0] :: outSpace) (fun index ->
        let n, m, window = index[0], index[1], List.skip 2 index

        bias[m]
        + List.sum [
            for c in 0 .. inGroup - 1 do
                for place in coordinates (kernels axes) do
                    let element = elementAt axes window place

                    if isInside space element then
                        at xShape x (n :: (m / outGroup * inGroup + c) :: element) * at wShape w (m :: c :: place)
        ])

/// The transpose: every element of X is spread over a window of Y.
let private spread
    groups
    (axes: Axis list)
    (xShape: int list)
    (x: float list)
    (wShape: int list)
    (w: float list)
    (bias: float list)
    outSpace
    =
    let inGroup, outGroup = wShape[0] / groups, wShape[1]

    tabulate (xShape[0] :: groups * outGroup :: outSpace) (fun index ->
        let n, m, target = index[0], index[1], List.skip 2 index

        bias[m]
        + List.sum [
            for c in 0 .. inGroup - 1 do
                for window in coordinates (List.skip 2 xShape) do
                    for place in coordinates (kernels axes) do
                        if elementAt axes window place = target then
                            let channel = m / outGroup * inGroup + c
                            at xShape x (n :: channel :: window) * at wShape w (channel :: m % outGroup :: place)
        ])

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

let private same = Attr.string "auto_pad"

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

/// What is made of the elements of a window that are there, and of the number of its places that count.
let private pooled
    (axes: Axis list)
    (xShape: int list)
    (x: float list)
    outSpace
    includesPadding
    (value: float list -> int -> float)
    =
    let space = List.skip 2 xShape

    let counts (axis: Axis) size i =
        if includesPadding then i >= -axis.Before && i < size + axis.After else i >= 0 && i < size

    tabulate (List.take 2 xShape @ outSpace) (fun index ->
        let places = coordinates (kernels axes) |> List.map (elementAt axes (List.skip 2 index))
        let inside = places |> List.filter (isInside space)

        let counted =
            places
            |> List.filter (List.forall2 (fun (axis, size) i -> counts axis size i) (List.zip axes space))

        value (inside |> List.map (fun element -> at xShape x (List.take 2 index @ element))) counted.Length)

let private pool operator opset about (axes: Axis list) given xShape outSpace includesPadding value =
    let x = numbers (size xShape)

    row operator opset about (Attr.ints "kernel_shape" (kernels axes) :: given) [ Reals(xShape, x) ] [
        pooled axes xShape x outSpace includesPadding value
    ]

let private wide = [
    { Kernel = 3; Stride = 2; Dilation = 1; Before = 1; After = 1 }
    { Kernel = 2; Stride = 2; Dilation = 1; Before = 1; After = 0 }
]

let private dilated = [ { Kernel = 2; Stride = 1; Dilation = 2; Before = 1; After = 1 } ]

let private steps (axes: Axis list) = [
    Attr.ints "strides" (axes |> List.map _.Stride)
    Attr.ints "pads" (List.append (axes |> List.map _.Before) (axes |> List.map _.After))
]

/// Each row of a pooling that knows padding, ceiling and dilation, which came in different versions.
let private poolings operator (first: int, ceiling: int, dilation: int) given value = [
    let on opset about axes more xShape outSpace =
        pool operator opset about axes (given @ more) xShape outSpace false value

    on
        first
        "without overlap"
        [ { axis 2 with Stride = 2 }; { axis 2 with Stride = 2 } ]
        [ Attr.ints "strides" [ 2; 2 ] ] [ 2; 1; 4; 5 ] [ 2; 2 ]

    on first "with padding" wide (steps wide) [ 1; 2; 5; 4 ] [ 3; 2 ]
    on first "along one axis" [ axis 3 ] [] [ 1; 2; 5 ] [ 3 ]
    on first "in three dimensions" [ axis 1; axis 2; axis 2 ] [] [ 1; 1; 2; 2; 3 ] [ 2; 1; 2 ]
    on first "odd padding at the end" [ axis 2 ] [ same "SAME_UPPER" ] [ 1; 1; 3 ] [ 3 ]
    on first "odd padding at the start" [ { axis 2 with Before = 1 } ] [ same "SAME_LOWER" ] [ 1; 1; 3 ] [ 3 ]

    on
        ceiling
        "a last window that reaches over the end"
        [ { axis 3 with Stride = 2 } ]
        [ Attr.ints "strides" [ 2 ]; Attr.int "ceil_mode" 1 ] [ 1; 1; 6 ] [ 3 ]

    on
        ceiling
        "no window that would begin in the padding"
        [ { Kernel = 1; Stride = 2; Dilation = 1; Before = 0; After = 1 } ]
        [ Attr.ints "strides" [ 2 ]; Attr.ints "pads" [ 0; 1 ]; Attr.int "ceil_mode" 1 ] [ 1; 1; 3 ] [ 2 ]

    on dilation "with dilation" dilated (attributes dilated) [ 1; 1; 5 ] [ 5 ]
]

let private mean (elements: float list) count = List.sum elements / float count

let private averages =
    poolings "AveragePool" (7, 10, 19) [] mean
    @ [
        pool
            "AveragePool"
            7
            "padding that counts"
            wide
            (Attr.int "count_include_pad" 1 :: steps wide)
            [ 1; 2; 5; 4 ]
            [ 3; 2 ]
            true
            mean
        // The last window has three places: one element, one of padding, and one behind, which does not count.
        pool
            "AveragePool"
            19
            "padding that counts, and what is behind it, which does not"
            [ { Kernel = 3; Stride = 2; Dilation = 1; Before = 0; After = 1 } ]
            [
                Attr.int "count_include_pad" 1
                Attr.int "ceil_mode" 1
                Attr.ints "strides" [ 2 ]
                Attr.ints "pads" [ 0; 1 ]
            ]
            [ 1; 1; 5 ]
            [ 3 ]
            true
            mean
    ]

let private norm p (elements: float list) _ = (elements |> List.sumBy (fun x -> abs x ** p)) ** (1.0 / p)

let private norms =
    poolings "LpPool" (11, 18, 18) [] (norm 2.0)
    @ [
        pool "LpPool" 18 "sums of sizes" [ axis 2 ] [ Attr.int "p" 1 ] [ 1; 1; 4 ] [ 3 ] false (norm 1.0)
        pool "LpPool" 22 "a higher norm" [ axis 2 ] [ Attr.int "p" 3 ] [ 1; 1; 4 ] [ 3 ] false (norm 3.0)
        row "LpPool" 22 "of zeros" [ Attr.ints "kernel_shape" [ 2 ] ] [ Reals([ 1; 1; 3 ], [ 0.0; 0.0; 3.0 ]) ] [
            Reals([ 1; 1; 2 ], [ 0.0; 3.0 ])
        ]
        |> rough
    ]

let private largest (elements: float list) _ = List.max elements

let private maxima =
    let kernel = Attr.ints "kernel_shape" [ 2; 2 ]
    let image = Reals([ 1; 2; 2; 3 ], [ 1.0; 5.0; 2.0; 4.0; 3.0; 6.0; -1.0; -5.0; -2.0; -4.0; -3.0; -6.0 ])
    let values = Reals([ 1; 2; 1; 2 ], [ 5.0; 6.0; -1.0; -2.0 ])

    poolings "MaxPool" (8, 10, 10) [] largest
    @ [
        row "MaxPool" 8 "with the places in the flattened operand" [ kernel ] [ image ] [
            values
            Integers([ 1; 2; 1; 2 ], [ 1L; 5L; 6L; 8L ])
        ]
        // A column of two comes before the next: place = channel · 6 + row + column · 2.
        row "MaxPool" 12 "with places column by column" [ kernel; Attr.int "storage_order" 1 ] [ image ] [
            values
            Integers([ 1; 2; 1; 2 ], [ 2L; 5L; 6L; 10L ])
        ]
        row "MaxPool" 12 "of equal ones the first place" [ Attr.ints "kernel_shape" [ 3 ]; Attr.ints "pads" [ 1; 1 ] ] [
            Reals([ 1; 1; 3 ], [ 2.0; 2.0; 1.0 ])
        ] [ Reals([ 1; 1; 3 ], [ 2.0; 2.0; 2.0 ]); Integers([ 1; 1; 3 ], [ 0L; 0L; 1L ]) ]
        |> rough
        row "MaxPool" 12 "below zero beside padding" [ Attr.ints "kernel_shape" [ 2 ]; Attr.ints "pads" [ 1; 1 ] ] [
            Reals([ 1; 1; 2 ], [ -3.0; -2.0 ])
        ] [ Reals([ 1; 1; 3 ], [ -3.0; -2.0; -2.0 ]) ]
    ]

let private whole operator opset given (value: float list -> float) =
    let shape = [ 2; 2; 2; 3 ]
    let x = numbers (size shape)

    row operator opset "of each channel" given [ Reals(shape, x) ] [
        Reals([ 2; 2; 1; 1 ], x |> List.chunkBySize 6 |> List.map value)
    ]

let private globals = [
    whole "GlobalAveragePool" 9 [] List.average
    whole "GlobalMaxPool" 9 [] List.max
    whole "GlobalLpPool" 9 [] (fun elements -> norm 2.0 elements 0)
    whole "GlobalLpPool" 9 [ Attr.int "p" 3 ] (fun elements -> norm 3.0 elements 0)
    |> fun case -> { case with About = "a higher norm" }
]

let table = List.concat [ convolutions; transposedConvolutions; averages; norms; maxima; globals ]
