/// Rows of matrix products and normalisations.
module internal Interact.Core.Tests.LinearCases

open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

/// A·B for matrices of 2 x 3 and 3 x 2 written out: the rows of A with the columns of B.
let private a = [ 1.0; 2.0; -1.0; 0.5; 0.0; 3.0 ]
let private aTransposed = [ 1.0; 0.5; 2.0; 0.0; -1.0; 3.0 ]
let private b = [ 2.0; 1.0; -1.0; 4.0; 3.0; 0.0 ]
let private bTransposed = [ 2.0; -1.0; 3.0; 1.0; 4.0; 0.0 ]
let private ab = [ -3.0; 9.0; 10.0; 0.5 ]

let private left = Reals([ 2; 3 ], a)
let private right = Reals([ 3; 2 ], b)
let private square elements = Reals([ 2; 2 ], elements)

let private gemm = [
    row "Gemm" 11 "without a bias" [] [ left; right ] [ square ab ]
    row "Gemm" 9 "with a bias for each column" [] [ left; right; reals [ 10.0; 20.0 ] ] [
        square [ 7.0; 29.0; 20.0; 20.5 ]
    ]
    row "Gemm" 13 "with a bias for each row" [] [ left; right; Reals([ 2; 1 ], [ 10.0; 20.0 ]) ] [
        square [ 7.0; 19.0; 30.0; 20.5 ]
    ]
    row "Gemm" 13 "with one bias" [] [ left; right; number 10.0 ] [ square [ 7.0; 19.0; 20.0; 10.5 ] ]
    row "Gemm" 13 "with a whole bias" [] [ left; right; square [ 1.0; 2.0; 3.0; 4.0 ] ] [
        square [ -2.0; 11.0; 13.0; 4.5 ]
    ]
    row "Gemm" 9 "with its left operand transposed" [ Attr.int "transA" 1 ] [ Reals([ 3; 2 ], aTransposed); right ] [
        square ab
    ]
    row "Gemm" 9 "with its right operand transposed" [ Attr.int "transB" 1 ] [ left; Reals([ 2; 3 ], bTransposed) ] [
        square ab
    ]
    row
        "Gemm"
        9
        "with factors, and all transposed"
        [ Attr.int "transA" 1; Attr.int "transB" 1; Attr.float "alpha" 0.5; Attr.float "beta" 2.0 ] [
            Reals([ 3; 2 ], aTransposed)
            Reals([ 2; 3 ], bTransposed)
            reals [ 10.0; 20.0 ]
        ] [ square [ 18.5; 44.5; 25.0; 40.25 ] ]
    row "Gemm" 9 "with its bias switched off" [ Attr.float "beta" 0.0 ] [ left; right; reals [ 10.0; 20.0 ] ] [
        square ab
    ]
]

let private numbers count = [ for i in 1..count -> float (i * i % 7) - 2.5 ]

/// The product of tensors of any rank from 2 on, element by element. leftBatch and rightBatch find an operand's batch in the product's.
let private batched leftShape rightShape shape leftBatch rightBatch =
    let size = List.fold (*) 1
    let left, right = numbers (size leftShape), numbers (size rightShape) |> List.map (fun x -> 1.0 - x)
    let inner = List.last leftShape

    let element index =
        let batch, place = index |> List.splitAt (List.length index - 2)

        List.sum [
            for k in 0 .. inner - 1 ->
                at leftShape left (leftBatch batch @ [ place[0]; k ])
                * at rightShape right (rightBatch batch @ [ k; place[1] ])
        ]

    [ Reals(leftShape, left); Reals(rightShape, right) ], [ tabulate shape element ]

let private matmul =
    let rowOf about (operands, results) = row "MatMul" 13 about [] operands results

    [
        row "MatMul" 9 "of matrices" [] [ left; right ] [ square ab ]
        row "MatMul" 13 "of vectors" [] [ reals [ 1.0; 2.0; 3.0 ]; reals [ 4.0; 5.0; -6.0 ] ] [ number -4.0 ]
        row "MatMul" 13 "of a vector and a matrix" [] [ reals [ 1.0; 2.0; -1.0 ]; right ] [ reals [ -3.0; 9.0 ] ]
        row "MatMul" 13 "of a matrix and a vector" [] [ left; reals [ 2.0; -1.0; 3.0 ] ] [ reals [ -3.0; 10.0 ] ]
        row "MatMul" 13 "of a batch and a vector" [] [ Reals([ 2; 1; 3 ], a); reals [ 2.0; -1.0; 3.0 ] ] [
            Reals([ 2; 1 ], [ -3.0; 10.0 ])
        ]
        row "MatMul" 13 "of a vector and a batch" [] [
            reals [ 1.0; -1.0 ]
            Reals([ 2; 2; 1 ], [ 5.0; 2.0; 7.0; 10.0 ])
        ] [ Reals([ 2; 1 ], [ 3.0; -3.0 ]) ]
        batched [ 2; 2; 3 ] [ 2; 3; 2 ] [ 2; 2; 2 ] id id |> rowOf "of batches"
        batched [ 2; 2; 3 ] [ 3; 2 ] [ 2; 2; 2 ] id (fun _ -> []) |> rowOf "of a batch and a matrix"
        batched [ 2; 3 ] [ 2; 3; 1 ] [ 2; 2; 1 ] (fun _ -> []) id |> rowOf "of a matrix and a batch"
        batched [ 1; 2; 3 ] [ 2; 3; 2 ] [ 2; 2; 2 ] (fun _ -> [ 0 ]) id
        |> rowOf "of a batch of one and a batch"
        batched [ 2; 1; 2; 3 ] [ 3; 3; 2 ] [ 2; 3; 2; 2 ] (fun batch -> [ batch[0]; 0 ]) (fun batch -> [ batch[1] ])
        |> rowOf "of batches of different rank"
    ]

