/// Rows of arithmetic, comparison and logic.
module internal Interact.Core.Tests.ArithmeticCases

open System
open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

let private anywhere = [ -1.7; -0.4; 0.3; 2.1 ]
let private positive = [ 0.4; 0.9; 1.6; 5.0 ]
let private inside = [ -0.7; -0.2; 0.4; 0.65 ]

let private unary name points (value: float -> float) =
    row name 13 "element by element" [] [ reals points ] [ reals (points |> List.map value) ]

let private functions = [
    unary "Neg" anywhere (fun x -> 0.0 - x)
    unary "Abs" anywhere (fun x -> sqrt (x * x))
    unary "Sign" anywhere (fun x -> x / abs x)
    unary "Floor" anywhere Math.Floor
    unary "Ceil" anywhere Math.Ceiling
    unary "Round" anywhere (fun x -> Math.Floor(x + 0.5))
    unary "Reciprocal" anywhere (fun x -> 1.0 / x)
    unary "Sqrt" positive Math.Sqrt
    unary "Exp" anywhere Math.Exp
    unary "Log" positive Math.Log
    unary "Sin" anywhere Math.Sin
    unary "Cos" anywhere Math.Cos
    unary "Tan" inside Math.Tan
    unary "Asin" inside Math.Asin
    unary "Acos" inside Math.Acos
    unary "Atan" anywhere Math.Atan
    unary "Sinh" anywhere (fun x -> (exp x - exp -x) / 2.0)
    unary "Cosh" anywhere (fun x -> (exp x + exp -x) / 2.0)
    unary "Asinh" anywhere (fun x -> log (x + sqrt (x * x + 1.0)))
    unary "Acosh" [ 1.4; 1.9; 4.0 ] (fun x -> log (x + sqrt (x * x - 1.0)))
    unary "Atanh" inside (fun x -> 0.5 * log ((1.0 + x) / (1.0 - x)))
    // Abramowitz and Stegun (1964), table 7.1, with more digits.
    row "Erf" 13 "at tabulated points" [] [ reals [ -2.0; 0.0; 0.5; 1.0 ] ] [
        reals [ -0.99532226501895273; 0.0; 0.52049987781304654; 0.84270079294971487 ]
    ]
    row "Round" 11 "halves go to the even neighbour" [] [ reals [ -2.5; -1.5; -0.5; 0.5; 1.5; 2.5 ] ] [
        reals [ -2.0; -2.0; 0.0; 0.0; 2.0; 2.0 ]
    ]
    |> rough
    row "Sign" 9 "zero has none" [] [ reals [ -3.0; 0.0 ] ] [ reals [ -1.0; 0.0 ] ] |> rough
    row "Exp" 13 "of a scalar" [] [ number 1.0 ] [ number Math.E ]
    row "Neg" 13 "of integers" [] [ integers [ -2L; 3L ] ] [ integers [ 2L; -3L ] ]
    row "Abs" 13 "of integers" [] [ integers [ -2L; 3L ] ] [ integers [ 2L; 3L ] ]
]

let private column = Reals([ 2; 1 ], [ 2.0; -3.0 ])

let private arithmetic = [
    row "Add" 7 "of two vectors" [] [ reals [ 1.0; 2.0 ]; reals [ 10.0; 20.0 ] ] [ reals [ 11.0; 22.0 ] ]
    row "Add" 13 "a column and a row" [] [ column; reals [ 1.0; 10.0; 100.0 ] ] [
        Reals([ 2; 3 ], [ 3.0; 12.0; 102.0; -2.0; 7.0; 97.0 ])
    ]
    row "Add" 13 "a scalar and a matrix" [] [ number 0.5; column ] [ Reals([ 2; 1 ], [ 2.5; -2.5 ]) ]
    row "Add" 14 "of integers" [] [ integers [ 1L; 2L ]; integers [ 3L ] ] [ integers [ 4L; 5L ] ]
    row "Sub" 7 "a matrix and a row" [] [ Reals([ 2; 2 ], [ 1.0; 2.0; 3.0; 4.0 ]); reals [ 1.0; 5.0 ] ] [
        Reals([ 2; 2 ], [ 0.0; -3.0; 2.0; -1.0 ])
    ]
    row "Sub" 13 "a row and a tensor of three axes" [] [ reals [ 1.0; 2.0 ]; Reals([ 2; 1; 1 ], [ 10.0; 20.0 ]) ] [
        Reals([ 2; 1; 2 ], [ -9.0; -8.0; -19.0; -18.0 ])
    ]
    row "Mul" 13 "a column and a row" [] [ column; reals [ 1.0; 0.5; 0.25 ] ] [
        Reals([ 2; 3 ], [ 2.0; 1.0; 0.5; -3.0; -1.5; -0.75 ])
    ]
    row "Div" 13 "a row and a column" [] [ reals [ 6.0; 12.0 ]; column ] [ Reals([ 2; 2 ], [ 3.0; 6.0; -2.0; -4.0 ]) ]
    row "Div" 14 "of integers, toward zero" [] [
        integers [ 7L; -7L; 7L; -7L; 6L; 1L ]
        integers [ 2L; 2L; -2L; -2L; 3L; 2L ]
    ] [ integers [ 3L; -3L; -3L; 3L; 2L; 0L ] ]
    row "Pow" 13 "of positive numbers" [] [ reals [ 2.0; 9.0; 4.0 ]; reals [ 3.0; 0.5; -1.0 ] ] [
        reals [ 8.0; 3.0; 0.25 ]
    ]
    row "Pow" 13 "of negative numbers to integers" [] [ reals [ -2.0; -2.0; -0.5 ]; integers [ 3L; 2L; -1L ] ] [
        reals [ -8.0; 4.0; -2.0 ]
    ]
    row "Pow" 13 "the square of a matrix" [] [ column; number 2.0 ] [ Reals([ 2; 1 ], [ 4.0; 9.0 ]) ]
    |> rough
    row "Pow" 13 "integers to real powers stay integers" [] [ integers [ 2L; 9L; 3L ]; reals [ 3.0; 0.5; 0.5 ] ] [
        integers [ 8L; 3L; 1L ]
    ]
]

