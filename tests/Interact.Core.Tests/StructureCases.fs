/// Rows of shapes, types and constants.
module internal Interact.Core.Tests.StructureCases

open System
open Interact.Core.Onnx
open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

let private upTo count = [ for i in 1..count -> float i ]
let private matrix = Reals([ 2; 3 ], upTo 6)
let private cube = Reals([ 2; 1; 3 ], upTo 6)

let private reshape =
    let to' about attributes sizes shape =
        row "Reshape" 13 about attributes [ matrix; integers sizes ] [ Reals(shape, upTo 6) ]

    [
        to' "to given sizes" [] [ 3L; 2L ] [ 3; 2 ]
        to' "0 keeps a size, -1 takes what is left" [] [ 0L; -1L; 1L ] [ 2; 3; 1 ]
        to' "to one axis" [] [ -1L ] [ 6 ]
        to' "-1 may be left with 1" [] [ 6L; -1L ] [ 6; 1 ]
        row "Reshape" 14 "0 is a size where that is allowed" [ Attr.int "allowzero" 1 ] [
            Reals([ 0; 3 ], [])
            integers [ 3L; 0L ]
        ] [ Reals([ 3; 0 ], []) ]
        row "Reshape" 13 "to a scalar" [] [ Reals([ 1; 1 ], [ 5.0 ]); integers [] ] [ number 5.0 ]
        row "Reshape" 13 "of integers" [] [ integers [ 1L; 2L ]; integers [ 2L; 1L ] ] [
            Integers([ 2; 1 ], [ 1L; 2L ])
        ]
    ]

let private flatten =
    let cubes = Reals([ 2; 2; 3 ], upTo 12)

    let on opset about axis shape =
        let attributes = axis |> Option.map (Attr.int "axis") |> Option.toList
        row "Flatten" opset about attributes [ cubes ] [ Reals(shape, upTo 12) ]

    [
        on 9 "from axis 1 on by default" None [ 2; 6 ]
        on 9 "from the last axis on" (Some 2) [ 4; 3 ]
        on 9 "from the first axis on" (Some 0) [ 1; 12 ]
        on 9 "behind the last axis" (Some 3) [ 12; 1 ]
        on 11 "from an axis counted from the end" (Some -1) [ 4; 3 ]
    ]

let private transpose = [
    row "Transpose" 13 "reverses the axes by default" [] [ cube ] [
        Reals([ 3; 1; 2 ], [ 1.0; 4.0; 2.0; 5.0; 3.0; 6.0 ])
    ]
    // Axis 0 of the result is axis 2 of the operand, 1 is 0 and 2 is 1.
    row "Transpose" 13 "in a given order" [ Attr.ints "perm" [ 2; 0; 1 ] ] [ Reals([ 1; 2; 3 ], upTo 6) ] [
        Reals([ 3; 1; 2 ], [ 1.0; 4.0; 2.0; 5.0; 3.0; 6.0 ])
    ]
]

let private squeeze =
    let thin = Reals([ 1; 2; 1; 3 ], upTo 6)

    [
        row "Squeeze" 9 "listed axes" [ Attr.ints "axes" [ 0 ] ] [ thin ] [ Reals([ 2; 1; 3 ], upTo 6) ]
        row "Squeeze" 9 "all axes of size 1 by default" [] [ thin ] [ matrix ]
        row "Squeeze" 11 "axes counted from the end" [ Attr.ints "axes" [ -2; 0 ] ] [ thin ] [ matrix ]
        row "Squeeze" 13 "axes in an operand" [] [ thin; integers [ -2L ] ] [ Reals([ 1; 2; 3 ], upTo 6) ]
        row "Squeeze" 13 "all axes of size 1 where none are given" [] [ thin ] [ matrix ]
        row "Unsqueeze" 9 "axes of the result" [ Attr.ints "axes" [ 0; 3 ] ] [ matrix ] [
            Reals([ 1; 2; 3; 1 ], upTo 6)
        ]
        row "Unsqueeze" 11 "axes counted from the end" [ Attr.ints "axes" [ -1 ] ] [ matrix ] [
            Reals([ 2; 3; 1 ], upTo 6)
        ]
        row "Unsqueeze" 13 "axes in an operand, in any order" [] [ matrix; integers [ 3L; 1L ] ] [
            Reals([ 2; 1; 3; 1 ], upTo 6)
        ]
        row "Unsqueeze" 13 "a scalar" [] [ number 2.5; integers [ 0L; 1L ] ] [ Reals([ 1; 1 ], [ 2.5 ]) ]
    ]

