/// Rows of choices by order, of losses, and of Einstein's notation.
module internal Interact.Core.Tests.SelectionCases

open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

let private matrix = Reals([ 2; 3 ], [ 1.0; 3.0; 2.0; 6.0; 4.0; 5.0 ])
let private tied = Reals([ 2; 3 ], [ 3.0; 1.0; 3.0; 2.0; 2.0; 4.0 ])

let private places = [
    row "ArgMax" 9 "along the first axis by default" [] [ matrix ] [ Integers([ 1; 3 ], [ 1L; 1L; 1L ]) ]
    row "ArgMax" 13 "along the last axis, which is dropped" [ Attr.int "axis" -1; Attr.int "keepdims" 0 ] [ matrix ] [
        integers [ 1L; 0L ]
    ]
    row "ArgMax" 13 "of equal ones the first" [ Attr.int "axis" 1 ] [ tied ] [ Integers([ 2; 1 ], [ 0L; 2L ]) ]
    |> rough
    row "ArgMax" 13 "of equal ones the last" [ Attr.int "axis" 1; Attr.int "select_last_index" 1 ] [ tied ] [
        Integers([ 2; 1 ], [ 2L; 2L ])
    ]
    |> rough
    row "ArgMin" 13 "along an axis" [ Attr.int "axis" 1 ] [ matrix ] [ Integers([ 2; 1 ], [ 0L; 1L ]) ]
    row "ArgMin" 12 "of equal ones the last" [ Attr.int "axis" 1; Attr.int "select_last_index" 1 ] [ tied ] [
        Integers([ 2; 1 ], [ 1L; 1L ])
    ]
    |> rough
    row "Hardmax" 11 "over all axes from one on at first" [] [ Reals([ 1; 2; 2 ], [ 1.0; 4.0; 3.0; 2.0 ]) ] [
        Reals([ 1; 2; 2 ], [ 0.0; 1.0; 0.0; 0.0 ])
    ]
    row "Hardmax" 13 "over the last axis later" [] [ matrix ] [ Reals([ 2; 3 ], [ 0.0; 1.0; 0.0; 1.0; 0.0; 0.0 ]) ]
    row "Hardmax" 13 "of equal ones the first" [] [ tied ] [ Reals([ 2; 3 ], [ 1.0; 0.0; 0.0; 0.0; 0.0; 1.0 ]) ]
    |> rough
]

let private unordered = Reals([ 2; 4 ], [ 1.0; 7.0; -2.0; 3.0; 0.5; -1.0; 4.0; 2.0 ])
let private two = integers [ 2L ]
let private many = [ for i in 0..39 -> float (i * 11 % 27) / 4.0 ]

let private leaders = [
    row "TopK" 9 "the number is an attribute at first" [ Attr.int "k" 2 ] [ unordered ] [
        Reals([ 2; 2 ], [ 7.0; 3.0; 4.0; 2.0 ])
        Integers([ 2; 2 ], [ 1L; 3L; 2L; 3L ])
    ]
    row "TopK" 10 "the number is an operand later" [] [ unordered; two ] [
        Reals([ 2; 2 ], [ 7.0; 3.0; 4.0; 2.0 ])
        Integers([ 2; 2 ], [ 1L; 3L; 2L; 3L ])
    ]
    row "TopK" 11 "the smallest" [ Attr.int "largest" 0 ] [ unordered; two ] [
        Reals([ 2; 2 ], [ -2.0; 1.0; -1.0; 0.5 ])
        Integers([ 2; 2 ], [ 2L; 0L; 1L; 0L ])
    ]
    row "TopK" 11 "along the first axis" [ Attr.int "axis" 0 ] [ unordered; integers [ 1L ] ] [
        Reals([ 1; 4 ], [ 1.0; 7.0; 4.0; 3.0 ])
        Integers([ 1; 4 ], [ 0L; 0L; 1L; 0L ])
    ]
    row "TopK" 24 "of equal ones the first leads" [] [ tied; two ] [
        Reals([ 2; 2 ], [ 3.0; 3.0; 4.0; 2.0 ])
        Integers([ 2; 2 ], [ 0L; 2L; 2L; 0L ])
    ]
    |> rough
    row "TopK" 11 "all, which sorts" [] [ reals [ 1.0; infinity; -3.0 ]; integers [ 3L ] ] [
        reals [ infinity; 1.0; -3.0 ]
        integers [ 1L; 0L; 2L ]
    ]
    |> rough
    row "TopK" 11 "a few of many" [] [ Reals([ 2; 20 ], many); two ] [
        Reals([ 2; 2 ], [ 6.25; 6.0; 6.5; 6.0 ])
        Integers([ 2; 2 ], [ 17L; 12L; 2L; 19L ])
    ]
    row "TopK" 11 "a few of many that are infinitely small" [] [ reals (3.0 :: List.replicate 19 -infinity); two ] [
        reals [ 3.0; -infinity ]
        integers [ 0L; 1L ]
    ]
    |> rough
    row "TopK" 11 "none" [] [ matrix; integers [ 0L ] ] [ Reals([ 2; 0 ], []); Integers([ 2; 0 ], []) ]
]

