/// Rows of elements picked and placed by indices.
module internal Interact.Core.Tests.IndexingCases

open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

let private upTo count = [ for i in 1..count -> float i ]
let private matrix = Reals([ 2; 3 ], upTo 6)

let private gathering =
    let cube = Reals([ 2; 2; 2 ], upTo 8)

    [
        row "GatherElements" 11 "along the first axis" [] [ matrix; Integers([ 1; 3 ], [ 1L; 0L; -1L ]) ] [
            Reals([ 1; 3 ], [ 4.0; 2.0; 6.0 ])
        ]
        row "GatherElements" 13 "along the last axis, one of them twice" [ Attr.int "axis" -1 ] [
            matrix
            Integers([ 2; 2 ], [ 2L; 2L; 0L; 1L ])
        ] [ Reals([ 2; 2 ], [ 3.0; 3.0; 4.0; 5.0 ]) ]
        row "GatherND" 11 "elements" [] [ matrix; Integers([ 2; 2 ], [ 0L; 0L; 1L; -1L ]) ] [ reals [ 1.0; 6.0 ] ]
        row "GatherND" 11 "rows" [] [ matrix; Integers([ 2; 1 ], [ 1L; 0L ]) ] [
            Reals([ 2; 3 ], [ 4.0; 5.0; 6.0; 1.0; 2.0; 3.0 ])
        ]
        row "GatherND" 12 "in batches" [ Attr.int "batch_dims" 1 ] [ cube; Integers([ 2; 1 ], [ 1L; 0L ]) ] [
            Reals([ 2; 2 ], [ 3.0; 4.0; 5.0; 6.0 ])
        ]
        row "GatherND" 13 "several in each batch" [ Attr.int "batch_dims" 1 ] [
            cube
            Integers([ 2; 2; 2 ], [ 0L; 0L; 1L; 1L; 1L; 0L; 0L; 1L ])
        ] [ Reals([ 2; 2 ], [ 1.0; 4.0; 7.0; 6.0 ]) ]
        row "GatherND" 13 "integers" [] [ integers [ 5L; 6L ]; Integers([ 1; 1 ], [ 1L ]) ] [ integers [ 6L ] ]
        row "Compress" 9 "along an axis" [ Attr.int "axis" 1 ] [ matrix; booleans [ true; false; true ] ] [
            Reals([ 2; 2 ], [ 1.0; 3.0; 4.0; 6.0 ])
        ]
        row "Compress" 11 "of all elements, the condition being shorter" [] [
            matrix
            booleans [ false; true; false; true ]
        ] [ reals [ 2.0; 4.0 ] ]
        row "NonZero" 9 "of constants" [] [ Integers([ 2; 2 ], [ 3L; 0L; 0L; -1L ]) ] [
            Integers([ 2; 2 ], [ 0L; 1L; 0L; 1L ])
        ]
        row "NonZero" 13 "none" [] [ booleans [ false; false ] ] [ Integers([ 1; 0 ], []) ]
    ]

