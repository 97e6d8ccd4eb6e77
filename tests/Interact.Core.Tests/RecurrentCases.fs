/// Rows of recurrent layers, against plain loops over single numbers, written from ONNX's formulas.
module internal Interact.Core.Tests.RecurrentCases

open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

let private sigmoid x = 1.0 / (1.0 + exp -x)

/// Numbers of no regularity, up to a size.
let private wave size phase count = [ for i in 0 .. count - 1 -> size * sin (1.7 * float i + phase) ]

/// A layer: sizes, weights as arrays of rows for each direction, and what goes in.
type private Layer = {
    Steps: int
    Batch: int
    Features: int
    Hidden: int
    Gates: int
    /// Whether each direction runs backwards.
    Directions: bool list
    Lengths: int list
}

let private size shape = List.fold (*) 1 shape

let private shapes layer =
    let count = layer.Directions.Length

    {|
        X = [ layer.Steps; layer.Batch; layer.Features ]
        W = [ count; layer.Gates * layer.Hidden; layer.Features ]
        R = [ count; layer.Gates * layer.Hidden; layer.Hidden ]
        B = [ count; 2 * layer.Gates * layer.Hidden ]
        State = [ count; layer.Batch; layer.Hidden ]
        P = [ count; 3 * layer.Hidden ]
    |}

let private data layer =
    let shapes = shapes layer

    {|
        X = wave 0.9 0.1 (size shapes.X)
        W = wave 0.7 0.2 (size shapes.W)
        R = wave 0.6 0.3 (size shapes.R)
        B = wave 0.4 0.4 (size shapes.B)
        H = wave 0.5 0.5 (size shapes.State)
        C = wave 0.8 0.6 (size shapes.State)
        P = wave 0.3 0.7 (size shapes.P)
    |}

/// The sum of a gate's row over the input.
let private weighted layer (weights: float list) columns d row (vector: float[]) =
    Seq.sum (
        seq { for k in 0 .. columns - 1 -> weights[(d * layer.Gates * layer.Hidden + row) * columns + k] * vector[k] }
    )

/// Runs a cell over all directions, items and steps. The cell gets its direction, the input and the states, one array each.
let private simulate
    layer
    (cell: int -> float[] -> float[] list -> float[] list)
    (initial: int -> int -> float[] list)
    =
    let data = data layer

    let runs = [
        for d, backward in List.indexed layer.Directions ->
            [
                for b in 0 .. layer.Batch - 1 ->
                    let x t = [|
                        for k in 0 .. layer.Features - 1 -> data.X[(t * layer.Batch + b) * layer.Features + k]
                    |]

                    let outputs = Array.create layer.Steps (Array.zeroCreate<float> layer.Hidden)
                    let mutable states = initial d b
                    let length = layer.Lengths[b]

                    for t in (if backward then [ length - 1 .. -1 .. 0 ] else [ 0 .. length - 1 ]) do
                        states <- cell d (x t) states
                        outputs[t] <- states.Head

                    outputs, states
            ]
    ]

    let count = layer.Directions.Length

    let y =
        tabulate [ layer.Steps; count; layer.Batch; layer.Hidden ] (fun index ->
            let outputs = runs |> List.item index[1] |> List.item index[2] |> fst
            outputs |> Array.item index[0] |> Array.item index[3])

    let final i =
        tabulate [ count; layer.Batch; layer.Hidden ] (fun index ->
            let states = runs |> List.item index[0] |> List.item index[1] |> snd
            states |> List.item i |> Array.item index[2])

    y, final

let private stateOf layer (values: float list) d b = [|
    for k in 0 .. layer.Hidden - 1 -> values[(d * layer.Batch + b) * layer.Hidden + k]
|]

let private zeros layer _ _ = Array.zeroCreate<float> layer.Hidden

/// The gate's share of the input and its bias, and the share of the state and its bias.
let private shares layer hasBias d gate k (x: float[]) (h: float[]) =
    let data = data layer
    let row = gate * layer.Hidden + k
    let rows = layer.Gates * layer.Hidden
    let bias first = if hasBias then data.B[d * 2 * rows + first + row] else 0.0

    weighted layer data.W layer.Features d row x + bias 0, weighted layer data.R layer.Hidden d row h + bias rows

let private rnn layer hasBias (f: int -> float -> float) d x (states: float[] list) = [
    [|
        for k in 0 .. layer.Hidden - 1 ->
            let input, state = shares layer hasBias d 0 k x states.Head
            f d (input + state)
    |]
]

