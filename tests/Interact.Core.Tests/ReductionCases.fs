/// Rows of reductions: each with its axes as an attribute at first, and as an operand later.
module internal Interact.Core.Tests.ReductionCases

open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

let private shape = [ 2; 3; 2 ]
/// No two are closer than .1.
let private signed = [ 1.5; -0.4; 2.2; 0.7; 3.1; 0.25; -0.9; 1.1; 0.5; 2.6; 1.9; 3.6 ]
let private positive = signed |> List.map (fun x -> x + 1.25)
let private whole = [ 0; 1; 2 ]

/// The elements that share their place on the axes that stay, one group after the other.
let private groups axes (values: 'T list) =
    let stays index = index |> List.indexed |> List.filter (fun (axis, _) -> not (List.contains axis axes))

    List.zip (coordinates shape) values
    |> List.groupBy (fun (index, _) -> stays index)
    |> List.map (fun (_, group) -> group |> List.map snd)

let private reducedShape axes keep =
    if keep then
        shape |> List.mapi (fun axis size -> if List.contains axis axes then 1 else size)
    else
        shape
        |> List.indexed
        |> List.filter (fun (axis, _) -> not (List.contains axis axes))
        |> List.map snd

let private dropAxes = Attr.int "keepdims" 0

/// Axes of results are counted from the front.
let private reductionOf elements operandSince name (value: float list -> float) =
    let operand = Reals(shape, elements)
    let reduced axes keep = Reals(reducedShape axes keep, groups axes elements |> List.map value)

    let before opset about attributes axes keep = row name opset about attributes [ operand ] [ reduced axes keep ]

    let after opset about attributes given axes keep =
        row name opset about attributes [ operand; given ] [ reduced axes keep ]

    [
        before 9 "over one axis by an attribute" [ Attr.ints "axes" [ 1 ] ] [ 1 ] true
        before 11 "over negative axes by an attribute" [ Attr.ints "axes" [ -1; 0 ]; dropAxes ] [ 0; 2 ] false
        before (operandSince - 1) "over all axes by default at first" [] whole true
        after operandSince "over one axis by an operand" [] (integers [ 1L ]) [ 1 ] true
        after operandSince "over negative axes by an operand" [ dropAxes ] (integers [ -1L; 0L ]) [ 0; 2 ] false
        after operandSince "over all axes by default" [ dropAxes ] Absent whole false
        after operandSince "over all axes where none are listed" [] (integers []) whole true
        after operandSince "over none where that is asked for" [ Attr.int "noop_with_empty_axes" 1 ] Absent [] true
        after
            operandSince
            "over the listed axes, whatever none would mean"
            [ Attr.int "noop_with_empty_axes" 1 ]
            (integers [ 2L ])
            [ 2 ]
            true
    ]

let private reduction operandSince name value = reductionOf signed operandSince name value

let private ofIntegers name opset axes given (value: int64 list -> int64) =
    let numbers = [ for i in 1L .. 12L -> i * 5L % 13L - 6L ]

    row name opset "of integers" axes (Integers(shape, numbers) :: given) [
        Integers(reducedShape [ 1 ] true, groups [ 1 ] numbers |> List.map value)
    ]

let table =
    [
        reduction 13 "ReduceSum" List.sum
        reduction 18 "ReduceMean" List.average
        reduction 18 "ReduceMax" List.max
        reduction 18 "ReduceMin" List.min
        reduction 18 "ReduceProd" (List.fold (*) 1.0)
        reduction 18 "ReduceL1" (List.sumBy abs)
        reduction 18 "ReduceL2" (List.sumBy (fun x -> x * x) >> sqrt)
        reduction 18 "ReduceSumSquare" (List.sumBy (fun x -> x * x))
        reductionOf positive 18 "ReduceLogSum" (List.sum >> log)
        reduction 18 "ReduceLogSumExp" (List.sumBy exp >> log)
        [
            ofIntegers "ReduceSum" 13 [] [ integers [ 1L ] ] List.sum
            ofIntegers "ReduceMax" 13 [ Attr.ints "axes" [ 1 ] ] [] List.max
            ofIntegers "ReduceMin" 18 [] [ integers [ 1L ] ] List.min
            ofIntegers "ReduceMean" 18 [] [ integers [ 1L ] ] (fun group -> List.sum group / int64 group.Length)
            ofIntegers "ReduceProd" 18 [] [ integers [ 1L ] ] (List.fold (*) 1L)
            for name, value in [ "ReduceMax", -infinity; "ReduceMin", infinity; "ReduceSum", 0.0; "ReduceProd", 1.0 ] do
                row name 20 "of nothing" [ dropAxes ] [ Reals([ 0; 2 ], []); integers [ 0L ] ] [
                    reals [ value; value ]
                ]
            row "ReduceL2" 18 "of zeros" [] [ Reals([ 2; 2 ], [ 0.0; 0.0; 3.0; 4.0 ]); integers [ 1L ] ] [
                Reals([ 2; 1 ], [ 0.0; 5.0 ])
            ]
            |> rough
            row "ReduceLogSumExp" 18 "of minus infinity" [] [ reals [ -infinity; -infinity ] ] [ reals [ -infinity ] ]
            |> rough
            row "ReduceLogSumExp" 18 "of large numbers" [] [ reals [ 1000.0; 1000.0 ] ] [ reals [ 1000.0 + log 2.0 ] ]
        ]
    ]
    |> List.concat