let private scattering =
    let line = reals (upTo 4)
    let updates = reals [ 10.0; 0.5; -2.5 ]
    let twice = integers [ 2L; 0L; -2L ]
    let reduction name = [ Attr.string "reduction" name ]

    let elements opset about attributes result =
        row "ScatterElements" opset about attributes [ line; twice; updates ] [ reals result ]

    [
        row "Scatter" 9 "as the elements later" [] [ line; integers [ 1L; 3L ]; reals [ -1.0; -2.0 ] ] [
            reals [ 1.0; -1.0; 3.0; -2.0 ]
        ]
        elements 11 "the last one replaces" [] [ 0.5; 2.0; -2.5; 4.0 ]
        elements 16 "added" (reduction "add") [ 1.5; 2.0; 10.5; 4.0 ]
        elements 16 "multiplied" (reduction "mul") [ 0.5; 2.0; -75.0; 4.0 ]
        elements 18 "the largest" (reduction "max") [ 1.0; 2.0; 10.0; 4.0 ]
        elements 18 "the smallest" (reduction "min") [ 0.5; 2.0; -2.5; 4.0 ]
        row "ScatterElements" 13 "along the last axis" [ Attr.int "axis" 1 ] [
            matrix
            Integers([ 1; 2 ], [ 2L; 0L ])
            Reals([ 1; 2 ], [ 7.0; 8.0 ])
        ] [ Reals([ 2; 3 ], [ 8.0; 2.0; 7.0; 4.0; 5.0; 6.0 ]) ]
        row "ScatterND" 11 "rows" [] [ matrix; Integers([ 1; 1 ], [ 1L ]); Reals([ 1; 3 ], [ 7.0; 8.0; 9.0 ]) ] [
            Reals([ 2; 3 ], [ 1.0; 2.0; 3.0; 7.0; 8.0; 9.0 ])
        ]
        row "ScatterND" 16 "elements, one of them twice" (reduction "add") [
            matrix
            Integers([ 3; 2 ], [ 0L; 1L; 1L; -1L; 0L; 1L ])
            updates
        ] [ Reals([ 2; 3 ], [ 1.0; 9.5; 3.0; 4.0; 5.0; 6.5 ]) ]
        row "ScatterND" 18 "multiplied" (reduction "mul") [
            matrix
            Integers([ 2; 2 ], [ 0L; 1L; 0L; 1L ])
            reals [ 3.0; -0.5 ]
        ] [ Reals([ 2; 3 ], [ 1.0; -3.0; 3.0; 4.0; 5.0; 6.0 ]) ]
        row "ScatterND" 18 "the largest row by row" (reduction "max") [
            matrix
            Integers([ 1; 1 ], [ 0L ])
            Reals([ 1; 3 ], [ 0.5; 2.5; 3.5 ])
        ] [ Reals([ 2; 3 ], [ 1.0; 2.5; 3.5; 4.0; 5.0; 6.0 ]) ]
    ]

let private oneHot =
    let depth = Integers([], [ 3L ])
    let offAndOn = reals [ -0.5; 2.0 ]

    [
        row "OneHot" 9 "along a new last axis" [] [ integers [ 0L; 2L ]; depth; offAndOn ] [
            Reals([ 2; 3 ], [ 2.0; -0.5; -0.5; -0.5; -0.5; 2.0 ])
        ]
        row "OneHot" 11 "along a new first axis" [ Attr.int "axis" 0 ] [ integers [ 0L; 2L ]; depth; offAndOn ] [
            Reals([ 3; 2 ], [ 2.0; -0.5; -0.5; -0.5; -0.5; 2.0 ])
        ]
        row "OneHot" 11 "counted from the end, and beyond the ends" [] [ integers [ -1L; 3L; -4L ]; depth; offAndOn ] [
            Reals([ 3; 3 ], [ -0.5; -0.5; 2.0; -0.5; -0.5; -0.5; -0.5; -0.5; -0.5 ])
        ]
        row "OneHot" 11 "of computed numbers, cut to integers" [] [ reals [ 1.5; 0.25 ]; depth; integers [ 0L; 1L ] ] [
            Integers([ 2; 3 ], [ 0L; 1L; 0L; 1L; 0L; 0L ])
        ]
    ]

let private reversing =
    let lengths = integers [ 3L; 2L ]

    [
        row "ReverseSequence" 10 "the batch second" [] [ Reals([ 3; 2 ], upTo 6); lengths ] [
            Reals([ 3; 2 ], [ 5.0; 4.0; 3.0; 2.0; 1.0; 6.0 ])
        ]
        row "ReverseSequence" 10 "the batch first" [ Attr.int "batch_axis" 0; Attr.int "time_axis" 1 ] [
            matrix
            lengths
        ] [ Reals([ 2; 3 ], [ 3.0; 2.0; 1.0; 5.0; 4.0; 6.0 ]) ]
    ]

let table = List.concat [ gathering; scattering; oneHot; reversing ]