let private three = [ column; reals [ 1.0; -5.0 ]; number 0.75 ]

let private variadic name (value: float list -> float) = [
    row name 8 "of one" [] [ reals [ 1.0; 2.0 ] ] [ reals [ 1.0; 2.0 ] ]
    row name 13 "of two" [] [ reals [ 1.0; 2.0 ]; reals [ 4.0; -2.0 ] ] [
        reals [ value [ 1.0; 4.0 ]; value [ 2.0; -2.0 ] ]
    ]
    row name 13 "of a column, a row and a scalar" [] three [
        Reals(
            [ 2; 2 ],
            [
                value [ 2.0; 1.0; 0.75 ]
                value [ 2.0; -5.0; 0.75 ]
                value [ -3.0; 1.0; 0.75 ]
                value [ -3.0; -5.0; 0.75 ]
            ]
        )
    ]
]

let private both = [ false; false; true; true ], [ false; true; false; true ]

let private truthTable name value =
    let left, right = both

    row name 9 "the truth table" [] [ booleans left; booleans right ] [ booleans (List.map2 value left right) ]

let private comparison name opset (value: float -> float -> bool) =
    let rows, columns = [ 1.0; 2.0 ], [ 1.0; 1.5; 2.0 ]

    row name opset "a column and a row" [] [ Reals([ 2; 1 ], rows); reals columns ] [
        Booleans([ 2; 3 ], List.allPairs rows columns |> List.map (fun (a, b) -> value a b))
    ]

let private logic = [
    comparison "Less" 9 (<)
    comparison "Greater" 9 (>)
    comparison "Equal" 11 (=)
    comparison "LessOrEqual" 12 (<=)
    comparison "GreaterOrEqual" 12 (>=)
    row "Less" 13 "of integers" [] [ integers [ 1L; 2L; 3L ]; integers [ 2L ] ] [ booleans [ true; false; false ] ]
    row "Equal" 13 "of integers" [] [ integers [ 1L; 2L ]; integers [ 2L; 2L ] ] [ booleans [ false; true ] ]
    row "Equal" 13 "of truth values" [] [ booleans [ true; false ]; booleans [ false; false ] ] [
        booleans [ false; true ]
    ]
    row "Less" 13 "nothing is less than NaN" [] [ reals [ nan; 1.0 ]; reals [ 1.0; nan ] ] [ booleans [ false; false ] ]
    row "Not" 9 "of truth values" [] [ booleans [ true; false ] ] [ booleans [ false; true ] ]
    truthTable "And" (&&)
    truthTable "Or" (||)
    truthTable "Xor" (<>)
    row "And" 9 "a column and a row" [] [ Booleans([ 2; 1 ], [ true; false ]); booleans [ true; false; true ] ] [
        Booleans([ 2; 3 ], [ true; false; true; false; false; false ])
    ]
]

let private choice = [
    row "Where" 9 "element by element" [] [
        booleans [ true; false; true ]
        reals [ 1.0; 2.0; 3.0 ]
        reals [ -1.0; -2.0; -3.0 ]
    ] [ reals [ 1.0; -2.0; 3.0 ] ]
    row "Where" 16 "a column chooses between a row and a scalar" [] [
        Booleans([ 2; 1 ], [ false; true ])
        reals [ 1.0; 2.0 ]
        number 0.25
    ] [ Reals([ 2; 2 ], [ 0.25; 0.25; 1.0; 2.0 ]) ]
    row "Where" 16 "of integers" [] [ booleans [ true; false ]; integers [ 5L; 6L ]; integers [ -1L ] ] [
        integers [ 5L; -1L ]
    ]
    row "Where" 9 "what is not chosen may be infinite" [] [ booleans [ true ]; reals [ 1.0 ]; reals [ infinity ] ] [
        reals [ 1.0 ]
    ]
    |> rough
]

let private limits = [ Attr.float "min" -0.5; Attr.float "max" 0.75 ]
let private wide = [ -2.0; 0.25; 3.0 ]