let private logits = [ 0.3; -1.2; 2.0; 0.5; 1.1; -0.7; 0.9; 0.0; -2.0; 1.5; 0.25; -0.3 ]

/// Two examples, three classes, two places.
let private classes = [ 2; 3; 2 ]
let private target = [ 0L; 2L; 1L; 1L ]
let private weight = [ 0.5; 2.0; 1.25 ]

/// -weight · value of the target's class at each place, and the weights; 0 for targets to be ignored.
let private terms (values: float list) (weight: float list) ignored = [
    for n in 0..1 do
        for place in 0..1 do
            let chosen = target[2 * n + place]

            if Some chosen = ignored then
                0.0, 0.0
            else
                -weight[int chosen] * at classes values [ n; int chosen; place ], weight[int chosen]
]

let private logSoftmax =
    let total n place = List.sum [ for c in 0..2 -> exp (at classes logits [ n; c; place ]) ]

    coordinates classes
    |> List.map (fun index -> at classes logits index - log (total index[0] index[2]))

let private losses operator values extra =
    let on about attributes weighted ignored (reduce: (float * float) list -> Data) =
        let weights = if weighted then weight else [ 1.0; 1.0; 1.0 ]
        let operands = [ Reals(classes, logits); Integers([ 2; 2 ], target) ]

        row operator 13 about attributes (operands @ (if weighted then [ reals weight ] else [])) [
            reduce (terms values weights ignored)
        ]

    let mean terms = number (List.sumBy fst terms / List.sumBy snd terms)
    let reduction = Attr.string "reduction"

    [
        on "the mean" [] false None mean
        on "the weighted mean" [] true None mean
        on "without what is to be ignored" [ Attr.int "ignore_index" 1 ] true (Some 1L) mean
        on "the sum" [ reduction "sum" ] true None (List.sumBy fst >> number)
        on "each by itself" [ reduction "none" ] false None (fun terms -> Reals([ 2; 2 ], List.map fst terms))
    ]
    @ extra

let private likelihood =
    losses "NegativeLogLikelihoodLoss" logits [
        row "NegativeLogLikelihoodLoss" 12 "a target that is no class may be ignored" [ Attr.int "ignore_index" -1 ] [
            Reals([ 2; 2 ], [ 1.0; 2.0; 3.0; 4.0 ])
            integers [ -1L; 1L ]
        ] [ number -4.0 ]
    ]

let private crossEntropy =
    losses "SoftmaxCrossEntropyLoss" logSoftmax [
        row "SoftmaxCrossEntropyLoss" 12 "with the logarithms of probabilities" [] [
            Reals([ 1; 2 ], [ 1.0; 3.0 ])
            integers [ 1L ]
        ] [ number (log (1.0 + exp -2.0)); Reals([ 1; 2 ], [ -log(1.0 + exp 2.0); -log(1.0 + exp -2.0) ]) ]
    ]

let private einsum about equation (operands: (int list * float list) list) result =
    row "Einsum" 12 about [ Attr.string "equation" equation ] (operands |> List.map Reals) [ result ]

