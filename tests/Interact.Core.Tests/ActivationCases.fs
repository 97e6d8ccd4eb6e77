/// Rows of activation functions.
module internal Interact.Core.Tests.ActivationCases

open System
open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

let private points = [ -4.0; -1.7; -0.4; 0.3; 2.1; 3.5 ]

let private activation name opset about attributes (value: float -> float) =
    row name opset about attributes [ reals points ] [ reals (points |> List.map value) ]

let private sigmoid x = 1.0 / (1.0 + exp -x)
/// Attributes are in single precision, their defaults too.
let private single (value: float32) = float value
let private hardSigmoid alpha beta x = max 0.0 (min 1.0 (alpha * x + beta))
let private elu alpha x = if x > 0.0 then x else alpha * (exp x - 1.0)

let private selu alpha gamma x = gamma * elu alpha x

let private geluTanh x = 0.5 * x * (1.0 + tanh (sqrt (2.0 / Math.PI) * (x + 0.044715 * (x ** 3.0))))

let private functions = [
    activation "Relu" 9 "0 below 0" [] (fun x -> if x > 0.0 then x else 0.0)
    row "Relu" 14 "at 0" [] [ reals [ 0.0 ] ] [ reals [ 0.0 ] ] |> rough
    activation "LeakyRelu" 9 "with its default slope" [] (fun x -> if x > 0.0 then x else single 0.01f * x)
    activation "LeakyRelu" 16 "with a slope" [ Attr.float "alpha" 0.25 ] (fun x -> if x > 0.0 then x else 0.25 * x)
    row "PRelu" 9 "a slope for each column" [] [ Reals([ 2; 2 ], [ -1.0; -2.0; 3.0; -4.0 ]); reals [ 0.5; 0.25 ] ] [
        Reals([ 2; 2 ], [ -0.5; -0.5; 3.0; -1.0 ])
    ]
    row "PRelu" 6 "a slope for each channel before version 7" [] [
        Reals([ 1; 2; 2 ], [ -1.0; -2.0; 3.0; -4.0 ])
        reals [ 0.5; 0.25 ]
    ] [ Reals([ 1; 2; 2 ], [ -0.5; -1.0; 3.0; -1.0 ]) ]
    row "PRelu" 16 "one slope" [] [ reals [ -1.0; 2.0 ]; reals [ 2.0 ] ] [ reals [ -2.0; 2.0 ] ]
    row "PRelu" 16 "a slope for each channel" [] [
        Reals([ 1; 2; 2 ], [ -1.0; -2.0; 3.0; -4.0 ])
        Reals([ 2; 1 ], [ 0.5; 0.25 ])
    ] [ Reals([ 1; 2; 2 ], [ -0.5; -1.0; 3.0; -1.0 ]) ]
    activation "ThresholdedRelu" 10 "with its default threshold of 1" [] (fun x -> if x > 1.0 then x else 0.0)
    activation "ThresholdedRelu" 10 "with a threshold" [ Attr.float "alpha" 2.5 ] (fun x -> if x > 2.5 then x else 0.0)
    activation "Elu" 9 "with its default factor of 1" [] (elu 1.0)
    activation "Elu" 9 "with a factor" [ Attr.float "alpha" 1.5 ] (elu 1.5)
    row "Elu" 9 "far out" [] [ reals [ -1000.0; 1000.0 ] ] [ reals [ -1.0; 1000.0 ] ]
    activation
        "Selu"
        9
        "with its default factors"
        []
        (selu (single 1.67326319217681884765625f) (single 1.05070102214813232421875f))
    activation "Selu" 5 "with the shorter factors of its first version" [] (selu (single 1.6732f) (single 1.0507f))
    activation "Selu" 9 "with factors" [ Attr.float "alpha" 2.0; Attr.float "gamma" 3.0 ] (selu 2.0 3.0)
    activation "Celu" 12 "with its default width of 1" [] (elu 1.0)
    activation "Celu" 12 "with a width" [ Attr.float "alpha" 2.0 ] (fun x ->
        max 0.0 x + min 0.0 (2.0 * (exp (x / 2.0) - 1.0)))
    activation "Sigmoid" 13 "of each element" [] sigmoid
    row "Sigmoid" 13 "far out" [] [ reals [ -1000.0; 1000.0 ] ] [ reals [ 0.0; 1.0 ] ]
    activation "HardSigmoid" 9 "with its defaults" [] (hardSigmoid (single 0.2f) 0.5)
    activation
        "HardSigmoid"
        9
        "with slope and offset"
        [ Attr.float "alpha" 0.5; Attr.float "beta" 0.25 ]
        (hardSigmoid 0.5 0.25)
    activation "HardSwish" 14 "x times a hard sigmoid of slope 1/6" [] (fun x -> x * hardSigmoid (1.0 / 6.0) 0.5 x)
    activation "Tanh" 13 "of each element" [] (fun x -> (exp (2.0 * x) - 1.0) / (exp (2.0 * x) + 1.0))
    activation "Softplus" 9 "of each element" [] (fun x -> log (1.0 + exp x))
    row "Softplus" 9 "far out" [] [ reals [ -1000.0; 1000.0 ] ] [ reals [ 0.0; 1000.0 ] ]
    activation "Softsign" 9 "of each element" [] (fun x -> x / (1.0 + abs x))
    // x·Φ(x), Φ from tables of the normal distribution.
    row "Gelu" 20 "by the error function" [] [ reals [ -1.0; 0.0; 1.0; 2.0 ] ] [
        reals [ -0.15865525393145705; 0.0; 0.84134474606854293; 1.9544997361036416 ]
    ]
    activation "Gelu" 20 "by the hyperbolic tangent" [ Attr.string "approximate" "tanh" ] geluTanh
    activation "Mish" 18 "x·tanh(softplus(x))" [] (fun x -> x * tanh (log (1.0 + exp x)))
    activation "Swish" 24 "with its default factor of 1" [] (fun x -> x * sigmoid x)
    activation "Swish" 24 "with a factor" [ Attr.float "alpha" 1.5 ] (fun x -> x * sigmoid (1.5 * x))
    activation "Shrink" 9 "to 0 within .5" [] (fun x -> if abs x > 0.5 then x else 0.0)
    activation "Shrink" 9 "with width and offset" [ Attr.float "lambd" 2.0; Attr.float "bias" 1.5 ] (fun x ->
        if x > 2.0 then x - 1.5
        elif x < -2.0 then x + 1.5
        else 0.0)
]

