/// Rows of poolings.
module internal Interact.Core.Tests.PoolingCases

open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase
open Interact.Core.Tests.Windows

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

let table = List.concat [ averages; norms; maxima; globals ]