let private joining = [
    row "Identity" 13 "of numbers" [] [ matrix ] [ matrix ]
    row "Identity" 13 "of integers" [] [ integers [ 4L ] ] [ integers [ 4L ] ]
    row "Concat" 9 "along the first axis" [ Attr.int "axis" 0 ] [
        Reals([ 1; 2 ], [ 1.0; 2.0 ])
        Reals([ 2; 2 ], upTo 4)
    ] [ Reals([ 3; 2 ], [ 1.0; 2.0; 1.0; 2.0; 3.0; 4.0 ]) ]
    row "Concat" 13 "three along the last axis" [ Attr.int "axis" -1 ] [
        Reals([ 2; 2 ], upTo 4)
        Reals([ 2; 1 ], [ 8.0; 9.0 ])
        Reals([ 2; 1 ], [ -1.0; -2.0 ])
    ] [ Reals([ 2; 4 ], [ 1.0; 2.0; 8.0; -1.0; 3.0; 4.0; 9.0; -2.0 ]) ]
    row "Concat" 13 "of integers" [ Attr.int "axis" 0 ] [ integers [ 1L ]; integers []; integers [ 2L; 3L ] ] [
        integers [ 1L; 2L; 3L ]
    ]
    row "Expand" 8 "a column to a matrix" [] [ Reals([ 3; 1 ], upTo 3); integers [ 3L; 2L ] ] [
        Reals([ 3; 2 ], [ 1.0; 1.0; 2.0; 2.0; 3.0; 3.0 ])
    ]
    row "Expand" 13 "to more axes" [] [ Reals([ 2; 1 ], upTo 2); integers [ 2L; 1L; 2L ] ] [
        Reals([ 2; 2; 2 ], [ 1.0; 1.0; 2.0; 2.0; 1.0; 1.0; 2.0; 2.0 ])
    ]
    row "Expand" 13 "keeps what is larger already" [] [ matrix; integers [ 1L ] ] [ matrix ]
]

let private gather =
    let from about attributes indices result = row "Gather" 13 about attributes [ matrix; indices ] [ result ]

    [
        from
            "along the first axis"
            []
            (integers [ 1L; 0L; 1L ])
            (Reals([ 3; 3 ], [ 4.0; 5.0; 6.0; 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 ]))
        from
            "along the last axis"
            [ Attr.int "axis" -1 ]
            (integers [ 2L; 0L ])
            (Reals([ 2; 2 ], [ 3.0; 1.0; 6.0; 4.0 ]))
        from
            "indices counted from the end"
            [ Attr.int "axis" 1 ]
            (integers [ -1L; -3L ])
            (Reals([ 2; 2 ], [ 3.0; 1.0; 6.0; 4.0 ]))
        from "one index drops the axis" [ Attr.int "axis" 1 ] (Integers([], [ 1L ])) (reals [ 2.0; 5.0 ])
        from
            "a matrix of indices"
            [ Attr.int "axis" 1 ]
            (Integers([ 2; 2 ], [ 0L; -1L; 1L; 1L ]))
            (Reals([ 2; 2; 2 ], [ 1.0; 3.0; 2.0; 2.0; 4.0; 6.0; 5.0; 5.0 ]))
        row "Gather" 9 "from integers" [] [ integers [ 5L; 6L; 7L ]; integers [ 2L; 0L ] ] [ integers [ 7L; 5L ] ]
    ]

let private slice =
    let line = reals (upTo 5)
    let none = integers []

    /// By operands: starts, ends, axes and steps.
    let of' about (data: Data) operands (result: Data) = row "Slice" 13 about [] (data :: operands) [ result ]
    let one value = integers [ value ]

    [
        row "Slice" 9 "by attributes at first" [ Attr.ints "starts" [ 0; 1 ]; Attr.ints "ends" [ 1; 3 ] ] [ matrix ] [
            Reals([ 1; 2 ], [ 2.0; 3.0 ])
        ]
        row
            "Slice"
            9
            "listed axes, and ends counted from the end"
            [ Attr.ints "starts" [ -3 ]; Attr.ints "ends" [ -1 ]; Attr.ints "axes" [ 1 ] ] [ matrix ] [
                Reals([ 2; 2 ], [ 1.0; 2.0; 4.0; 5.0 ])
            ]
        row "Slice" 10 "by operands later" [] [ matrix; integers [ 0L; 1L ]; integers [ 1L; 3L ] ] [
            Reals([ 1; 2 ], [ 2.0; 3.0 ])
        ]
        of' "to the end, whatever its number" line [ one 3L; one Int64.MaxValue ] (reals [ 4.0; 5.0 ])
        of' "a negative axis" matrix [ one 1L; one 2L; one -1L ] (Reals([ 2; 1 ], [ 2.0; 5.0 ]))
        of' "every other element" line [ one 0L; one Int64.MaxValue; one 0L; one 2L ] (reals [ 1.0; 3.0; 5.0 ])
        of' "backwards" line [ one -1L; one Int64.MinValue; one 0L; one -1L ] (reals [ 5.0; 4.0; 3.0; 2.0; 1.0 ])
        of' "backwards in steps of 2" line [ one 3L; one 0L; one 0L; one -2L ] (reals [ 4.0; 2.0 ])
        of' "backwards from beyond the end" line [ one 100L; one 2L; one 0L; one -1L ] (reals [ 5.0; 4.0 ])
        of' "with a step beyond the end" line [ one 1L; one 5L; one 0L; one Int64.MaxValue ] (reals [ 2.0 ])
        of' "with axes left out and steps given" line [ one 1L; one 4L; Absent; one 2L ] (reals [ 2.0; 4.0 ])
        of' "nothing" line [ one 3L; one 3L ] (Reals([ 0 ], []))
        of' "nothing beyond the end" line [ one 7L; one 9L ] (Reals([ 0 ], []))
        of' "along no axis" line [ none; none ] line
        of'
            "two axes at once"
            matrix
            [ integers [ 1L; -1L ]; integers [ 2L; -4L ]; integers [ 0L; 1L ]; integers [ 1L; -2L ] ]
            (Reals([ 1; 2 ], [ 6.0; 4.0 ]))
        of' "of integers" (integers [ 7L; 8L; 9L ]) [ one 1L; one 3L ] (integers [ 8L; 9L ])
    ]

