/// Rows of padding, repetition, triangles, running sums and numbers in a row.
module internal Interact.Core.Tests.ArrangementCases

open Interact.Core.Onnx
open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

let private upTo count = [ for i in 1..count -> float i ]
let private matrix = Reals([ 2; 3 ], upTo 6)
let private line = reals [ 1.0; 2.0; 3.0 ]

let private pad =
    let line' about mode sizes result =
        row "Pad" 19 about [ Attr.string "mode" mode ] [ line; integers sizes ] [ reals result ]

    [
        row "Pad" 9 "by attributes at first" [ Attr.ints "pads" [ 0; 1; 1; 0 ]; Attr.float "value" 7.0 ] [ matrix ] [
            Reals([ 3; 4 ], [ 7.0; 1.0; 2.0; 3.0; 7.0; 4.0; 5.0; 6.0; 7.0; 7.0; 7.0; 7.0 ])
        ]
        row "Pad" 11 "zeros by default" [] [ line; integers [ 2L; 1L ] ] [ reals [ 0.0; 0.0; 1.0; 2.0; 3.0; 0.0 ] ]
        row "Pad" 13 "with a given number" [] [ line; integers [ 1L; 1L ]; number 0.5 ] [
            reals [ 0.5; 1.0; 2.0; 3.0; 0.5 ]
        ]
        row "Pad" 13 "what is negative is cut off" [] [ line; integers [ -1L; 1L ]; number 9.0 ] [
            reals [ 2.0; 3.0; 9.0 ]
        ]
        row "Pad" 18 "listed axes only" [] [ matrix; integers [ 1L; 0L ]; Absent; integers [ -1L ] ] [
            Reals([ 2; 4 ], [ 0.0; 1.0; 2.0; 3.0; 0.0; 4.0; 5.0; 6.0 ])
        ]
        row "Pad" 13 "integers" [] [ integers [ 4L ]; integers [ 1L; 0L ]; Integers([], [ -1L ]) ] [
            integers [ -1L; 4L ]
        ]
        line' "the last element is repeated" "edge" [ 2L; 1L ] [ 1.0; 1.0; 1.0; 2.0; 3.0; 3.0 ]
        line' "mirrored without the last element" "reflect" [ 2L; 1L ] [ 3.0; 2.0; 1.0; 2.0; 3.0; 2.0 ]
        line' "mirrored again where it is too short" "reflect" [ 0L; 6L ] [
            1.0
            2.0
            3.0
            2.0
            1.0
            2.0
            3.0
            2.0
            1.0
        ]
        line' "from the other end" "wrap" [ 1L; 4L ] [ 3.0; 1.0; 2.0; 3.0; 1.0; 2.0; 3.0; 1.0 ]
        line' "cut off in front and repeated behind" "edge" [ -2L; 2L ] [ 3.0; 3.0; 3.0 ]
    ]

let private tile = [
    row "Tile" 9 "along both axes" [] [ Reals([ 1; 2 ], [ 1.0; 2.0 ]); integers [ 2L; 3L ] ] [
        tabulate [ 2; 6 ] (fun index -> float (1 + index[1] % 2))
    ]
    row "Tile" 13 "a matrix" [] [ matrix; integers [ 2L; 1L ] ] [ Reals([ 4; 3 ], upTo 6 @ upTo 6) ]
    row "Tile" 13 "not at all" [] [ line; integers [ 0L ] ] [ Reals([ 0 ], []) ]
    row "Tile" 13 "integers" [] [ integers [ 1L; 2L ]; integers [ 2L ] ] [ integers [ 1L; 2L; 1L; 2L ] ]
]