/// (x - mean) / sqrt(variance + epsilon) · scale + bias
let private normalized epsilon x scale bias mean variance = (x - mean) / sqrt (variance + epsilon) * scale + bias

let private smallEpsilon = float 1e-5f

let private batchNormalization =
    let scale, bias, mean, variance = [ 2.0; -0.5 ], [ 0.25; 1.0 ], [ -1.0; 3.0 ], [ 4.0; 0.5 ]
    let statistics = [ reals scale; reals bias; reals mean; reals variance ]

    let on opset shape attributes epsilon =
        let x = numbers (List.fold (*) 1 shape)

        let expected =
            tabulate shape (fun index ->
                let channel = index[1]

                normalized epsilon (at shape x index) scale[channel] bias[channel] mean[channel] variance[channel])

        row
            "BatchNormalization"
            opset
            $"of {List.length shape} axes in version {opset}"
            attributes
            (Reals(shape, x) :: statistics)
            [ expected ]

    [
        row "BatchNormalization" 7 "of each element" [ Attr.int "spatial" 0; Attr.float "epsilon" 0.0 ] [
            Reals([ 1; 1; 2 ], [ 1.0; 3.0 ])
            Reals([ 1; 2 ], [ 2.0; 1.0 ])
            Reals([ 1; 2 ], [ 0.5; 0.0 ])
            Reals([ 1; 2 ], [ 0.0; 1.0 ])
            Reals([ 1; 2 ], [ 4.0; 0.25 ])
        ] [ Reals([ 1; 1; 2 ], [ 1.5; 4.0 ]) ]
        on 6 [ 2; 2; 1; 2 ] [ Attr.int "is_test" 1 ] smallEpsilon
        on 9 [ 3; 2 ] [ Attr.float "epsilon" 0.125; Attr.float "momentum" 0.5 ] 0.125
        on 14 [ 2; 2; 3 ] [ Attr.int "training_mode" 0 ] smallEpsilon
        on 15 [ 1; 2; 2; 2 ] [] smallEpsilon
    ]

let private layerNormalization =
    let mean (group: float list) = List.average group
    let variance group = group |> List.averageBy (fun x -> (x - mean group) ** 2.0)
    let x = [ 1.0; -0.5; 2.0; 3.5; -1.0; 0.5; 4.0; 2.25 ]

    /// All three results for groups of as many neighbours.
    let results epsilon size (scale: float list) (bias: float list) keptShape =
        let groups = x |> List.chunkBySize size

        let whole =
            groups
            |> List.collect (fun group ->
                group |> List.mapi (fun i x -> normalized epsilon x scale[i] bias[i] (mean group) (variance group)))

        [
            Reals([ 2; 2; 2 ], whole)
            Reals(keptShape, groups |> List.map mean)
            Reals(keptShape, groups |> List.map (fun group -> 1.0 / sqrt (variance group + epsilon)))
        ]

    let operand = Reals([ 2; 2; 2 ], x)
    let scale, bias = [ 2.0; -0.5 ], [ 0.25; 1.0 ]
    let wideScale, wideBias = [ 2.0; -0.5; 1.0; 3.0 ], [ 0.25; 1.0; 0.0; -1.0 ]
    let onLast = results smallEpsilon 2

    [
        row
            "LayerNormalization"
            17
            "over the last axis, with all its results"
            []
            [ operand; reals scale; reals bias ]
            (onLast scale bias [ 2; 2; 1 ])
        row "LayerNormalization" 17 "one result" [] [ operand; reals scale; reals bias ] [
            (onLast scale bias [ 2; 2; 1 ]).Head
        ]
        row "LayerNormalization" 17 "without a bias" [] [ operand; reals scale ] [
            (onLast scale [ 0.0; 0.0 ] [ 2; 2; 1 ]).Head
        ]
        row
            "LayerNormalization"
            17
            "over all axes from one on, without the middle result"
            [ Attr.int "axis" 1; Attr.float "epsilon" 0.125 ]
            [ operand; Reals([ 2; 2 ], wideScale); Reals([ 2; 2 ], wideBias) ]
            (results 0.125 4 wideScale wideBias [ 2; 1; 1 ]
             |> List.mapi (fun i part -> if i = 1 then Absent else part))
        row
            "LayerNormalization"
            17
            "over axes counted from the end"
            [ Attr.int "axis" -2; Attr.float "epsilon" 0.125 ]
            [ operand; Reals([ 2; 2 ], wideScale); Reals([ 2; 2 ], wideBias) ]
            (results 0.125 4 wideScale wideBias [ 2; 1; 1 ])
    ]

let private dropout =
    let x = Reals([ 1; 2 ], [ 1.5; -2.0 ])
    let mask = Booleans([ 1; 2 ], [ true; true ])

    [
        row "Dropout" 6 "out of training" [ Attr.int "is_test" 1 ] [ x ] [ x ]
        row "Dropout" 7 "passes its operand on" [ Attr.float "ratio" 0.5 ] [ x ] [ x ]
        row "Dropout" 10 "with a mask" [] [ x ] [ x; mask ]
        row "Dropout" 12 "with a ratio, of which nothing is left" [] [ x; Setting 0.5 ] [ x ]
        row "Dropout" 13 "with a mask, out of training" [] [ x; Setting 0.5; Booleans([], [ false ]) ] [ x; mask ]
        row "Dropout" 13 "the mask alone" [] [ x ] [ Absent; mask ]
    ]

let table = List.concat [ gemm; matmul; batchNormalization; layerNormalization; dropout ]