let private split =
    let line = reals (upTo 5)
    let square = Reals([ 2; 2 ], upTo 4)

    [
        row "Split" 9 "equally by default" [] [ square ] [
            Reals([ 1; 2 ], [ 1.0; 2.0 ])
            Reals([ 1; 2 ], [ 3.0; 4.0 ])
        ]
        row "Split" 11 "sizes in an attribute at first" [ Attr.ints "split" [ 1; 4 ] ] [ line ] [
            reals [ 1.0 ]
            reals [ 2.0; 3.0; 4.0; 5.0 ]
        ]
        row "Split" 11 "along an axis counted from the end" [ Attr.int "axis" -1 ] [ square ] [
            Reals([ 2; 1 ], [ 1.0; 3.0 ])
            Reals([ 2; 1 ], [ 2.0; 4.0 ])
        ]
        row "Split" 13 "sizes in an operand" [] [ line; integers [ 2L; 0L; 3L ] ] [
            reals [ 1.0; 2.0 ]
            Reals([ 0 ], [])
            reals [ 3.0; 4.0; 5.0 ]
        ]
        row "Split" 13 "equally where no sizes are given" [] [ square ] [
            Reals([ 1; 2 ], [ 1.0; 2.0 ])
            Reals([ 1; 2 ], [ 3.0; 4.0 ])
        ]
        row "Split" 18 "the last part may be smaller" [ Attr.int "num_outputs" 3 ] [ line ] [
            reals [ 1.0; 2.0 ]
            reals [ 3.0; 4.0 ]
            reals [ 5.0 ]
        ]
        row "Split" 13 "a part that nobody needs" [] [ line; integers [ 2L; 3L ] ] [ Absent; reals [ 3.0; 4.0; 5.0 ] ]
    ]

let private floatingTypes = [ DataType.Float; DataType.Double; DataType.Float16; DataType.BFloat16 ]

let private integerTypes = [
    DataType.Int64
    DataType.Int32
    DataType.Int16
    DataType.Int8
    DataType.UInt64
    DataType.UInt32
    DataType.UInt16
    DataType.UInt8
]

let private cast =
    let to' dataType from given result =
        row "Cast" 13 $"{from} to {DataType.name dataType}" [ Attr.int "to" (DataType.number dataType) ] [ given ] [
            result
        ]

    let fractions = reals [ -1.7; -0.5; 0.0; 0.5; 1.7; 3.0 ]
    let truths = booleans [ true; false ]
    let numbers = integers [ -2L; 0L; 3L ]

    [
        for dataType in floatingTypes do
            to' dataType "real numbers" fractions fractions
            to' dataType "integers" numbers (reals [ -2.0; 0.0; 3.0 ])
            to' dataType "truth values" truths (reals [ 1.0; 0.0 ])
        for dataType in integerTypes do
            to' dataType "integers" (integers [ 0L; 3L; 127L ]) (integers [ 0L; 3L; 127L ])
            to' dataType "truth values" truths (integers [ 1L; 0L ])
            to' dataType "real numbers, toward zero," (reals [ 0.0; 0.9; 1.7; 99.999 ]) (integers [ 0L; 0L; 1L; 99L ])
        to' DataType.Int64 "negative numbers, toward zero," fractions (integers [ -1L; 0L; 0L; 0L; 1L; 3L ])
        |> rough
        to'
            DataType.Bool
            "real numbers"
            (reals [ 0.0; -0.0; 0.3; -2.0; nan ])
            (booleans [ false; false; true; true; true ])
        to' DataType.Bool "integers" numbers (booleans [ true; false; true ])
        to' DataType.Bool "truth values" truths truths
        row "CastLike" 15 "a real number" [] [ numbers; number 0.5 ] [ reals [ -2.0; 0.0; 3.0 ] ]
        row "CastLike" 15 "an integer" [] [ reals [ 1.7; -1.7 ]; Integers([], [ 1L ]) ] [ integers [ 1L; -1L ] ]
        row "CastLike" 19 "a truth value" [] [ reals [ 1.7; 0.0 ]; Booleans([], [ false ]) ] [
            booleans [ true; false ]
        ]
    ]