let private a = [ 2; 3 ], [ 1.0; 2.0; -1.0; 0.5; 0.25; 3.0 ]
let private b = [ 3; 2 ], [ 2.0; 1.0; -1.0; 4.0; 3.0; 0.5 ]
let private square = [ 3; 3 ], [ for i in 1..9 -> float (i * i) / 4.0 ]
let private cube = [ 2; 2; 3 ], [ for i in 1..12 -> float (i * 7 % 12) - 5.0 ]
let private of2 (shape, elements) index = at shape elements index
let private range n = [ 0 .. n - 1 ]

let private products = [
    einsum
        "a matrix product"
        "ij,jk->ik"
        [ a; b ]
        (tabulate [ 2; 2 ] (fun index -> range 3 |> List.sumBy (fun j -> of2 a [ index[0]; j ] * of2 b [ j; index[1] ])))
    einsum
        "a matrix product without an arrow"
        "ij,jk"
        [ a; b ]
        (tabulate [ 2; 2 ] (fun index -> range 3 |> List.sumBy (fun j -> of2 a [ index[0]; j ] * of2 b [ j; index[1] ])))
    einsum
        "without an arrow, in alphabetical order"
        "ba"
        [ a ]
        (tabulate [ 3; 2 ] (fun index -> of2 a [ index[1]; index[0] ]))
    einsum
        "a transposition, with spaces"
        " i j -> j i "
        [ a ]
        (tabulate [ 3; 2 ] (fun index -> of2 a [ index[1]; index[0] ]))
    einsum "a sum" "ij->" [ a ] (number (List.sum (snd a)))
    einsum
        "sums of rows"
        "ij->i"
        [ a ]
        (tabulate [ 2 ] (fun index -> range 3 |> List.sumBy (fun j -> of2 a [ index[0]; j ])))
    einsum "a diagonal" "ii->i" [ square ] (tabulate [ 3 ] (fun index -> of2 square [ index[0]; index[0] ]))
    einsum "a trace" "ii" [ square ] (number (range 3 |> List.sumBy (fun i -> of2 square [ i; i ])))
    einsum
        "a diagonal of a batch"
        "...ii->...i"
        [ ([ 1; 3; 3 ], snd square) ]
        (tabulate [ 1; 3 ] (fun index -> of2 square [ index[1]; index[1] ]))
    einsum
        "an outer product"
        "i,j->ij"
        [ ([ 2 ], [ 1.0; -2.0 ]); ([ 3 ], [ 3.0; 0.5; 4.0 ]) ]
        (Reals([ 2; 3 ], [ 3.0; 0.5; 4.0; -6.0; -1.0; -8.0 ]))
    einsum
        "batches by an ellipsis"
        "...ij,...jk->...ik"
        [ cube; b ]
        (tabulate [ 2; 2; 2 ] (fun index ->
            range 3 |> List.sumBy (fun j -> of2 cube [ index[0]; index[1]; j ] * of2 b [ j; index[2] ])))
    einsum
        "an ellipsis without an arrow"
        "...ij,jk"
        [ cube; b ]
        (tabulate [ 2; 2; 2 ] (fun index ->
            range 3 |> List.sumBy (fun j -> of2 cube [ index[0]; index[1]; j ] * of2 b [ j; index[2] ])))
    einsum
        "an ellipsis that is summed"
        "...j->j"
        [ cube ]
        (tabulate [ 3 ] (fun index -> coordinates [ 2; 2 ] |> List.sumBy (fun outer -> of2 cube (outer @ index))))
    einsum
        "ellipses of different length, repeated"
        "...i,...i->...i"
        [ cube; ([ 2; 1; 3 ], snd a) ]
        (tabulate [ 2; 2; 3 ] (fun index -> of2 cube index * of2 a [ index[0]; index[2] ]))
    einsum
        "three operands"
        "ij,jk,k->i"
        [ a; b; ([ 2 ], [ 2.0; -1.0 ]) ]
        (tabulate [ 2 ] (fun index ->
            coordinates [ 3; 2 ]
            |> List.sumBy (fun inner -> of2 a [ index[0]; inner[0] ] * of2 b inner * [ 2.0; -1.0 ][inner[1]])))
    row "Einsum" 12 "of integers" [ Attr.string "equation" "i,i->" ] [ integers [ 1L; 2L ]; integers [ 3L; 4L ] ] [
        Integers([], [ 11L ])
    ]
]

let table = List.concat [ places; leaders; likelihood; crossEntropy; products ]
