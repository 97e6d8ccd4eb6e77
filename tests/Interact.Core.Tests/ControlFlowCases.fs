/// Rows of branches and loops.
module internal Interact.Core.Tests.ControlFlowCases

open Interact.Core.Onnx
open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

let private any = [ Unknown ]

let private branch =
    let constants = [
        Attr.graph
            "then_branch"
            (graph [] [] [ Val.double "t" any; Val.int64 "i" any ] [
                Init.doubles "t" [ 2 ] [ 1.5; 2.5 ]
                Init.int64s "i" [ 1 ] [ 7L ]
            ])
        Attr.graph
            "else_branch"
            (graph [] [] [ Val.double "e" any; Val.int64 "j" any ] [
                Init.doubles "e" [ 1 ] [ -1.0 ]
                Init.int64s "j" [ 1 ] [ 8L ]
            ])
    ]

    [
        row "If" 9 "the first graph where it holds" constants [ Booleans([], [ true ]) ] [
            reals [ 1.5; 2.5 ]
            integers [ 7L ]
        ]
        row "If" 13 "the second graph elsewhere" constants [ booleans [ false ] ] [ reals [ -1.0 ]; integers [ 8L ] ]
    ]

let private scalar name : Value = Val.double name []

/// Compound growth: the body multiplies the state by the rate around it, and gives the state as it was and the turn's number.
let private loop =
    let body limit =
        Attr.graph
            "body"
            (graph
                [
                    node "Mul" [ "state"; "state" ] [ "square" ] []
                    node "Add" [ "square"; "half" ] [ "next" ] []
                    node "Identity" [ "state" ] [ "before" ] []
                    node "Identity" [ "turn" ] [ "number" ] []
                    node "Less" [ "turn"; "limit" ] [ "more" ] []
                ]
                [ Val.int64 "turn" []; Val.bool "go" []; scalar "state" ] [
                    Val.bool "more" []
                    scalar "next"
                    Val.double "before" []
                    Val.int64 "number" []
                ] [ Init.doubles "half" [] [ 0.5 ]; Init.int64s "limit" [] [ limit ] ])

    let next x = x * x + 0.5
    let count turns = Integers([], [ turns ])
    let truth holds = Booleans([], [ holds ])
    let run about limit operands results = row "Loop" 13 about [ body limit ] operands results
    let a, b, c = 0.7, next 0.7, next (next 0.7)

    [
        run "a number of turns" 99L [ count 3L; truth true; number a ] [
            number (next c)
            reals [ a; b; c ]
            integers [ 0L; 1L; 2L ]
        ]
        run "until the condition fails" 1L [ Absent; Absent; number a ] [
            number c
            reals [ a; b ]
            integers [ 0L; 1L ]
        ]
        run "no turn at all" 99L [ count 0L; truth true; number a ] [ number a; Reals([ 0 ], []); integers [] ]
        run "not begun" 99L [ count 5L; truth false; number a ] [ number a; Reals([ 0 ], []); integers [] ]
    ]

/// The body adds what comes in to the state, and gives the state times it.
let private scan =
    let body (axes: Dim list) =
        Attr.graph
            "body"
            (graph
                [ node "Add" [ "state"; "in" ] [ "sum" ] []; node "Mul" [ "sum"; "in" ] [ "product" ] [] ]
                [ Val.double "state" axes; Val.double "in" axes ] [ Val.double "sum" axes; Val.double "product" axes ] [])

    let inputs count = Attr.int "num_scan_inputs" count
    let x = [ 1.0; 2.0; -0.5; 3.0; 0.25; -2.0 ]
    let slices = [ x[0..1]; x[2..3]; x[4..5] ]

    /// States after each slice, from a first one.
    let states first slices = List.scan (List.map2 (+)) first slices
    let products first slices = List.map2 (List.map2 (*)) (states first slices |> List.tail) slices
    let zero = [ 0.5; -0.5 ]
    let back = List.rev slices

    [
        row "Scan" 9 "along the first axis" [ body any; inputs 1 ] [ reals zero; Reals([ 3; 2 ], x) ] [
            reals (List.last (states zero slices))
            Reals([ 3; 2 ], List.concat (products zero slices))
        ]
        row
            "Scan"
            11
            "backwards, and given out backwards"
            [
                body any
                inputs 1
                Attr.ints "scan_input_directions" [ 1 ]
                Attr.ints "scan_output_directions" [ 1 ]
            ] [ reals zero; Reals([ 3; 2 ], x) ] [
                reals (List.last (states zero back))
                Reals([ 3; 2 ], List.concat (List.rev (products zero back)))
            ]
        row
            "Scan"
            16
            "along other axes"
            [ body any; inputs 1; Attr.ints "scan_input_axes" [ 1 ]; Attr.ints "scan_output_axes" [ -1 ] ] [
                reals zero
                tabulate [ 2; 3 ] (fun index -> slices |> List.item index[1] |> List.item index[0])
            ] [
                reals (List.last (states zero slices))
                tabulate [ 2; 3 ] (fun index -> products zero slices |> List.item index[1] |> List.item index[0])
            ]

        // Two items, of three slices and of two; what is behind the end of the second counts as 0.
        let item first slices length =
            let slices = List.truncate length slices
            List.last (states first slices), List.concat (products first slices)

        let final0, out0 = item zero slices 3
        let final1, out1 = item zero back 2

        row "Scan" 8 "at first with a batch axis and lengths" [ body any; inputs 1 ] [
            integers [ 3L; 2L ]
            Reals([ 2; 2 ], zero @ zero)
            Reals([ 2; 3; 2 ], x @ List.concat back)
        ] [ Reals([ 2; 2 ], final0 @ final1); Reals([ 2; 3; 2 ], out0 @ out1 @ [ 0.0; 0.0 ]) ]
    ]

let table = List.concat [ branch; loop; scan ]