let private trilu =
    let square = Reals([ 2; 3; 3 ], upTo 18)

    let kept condition =
        tabulate [ 2; 3; 3 ] (fun index -> if condition index[1] index[2] then at [ 2; 3; 3 ] (upTo 18) index else 0.0)

    let lower = [ Attr.int "upper" 0 ]

    [
        row "Trilu" 14 "above and on the diagonal" [] [ square ] [ kept (fun i j -> j >= i) ]
        row "Trilu" 14 "above a higher diagonal" [] [ square; Integers([], [ 1L ]) ] [ kept (fun i j -> j >= i + 1) ]
        row "Trilu" 14 "below and on the diagonal" lower [ square ] [ kept (fun i j -> j <= i) ]
        row "Trilu" 14 "below a lower diagonal" lower [ square; Integers([], [ -1L ]) ] [ kept (fun i j -> j <= i - 1) ]
        row "Trilu" 14 "what is left out may be infinite" [] [ Reals([ 2; 2 ], [ 1.0; 2.0; infinity; 4.0 ]) ] [
            Reals([ 2; 2 ], [ 1.0; 2.0; 0.0; 4.0 ])
        ]
        |> rough
    ]

let private eyeLike = [
    row "EyeLike" 9 "of the operand's type" [] [ matrix ] [ Reals([ 2; 3 ], [ 1.0; 0.0; 0.0; 0.0; 1.0; 0.0 ]) ]
    row "EyeLike" 9 "on another diagonal" [ Attr.int "k" 1 ] [ matrix ] [
        Reals([ 2; 3 ], [ 0.0; 1.0; 0.0; 0.0; 0.0; 1.0 ])
    ]
    row "EyeLike" 9 "of another type" [ Attr.int "dtype" (DataType.number DataType.Int64); Attr.int "k" -1 ] [ matrix ] [
        Integers([ 2; 3 ], [ 0L; 0L; 0L; 1L; 0L; 0L ])
    ]
]

let private counting =
    let range = row "Range" 11

    [
        row "Size" 9 "of a matrix" [] [ matrix ] [ Integers([], [ 6L ]) ]
        row "Size" 13 "of a scalar" [] [ number 2.5 ] [ Integers([], [ 1L ]) ]
        range "integers" [] [ Integers([], [ 2L ]); Integers([], [ 7L ]); Integers([], [ 2L ]) ] [
            integers [ 2L; 4L; 6L ]
        ]
        range "downwards" [] [ Integers([], [ 3L ]); Integers([], [ 0L ]); Integers([], [ -1L ]) ] [
            integers [ 3L; 2L; 1L ]
        ]
        range "numbers up to the limit" [] [ Setting 0.5; Setting 2.0; Setting 0.5 ] [ reals [ 0.5; 1.0; 1.5 ] ]
        range "nothing" [] [ Setting 2.0; Setting 1.0; Setting 1.0 ] [ Reals([ 0 ], []) ]
    ]

let private running =
    let five = [ 0.5; -1.5; 2.0; 1.25; -0.75 ]
    let axis = Integers([], [ 0L ])

    /// The combination of those elements before and at an index, or after and at it.
    let combined combine neutral exclusive reverse =
        reals [
            for i in 0..4 ->
                List.indexed five
                |> List.filter (fun (j, _) ->
                    if exclusive then (if reverse then j > i else j < i)
                    elif reverse then j >= i
                    else j <= i)
                |> List.map snd
                |> List.fold combine neutral
        ]

    let rows name opset combine neutral = [
        for exclusive, reverse in [ false, false; true, false; false, true; true, true ] do
            let about =
                (if exclusive then "without the element" else "with the element")
                + (if reverse then ", from behind" else "")

            let attributes = [
                Attr.int "exclusive" (if exclusive then 1 else 0)
                Attr.int "reverse" (if reverse then 1 else 0)
            ]

            row name opset about attributes [ reals five; axis ] [ combined combine neutral exclusive reverse ]
    ]

    rows "CumSum" 14 (+) 0.0
    @ rows "CumProd" 26 (*) 1.0
    @ [
        row "CumSum" 11 "along the last axis" [] [ matrix; integers [ -1L ] ] [
            Reals([ 2; 3 ], [ 1.0; 3.0; 6.0; 4.0; 9.0; 15.0 ])
        ]
        row "CumSum" 11 "along the first axis" [] [ matrix; axis ] [ Reals([ 2; 3 ], [ 1.0; 2.0; 3.0; 5.0; 7.0; 9.0 ]) ]
        row "CumSum" 14 "of integers" [] [ integers [ 1L; 2L; 3L ]; axis ] [ integers [ 1L; 3L; 6L ] ]
    ]

let table = List.concat [ pad; tile; trilu; eyeLike; counting; running ]
