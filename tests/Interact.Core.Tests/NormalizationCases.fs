/// Rows of normalisations by statistics of the operand, by plain sums over the elements that are normalised together.
module internal Interact.Core.Tests.NormalizationCases

open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

let private shape = [ 2; 4; 3 ]
/// None is closer than .1 to 0.
let private x = [ for i in 1..24 -> float (i * i * 5 % 23) / 4.0 - 2.4 ]
let private operand = Reals(shape, x)
let private smallEpsilon = float 1e-5f

let private mean (group: float list) = List.average group
let private variance group = group |> List.averageBy (fun x -> (x - mean group) ** 2.0)

/// Each element from its channel, itself and the elements that share its key.
let private together (key: int list -> 'Key) (value: int -> float list -> float -> float) =
    let elements = List.zip (coordinates shape) x
    let groups = elements |> List.groupBy (fun (index, _) -> key index) |> Map.ofList

    tabulate shape (fun index -> value index[1] (groups[key index] |> List.map snd) (at shape x index))

let private standardized epsilon group x = (x - mean group) / sqrt (variance group + epsilon)

let private scale, private bias = [ 2.0; -0.5; 1.5; 0.25 ], [ 0.25; 1.0; -1.0; 3.0 ]

let private ofGroups = [
    row "InstanceNormalization" 9 "each channel of each example" [] [ operand; reals scale; reals bias ] [
        together (fun index -> index[0], index[1]) (fun channel group x ->
            standardized smallEpsilon group x * scale[channel] + bias[channel])
    ]
    row "InstanceNormalization" 22 "with an epsilon" [ Attr.float "epsilon" 0.125 ] [ operand; reals scale; reals bias ] [
        together (fun index -> index[0], index[1]) (fun channel group x ->
            standardized 0.125 group x * scale[channel] + bias[channel])
    ]
    row "GroupNormalization" 18 "scale and bias by group at first" [ Attr.int "num_groups" 2 ] [
        operand
        reals [ 2.0; -0.5 ]
        reals [ 0.25; 1.0 ]
    ] [
        together (fun index -> index[0], index[1] / 2) (fun channel group x ->
            standardized smallEpsilon group x * [ 2.0; -0.5 ][channel / 2] + [ 0.25; 1.0 ][channel / 2])
    ]
    row
        "GroupNormalization"
        21
        "scale and bias by channel later"
        [ Attr.int "num_groups" 2; Attr.float "epsilon" 0.125 ] [ operand; reals scale; reals bias ] [
            together (fun index -> index[0], index[1] / 2) (fun channel group x ->
                standardized 0.125 group x * scale[channel] + bias[channel])
        ]
]

let private rootMeanSquare epsilon group = sqrt (List.averageBy (fun x -> x * x) group + epsilon)

let private rms = [
    row "RMSNormalization" 23 "over the last axis" [] [ operand; reals [ 1.0; -2.0; 0.5 ] ] [
        tabulate shape (fun index ->
            let group = [ for i in 0..2 -> at shape x [ index[0]; index[1]; i ] ]
            at shape x index / rootMeanSquare smallEpsilon group * [ 1.0; -2.0; 0.5 ][index[2]])
    ]
    row "RMSNormalization" 23 "over all axes from one on" [ Attr.int "axis" 1; Attr.float "epsilon" 0.125 ] [
        operand
        Reals([ 4; 3 ], [ for i in 1..12 -> float i / 4.0 ])
    ] [
        tabulate shape (fun index ->
            let group = x |> List.skip (12 * index[0]) |> List.take 12
            at shape x index / rootMeanSquare 0.125 group * float (index[1] * 3 + index[2] + 1) / 4.0)
    ]
]

let private meanVariance =
    let shape = [ 2; 4; 3; 1 ]

    let on about attributes (key: int list -> int) =
        let elements = List.zip (coordinates shape) x
        let sharing place = elements |> List.filter (fun (index, _) -> key index = place) |> List.map snd

        row "MeanVarianceNormalization" 13 about attributes [ Reals(shape, x) ] [
            tabulate shape (fun index ->
                let group = sharing (key index)
                (at shape x index - mean group) / (sqrt (variance group) + 1e-9))
        ]

    [
        on "of each channel" [] (fun index -> index[1])
        on "over given axes" [ Attr.ints "axes" [ 1; -2 ] ] (fun index -> index[0])
    ]

let private lengths =
    let on opset about attributes (key: int list -> 'Key) (length: float list -> float) =
        row "LpNormalization" opset about attributes [ operand ] [ together key (fun _ group x -> x / length group) ]

    let euclidean group = sqrt (List.sumBy (fun x -> x * x) group)

    [
        on 9 "by the Euclidean norm along the last axis" [] (fun index -> index[0], index[1]) euclidean
        on 9 "along an axis" [ Attr.int "axis" 1; Attr.int "p" 2 ] (fun index -> index[0], index[2]) euclidean
        on 22 "by the sum of sizes" [ Attr.int "p" 1 ] (fun index -> index[0], index[1]) (List.sumBy abs)
        row "LpNormalization" 22 "zeros stay" [] [ Reals([ 2; 2 ], [ 0.0; 0.0; 3.0; 4.0 ]) ] [
            Reals([ 2; 2 ], [ 0.0; 0.0; 0.6; 0.8 ])
        ]
        |> rough
    ]

let private response =
    let on about attributes size alpha beta bias =
        row "LRN" 13 about (Attr.int "size" size :: attributes) [ operand ] [
            tabulate shape (fun index ->
                let first = index[1] - (size - 1) / 2

                let squares = [
                    for channel in max 0 first .. min 3 (first + size - 1) ->
                        at shape x [ index[0]; channel; index[2] ] ** 2.0
                ]

                at shape x index / (bias + alpha / float size * List.sum squares) ** beta)
        ]

    [
        on "over three channels" [] 3 (float 1e-4f) 0.75 1.0
        on
            "over two, with all its numbers"
            [ Attr.float "alpha" 0.5; Attr.float "beta" 1.5; Attr.float "bias" 2.0 ]
            2
            0.5
            1.5
            2.0
        on "wider than the channels" [ Attr.float "alpha" 0.5 ] 9 0.5 0.75 1.0
    ]

let table = List.concat [ ofGroups; rms; meanVariance; lengths; response ]