let private softmax (group: float list) =
    let total = group |> List.sumBy exp
    group |> List.map (fun x -> exp x / total)

let private cube = [ 0.1; -0.6; 1.2; 0.4; -1.5; 2.0; 0.0; 0.7 ]

/// The cube with softmax over groups, each given by the places of its elements.
let private grouped (value: float list -> float list) (groups: int list list) =
    let values =
        groups
        |> List.collect (fun places -> places |> List.map (fun place -> cube[place]) |> value |> List.zip places)
        |> Map.ofList

    Reals([ 2; 2; 2 ], [ for place in 0..7 -> values[place] ])

let private overLast = [ [ 0; 1 ]; [ 2; 3 ]; [ 4; 5 ]; [ 6; 7 ] ]
let private overMiddle = [ [ 0; 2 ]; [ 1; 3 ]; [ 4; 6 ]; [ 5; 7 ] ]
let private overFirst = [ [ 0; 4 ]; [ 1; 5 ]; [ 2; 6 ]; [ 3; 7 ] ]

let private overAxis name value =
    let on opset about axis groups =
        let attributes = axis |> Option.map (Attr.int "axis") |> Option.toList
        row name opset about attributes [ Reals([ 2; 2; 2 ], cube) ] [ grouped value groups ]

    [
        on 11 "over all axes from one on at first" None [ [ 0..3 ]; [ 4..7 ] ]
        on 9 "over everything" (Some 0) [ [ 0..7 ] ]
        on 11 "over the last axis at first" (Some -1) overLast
        on 13 "over the last axis later" None overLast
        on 13 "over one axis later" (Some 1) overMiddle
        on 13 "over the first axis" (Some -3) overFirst
    ]

let private large =
    let e = Math.E

    [
        row "Softmax" 13 "of large numbers" [] [ reals [ 1000.0; 1001.0; -1000.0 ] ] [
            reals [ 1.0 / (1.0 + e); e / (1.0 + e); 0.0 ]
        ]
        row "LogSoftmax" 13 "of large numbers" [] [ reals [ 1000.0; 1001.0 ] ] [
            reals [ -log(1.0 + e); 1.0 - log (1.0 + e) ]
        ]
    ]

let table =
    functions @ overAxis "Softmax" softmax @ overAxis "LogSoftmax" (softmax >> List.map log) @ large