let private clip = [
    row "Clip" 9 "limits are attributes at first" limits [ reals wide ] [ reals [ -0.5; 0.25; 0.75 ] ]
    row "Clip" 9 "a lower limit only" [ limits.Head ] [ reals wide ] [ reals [ -0.5; 0.25; 3.0 ] ]
    row "Clip" 9 "no limits" [] [ reals wide ] [ reals wide ]
    row "Clip" 11 "limits are operands later" [] [ reals wide; Setting -0.5; Setting 0.75 ] [
        reals [ -0.5; 0.25; 0.75 ]
    ]
    row "Clip" 13 "a lower limit only" [] [ reals wide; Setting -0.5 ] [ reals [ -0.5; 0.25; 3.0 ] ]
    row "Clip" 13 "an upper limit only" [] [ reals wide; Absent; Setting 0.75 ] [ reals [ -2.0; 0.25; 0.75 ] ]
    row "Clip" 13 "no limits" [] [ reals wide ] [ reals wide ]
    row "Clip" 13 "the upper limit wins" [] [ reals wide; Setting 1.0; Setting -1.0 ] [ reals [ -1.0; -1.0; -1.0 ] ]
    row "Clip" 13 "limits may be computed" [] [ reals wide; number -0.5; number 0.75 ] [ reals [ -0.5; 0.25; 0.75 ] ]
    row "Clip" 13 "of integers" [] [ integers [ -4L; 1L; 9L ]; Integers([], [ 0L ]); Integers([], [ 5L ]) ] [
        integers [ 0L; 1L; 5L ]
    ]
]

/// Before version 7 the second operand was repeated where an attribute said so, its axes from a given one on.
let private repeated =
    let onAxis = [ Attr.int "broadcast" 1; Attr.int "axis" 0 ]
    let matrix = Reals([ 2; 2 ], [ 1.0; 2.0; 3.0; 4.0 ])

    [
        row "Add" 6 "a matrix and its first axis" onAxis [ matrix; reals [ 10.0; 20.0 ] ] [
            Reals([ 2; 2 ], [ 11.0; 12.0; 23.0; 24.0 ])
        ]
        row "Div" 6 "a matrix and its last axis" [ Attr.int "broadcast" 1 ] [ matrix; reals [ 2.0; 4.0 ] ] [
            Reals([ 2; 2 ], [ 0.5; 0.5; 1.5; 1.0 ])
        ]
        row "Greater" 1 "a matrix and its first axis" onAxis [ matrix; reals [ 1.5; 5.0 ] ] [
            Booleans([ 2; 2 ], [ false; true; false; false ])
        ]
        row "Or" 1 "a matrix and its first axis" onAxis [
            Booleans([ 2; 2 ], [ false; true; false; false ])
            booleans [ false; true ]
        ] [ Booleans([ 2; 2 ], [ false; true; true; true ]) ]
    ]

/// Positions where neither remainder jumps.
let private remainders = [
    row "Mod" 10 "has the divisor's sign" [] [
        Integers([ 6 ], [ -4L; 7L; 5L; 4L; -7L; 8L ])
        integers [ 2L; -3L; 8L; -2L; 3L; 5L ]
    ] [ integers [ 0L; -2L; 5L; 0L; 2L; 3L ] ]
    row "Mod" 13 "has the dividend's sign where that is asked for" [ Attr.int "fmod" 1 ] [
        integers [ -4L; 7L; 5L; -7L ]
        integers [ 3L; -3L; 8L; 3L ]
    ] [ integers [ -1L; 1L; 5L; -1L ] ]
    row "Mod" 13 "of reals" [ Attr.int "fmod" 1 ] [ reals [ -4.25; 7.5; 5.0 ]; reals [ 2.0; -3.0; 8.0 ] ] [
        reals [ -0.25; 1.5; 5.0 ]
    ]
]

let private tests =
    let numbers = [ 1.5; nan; infinity; -infinity; 0.0 ]

    let on name opset about attributes expected =
        row name opset about attributes [ reals numbers ] [ booleans expected ] |> rough

    [
        on "IsNaN" 13 "of each element" [] [ false; true; false; false; false ]
        on "IsInf" 10 "of either sign" [] [ false; false; true; true; false ]
        on "IsInf" 20 "above" [ Attr.int "detect_negative" 0 ] [ false; false; true; false; false ]
        on "IsInf" 20 "below" [ Attr.int "detect_positive" 0 ] [ false; false; false; true; false ]
        on "IsInf" 20 "of neither" [ Attr.int "detect_positive" 0; Attr.int "detect_negative" 0 ] [
            false
            false
            false
            false
            false
        ]
    ]

let table =
    [
        functions
        repeated
        remainders
        tests
        arithmetic
        variadic "Sum" List.sum
        variadic "Mean" List.average
        variadic "Max" List.max
        variadic "Min" List.min
        [ row "Max" 13 "of integers" [] [ integers [ 1L; 5L ]; integers [ 3L ] ] [ integers [ 3L; 5L ] ] ]
        logic
        choice
        clip
    ]
    |> List.concat