let private gru layer hasBias linearFirst d x (states: float[] list) =
    let h = states.Head

    let gate i k =
        let input, state = shares layer hasBias d i k x h
        sigmoid (input + state)

    let data = data layer
    let rows = 3 * layer.Hidden
    let reset = [| for k in 0 .. layer.Hidden - 1 -> gate 1 k |]

    [
        [|
            for k in 0 .. layer.Hidden - 1 ->
                let input, state = shares layer hasBias d 2 k x h

                let state =
                    if linearFirst then
                        reset[k] * state
                    else
                        let bias = if hasBias then data.B[d * 2 * rows + rows + 2 * layer.Hidden + k] else 0.0
                        weighted layer data.R layer.Hidden d (2 * layer.Hidden + k) (Array.map2 (*) reset h) + bias

                let update = gate 0 k
                (1.0 - update) * tanh (input + state) + update * h[k]
        |]
    ]

let private lstm
    layer
    hasBias
    peeps
    coupled
    (f: float -> float)
    (g: float -> float)
    (last: float -> float)
    d
    x
    (states: float[] list)
    =
    let h, c = states[0], states[1]
    let data = data layer

    let gate i k =
        let input, state = shares layer hasBias d i k x h
        input + state

    let peep i k (memory: float) = if peeps then data.P[d * 3 * layer.Hidden + i * layer.Hidden + k] * memory else 0.0

    let after = [|
        for k in 0 .. layer.Hidden - 1 ->
            let entry = f (gate 0 k + peep 0 k c[k])
            let kept = if coupled then 1.0 - entry else f (gate 2 k + peep 2 k c[k])
            kept * c[k] + entry * g (gate 3 k)
    |]

    [ [| for k in 0 .. layer.Hidden - 1 -> f (gate 1 k + peep 1 k after[k]) * last after[k] |]; after ]

let private layer gates = {
    Steps = 3
    Batch = 2
    Features = 2
    Hidden = 2
    Gates = gates
    Directions = [ false ]
    Lengths = [ 3; 3 ]
}

let private both layer = { layer with Directions = [ false; true ] }
let private uneven layer = { layer with Lengths = [ 2; 3 ] }
let private backward layer = { layer with Directions = [ true ] }

let private direction layer =
    match layer.Directions with
    | [ false ] -> []
    | [ true ] -> [ Attr.string "direction" "reverse" ]
    | _ -> [ Attr.string "direction" "bidirectional" ]

/// A tensor with its first two axes swapped.
let private swapped data =
    match data with
    | Reals(a :: b :: rest, elements) ->
        tabulate (b :: a :: rest) (fun index -> at (a :: b :: rest) elements (index[1] :: index[0] :: index[2..]))
    | other -> other

/// steps x directions x batch x hidden as batch x steps x directions x hidden.
let private batchFirst data =
    match data with
    | Reals([ t; d; b; h ], elements) ->
        tabulate [ b; t; d; h ] (fun index -> at [ t; d; b; h ] elements [ index[1]; index[2]; index[0]; index[3] ])
    | other -> other

let private operands layer =
    let data, shapes = data layer, shapes layer

    {|
        X = Reals(shapes.X, data.X)
        W = Reals(shapes.W, data.W)
        R = Reals(shapes.R, data.R)
        B = Reals(shapes.B, data.B)
        H = Reals(shapes.State, data.H)
        C = Reals(shapes.State, data.C)
        P = Reals(shapes.P, data.P)
        Lengths = integers (layer.Lengths |> List.map int64)
    |}

let private rnns =
    let plain = layer 1
    let o = operands plain
    let hyperbolic _ x = tanh x
    let none layer d b = [ zeros layer d b ]
    let given layer d b = [ stateOf layer (data layer).H d b ]

    [
        let y, final = simulate plain (rnn plain false hyperbolic) (none plain)
        row "RNN" 9 "tanh by default" [] [ o.X; o.W; o.R ] [ y; final 0 ]

        let y, final = simulate plain (rnn plain true hyperbolic) (given plain)
        row "RNN" 14 "with biases and a state" [] [ o.X; o.W; o.R; o.B; Absent; o.H ] [ y; final 0 ]

        row "RNN" 14 "the batch first" [ Attr.int "layout" 1 ] [ swapped o.X; o.W; o.R; o.B; Absent; swapped o.H ] [
            batchFirst y
            swapped (final 0)
        ]

        let back = backward (uneven plain)
        let y, final = simulate back (rnn back false hyperbolic) (none back)

        row "RNN" 14 "backwards from different ends" (direction back) [ o.X; o.W; o.R; Absent; (operands back).Lengths ] [
            y
            final 0
        ]

        let two = both (uneven plain)
        let p = operands two
        let functions d x = if d = 0 then x / (1.0 + abs x) else 0.5 * x + 0.25
        let y, final = simulate two (rnn two true functions) (given two)

        row
            "RNN"
            14
            "both ways, each with its activation"
            (direction two
             @ [
                 Attr.strings "activations" [ "Softsign"; "Affine" ]
                 Attr.floats "activation_alpha" [ 0.5 ]
                 Attr.floats "activation_beta" [ 0.25 ]
             ]) [ p.X; p.W; p.R; p.B; p.Lengths; p.H ] [ y; final 0 ]

        for name, f in
            [
                "Relu", max 0.0
                "LeakyRelu", (fun x -> if x < 0.0 then float 0.25f * x else x)
                "ThresholdedRelu", (fun x -> if x > 0.25 then x else 0.0)
                "HardSigmoid", (fun x -> max 0.0 (min 1.0 (0.25 * x + 0.5)))
                "Elu", (fun x -> if x < 0.0 then 0.25 * (exp x - 1.0) else x)
                "Sigmoid", sigmoid
                "Softplus", (fun x -> log (1.0 + exp x))
                "ScaledTanh", (fun x -> 0.25 * tanh (0.5 * x))
            ] do
            let y, final = simulate plain (rnn plain false (fun _ -> f)) (none plain)

            row
                "RNN"
                14
                $"with {name}"
                [
                    Attr.strings "activations" [ name ]
                    Attr.floats "activation_alpha" [ 0.25 ]
                    Attr.floats "activation_beta" [ 0.5 ]
                ] [ o.X; o.W; o.R ] [ y; final 0 ]
            |> rough

        let clipped x = tanh (max -0.25 (min 0.25 x))
        let y, final = simulate plain (rnn plain false (fun _ -> clipped)) (none plain)
        row "RNN" 14 "clipped" [ Attr.float "clip" 0.25 ] [ o.X; o.W; o.R ] [ y; final 0 ] |> rough
    ]