let private constant =
    let of' about opset attribute result = row "Constant" opset about [ attribute ] [] [ result ]
    let tensor = Attr.tensor "value"

    [
        of' "a tensor of floats" 9 (tensor (Init.floats "" [ 1; 2 ] [ 0.5; -1.0 ])) (Reals([ 1; 2 ], [ 0.5; -1.0 ]))
        of' "a tensor of doubles" 13 (tensor (Init.doubles "" [ 2 ] [ 0.1; 1e300 ])) (reals [ 0.1; 1e300 ])
        of' "a tensor of floats, typed" 13 (tensor (Init.floatsTyped "" [ 2 ] [ 0.5; 2.0 ])) (reals [ 0.5; 2.0 ])
        of' "a scalar tensor" 13 (tensor (Init.doubles "" [] [ 0.1 ])) (number 0.1)
        of' "an empty tensor" 13 (tensor (Init.doubles "" [ 0; 2 ] [])) (Reals([ 0; 2 ], []))
        of' "a tensor of int64s" 13 (tensor (Init.int64s "" [ 2 ] [ 7L; -7L ])) (integers [ 7L; -7L ])
        of' "a tensor of int32s" 13 (tensor (Init.int32sTyped "" [ 2 ] [ 7; -7 ])) (integers [ 7L; -7L ])
        of' "a tensor of truth values" 13 (tensor (Init.bools "" [ 2 ] [ true; false ])) (booleans [ true; false ])
        of' "a float" 12 (Attr.float "value_float" 0.25) (number 0.25)
        of' "floats" 12 (Attr.floats "value_floats" [ 0.25; -8.0 ]) (reals [ 0.25; -8.0 ])
        of' "an integer" 13 (Attr.int "value_int" -5) (Integers([], [ -5L ]))
        of' "integers" 13 (Attr.ints "value_ints" [ 5; 0; -5 ]) (integers [ 5L; 0L; -5L ])
    ]

let private shapes =
    let shape about opset attributes sizes = row "Shape" opset about attributes [ cube ] [ integers sizes ]
    let fill about attributes sizes result = row "ConstantOfShape" 9 about attributes [ integers sizes ] [ result ]
    let value constant = [ Attr.tensor "value" constant ]

    [
        shape "of the whole tensor" 9 [] [ 2L; 1L; 3L ]
        shape "from an axis on" 15 [ Attr.int "start" 1 ] [ 1L; 3L ]
        shape "up to an axis counted from the end" 15 [ Attr.int "end" -1 ] [ 2L; 1L ]
        shape "between axes" 15 [ Attr.int "start" -2; Attr.int "end" 2 ] [ 1L ]
        shape "beyond both ends" 15 [ Attr.int "start" -9; Attr.int "end" 9 ] [ 2L; 1L; 3L ]
        shape "between axes in the wrong order" 15 [ Attr.int "start" 2; Attr.int "end" 1 ] []
        row "Shape" 13 "of a scalar" [] [ number 1.0 ] [ integers [] ]
        fill "zeros by default" [] [ 2L; 2L ] (Reals([ 2; 2 ], [ 0.0; 0.0; 0.0; 0.0 ]))
        fill "a given number" (value (Init.floats "" [ 1 ] [ 2.5 ])) [ 3L ] (reals [ 2.5; 2.5; 2.5 ])
        fill "a given integer" (value (Init.int64s "" [ 1 ] [ -1L ])) [ 2L ] (integers [ -1L; -1L ])
        fill "a given truth value" (value (Init.bools "" [ 1 ] [ true ])) [ 2L ] (booleans [ true; true ])
        fill "a scalar" (value (Init.floats "" [ 1 ] [ 2.5 ])) [] (number 2.5)
        fill "of no elements" [] [ 2L; 0L ] (Reals([ 2; 0 ], []))
    ]

let table =
    List.concat [ reshape; flatten; transpose; squeeze; joining; gather; slice; split; cast; constant; shapes ]