let private grus =
    let plain = layer 3
    let o = operands plain
    let none layer d b = [ zeros layer d b ]
    let given layer d b = [ stateOf layer (data layer).H d b ]

    [
        let y, final = simulate plain (gru plain false false) (none plain)
        row "GRU" 9 "by default" [] [ o.X; o.W; o.R ] [ y; final 0 ]

        let y, final = simulate plain (gru plain true false) (given plain)
        row "GRU" 14 "with biases and a state" [] [ o.X; o.W; o.R; o.B; Absent; o.H ] [ y; final 0 ]

        let linear = [ Attr.int "linear_before_reset" 1 ]
        let y, final = simulate plain (gru plain true true) (given plain)
        row "GRU" 14 "reset after the product" linear [ o.X; o.W; o.R; o.B; Absent; o.H ] [ y; final 0 ]

        let two = both (uneven plain)
        let p = operands two
        let y, final = simulate two (gru two true true) (none two)
        row "GRU" 14 "both ways" (linear @ direction two) [ p.X; p.W; p.R; p.B; p.Lengths ] [ y; final 0 ]
    ]

let private lstms =
    let plain = layer 4
    let o = operands plain
    let none layer d b = [ zeros layer d b; zeros layer d b ]
    let given layer d b = [ stateOf layer (data layer).H d b; stateOf layer (data layer).C d b ]
    let standard layer hasBias peeps coupled = lstm layer hasBias peeps coupled sigmoid tanh tanh

    [
        let y, final = simulate plain (standard plain false false false) (none plain)
        row "LSTM" 9 "by default" [] [ o.X; o.W; o.R ] [ y; final 0; final 1 ]

        let y, final = simulate plain (standard plain true true false) (given plain)
        let all = [ o.X; o.W; o.R; o.B; Absent; o.H; o.C; o.P ]
        row "LSTM" 14 "with biases, states and peepholes" [] all [ y; final 0; final 1 ]

        row "LSTM" 14 "the batch first" [ Attr.int "layout" 1 ] [
            swapped o.X
            o.W
            o.R
            o.B
            Absent
            swapped o.H
            swapped o.C
            o.P
        ] [ batchFirst y; swapped (final 0); swapped (final 1) ]

        let y, final = simulate plain (standard plain true true true) (given plain)
        row "LSTM" 14 "what is taken in is forgotten" [ Attr.int "input_forget" 1 ] all [ y; final 0; final 1 ]

        let two = both (uneven plain)
        let p = operands two
        let _, final = simulate two (standard two true false false) (given two)

        row "LSTM" 14 "both ways, only the last states" (direction two) [ p.X; p.W; p.R; p.B; p.Lengths; p.H; p.C ] [
            Absent
            final 0
            final 1
        ]

        let softsign x = x / (1.0 + abs x)

        let y, final =
            simulate plain (lstm plain true false false sigmoid softsign (fun x -> 0.5 * x)) (none plain)

        row
            "LSTM"
            14
            "with other activations"
            [
                Attr.strings "activations" [ "sigmoid"; "softsign"; "affine" ]
                Attr.floats "activation_alpha" [ 0.5 ]
            ] [ o.X; o.W; o.R; o.B ] [ y; final 0; final 1 ]
    ]

let table = List.concat [ rnns; grus; lstms ]
