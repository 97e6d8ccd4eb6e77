/// Rows of attention and rotary embeddings, against plain loops over single numbers.
module internal Interact.Core.Tests.AttentionCases

open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

let private wave size phase shape =
    Reals(shape, [ for i in 0 .. List.fold (*) 1 shape - 1 -> size * sin (1.3 * float i + phase) ])

let private element data index =
    match data with
    | Reals(shape, elements) -> at shape elements index
    | _ -> nan

/// What one query is told by the keys: b, head, query and key to a score, and the number of keys.
let private softmax keys (score: int -> float) =
    let exponents = [ for k in 0 .. keys - 1 -> exp (score k) ]
    let total = List.sum exponents
    [ for exponent in exponents -> exponent / total ]

let private batch, heads, queries, keys, size, valueSize = 2, 2, 2, 3, 2, 3
let private q = wave 1.1 0.1 [ batch; heads; queries; size ]
let private k = wave 0.9 0.2 [ batch; heads; keys; size ]
let private v = wave 1.3 0.3 [ batch; heads; keys; valueSize ]

/// What attention over operands of four axes gives: from the scores of a query, key by key, what is made of them, and the values.
let private result keys (score: int -> int -> int -> int -> float) value =
    tabulate [ batch; heads; queries; valueSize ] (fun index ->
        let b, h, i = index[0], index[1], index[2]

        softmax keys (score b h i)
        |> List.mapi (fun key weight -> weight * value b h key index[3])
        |> List.sum)

let private scaled query key factor b h i j =
    factor
    * List.sum [ for e in 0 .. size - 1 -> element query [ b; h; i; e ] * element key [ b; h; j; e ] ]

let private byDefault = 1.0 / sqrt (float size)
let private ofValues b h key e = element v [ b; h; key; e ]

/// batch x heads x length x size as batch x length x (heads·size).
let private merged data =
    match data with
    | Reals([ b; h; l; e ], elements) ->
        tabulate [ b; l; h * e ] (fun index ->
            at [ b; h; l; e ] elements [ index[0]; index[2] / e; index[1]; index[2] % e ])
    | other -> other

let private attention =
    let with' about attributes operands results = row "Attention" 23 about attributes operands results
    let score = scaled q k byDefault
    let causal i j value = if j <= i then value else -infinity

    let bias = wave 0.7 0.4 [ queries; keys ]
    let biased b h i j = score b h i j + element bias [ i; j ]
    let capped b h i j = 1.5 * tanh (score b h i j / 1.5)

    let scores f = tabulate [ batch; heads; queries; keys ] (fun index -> f index[0] index[1] index[2] index[3])

    let weights f =
        tabulate [ batch; heads; queries; keys ] (fun index -> (softmax keys (f index[0] index[1] index[2]))[index[3]])

    let mode number = [ Attr.int "qk_matmul_output_mode" number ]

    let asked number about attributes expected =
        with' about (mode number @ attributes) [ q; k; v; bias ] [
            result
                keys
                (if attributes.IsEmpty then biased else fun b h i j -> capped b h i j + element bias [ i; j ])
                ofValues
            Absent
            Absent
            expected
        ]

    let cap = [ Attr.float "softcap" 1.5 ]

    [
        with' "of four axes" [] [ q; k; v ] [ result keys score ofValues ]
        with' "with a scale" [ Attr.float "scale" 0.25 ] [ q; k; v ] [ result keys (scaled q k 0.25) ofValues ]
        with' "of three axes" [ Attr.int "q_num_heads" heads; Attr.int "kv_num_heads" heads ] [
            merged q
            merged k
            merged v
        ] [ merged (result keys score ofValues) ]
        with' "causal" [ Attr.int "is_causal" 1 ] [ q; k; v ] [
            result keys (fun b h i j -> causal i j (score b h i j)) ofValues
        ]
        with' "with a mask of numbers" [] [ q; k; v; bias ] [ result keys biased ofValues ]

        let allowed = [ true; false; true; true; true; false ]

        with' "with a mask of truths" [] [ q; k; v; Booleans([ queries; keys ], allowed) ] [
            result keys (fun b h i j -> if allowed[i * keys + j] then score b h i j else -infinity) ofValues
        ]

        let perHead = wave 0.6 0.5 [ heads; queries; keys ]

        with' "with a mask for each head" [] [ q; k; v; perHead ] [
            result keys (fun b h i j -> score b h i j + element perHead [ h; i; j ]) ofValues
        ]

        let short = wave 0.6 0.5 [ queries; 2 ]

        with' "with a mask that ends early" [] [ q; k; v; short ] [
            result keys (fun b h i j -> if j < 2 then score b h i j + element short [ i; j ] else -infinity) ofValues
        ]

        with' "with capped scores" cap [ q; k; v ] [ result keys capped ofValues ]

        let past = 1
        let pastKey = wave 0.8 0.6 [ batch; heads; past; size ]
        let pastValue = wave 0.5 0.7 [ batch; heads; past; valueSize ]

        let joined first second =
            fun b h j e -> if j < past then element first [ b; h; j; e ] else element second [ b; h; j - past; e ]

        let all width f =
            tabulate [ batch; heads; past + keys; width ] (fun index -> f index[0] index[1] index[2] index[3])

        let presentKey, presentValue = all size (joined pastKey k), all valueSize (joined pastValue v)
        let score' = scaled q presentKey byDefault

        with' "after earlier keys" [ Attr.int "is_causal" 1 ] [ q; k; v; Absent; pastKey; pastValue ] [
            result (past + keys) (fun b h i j -> if j <= i + past then score' b h i j else -infinity) (fun b h j e ->
                element presentValue [ b; h; j; e ])
            presentKey
            presentValue
        ]

        let fewKeys, fewValues =
            wave 0.9 0.2 [ batch; 1; keys; size ], wave 1.3 0.3 [ batch; 1; keys; valueSize ]

        let shared data =
            tabulate [ batch; heads; keys; size ] (fun index -> element data [ index[0]; 0; index[2]; index[3] ])

        with' "heads that share keys" [] [ q; fewKeys; fewValues ] [
            result keys (scaled q (shared fewKeys) byDefault) (fun b _ j e -> element fewValues [ b; 0; j; e ])
        ]

        asked 0 "and its scores" [] (scores score)
        asked 1 "and its capped scores" cap (scores capped)
        asked 2 "and its scores with the mask" [] (scores biased)
        asked 3 "and its weights" [] (weights biased)

        let counts = [ 2; 3 ]

        row "Attention" 24 "items with fewer keys" [] [
            q
            k
            v
            Absent
            Absent
            Absent
            integers (counts |> List.map int64)
        ] [ result keys (fun b h i j -> if j < counts[b] then score b h i j else -infinity) ofValues ]
    ]

let private rotary =
    let batch, heads, length, size = 2, 2, 3, 6
    let x = wave 1.0 0.1 [ batch; heads; length; size ]

    /// Element e of a pair's turned vector, by the table of angles' cosines and sines.
    let turned interleaved turnedSize cosine sine =
        let half = turnedSize / 2

        tabulate [ batch; heads; length; size ] (fun index ->
            let b, h, i, e = index[0], index[1], index[2], index[3]

            if e >= turnedSize then
                element x index
            else
                let pair, isSecond = if interleaved then e / 2, e % 2 = 1 else e % half, e >= half
                let places = if interleaved then 2 * pair, 2 * pair + 1 else pair, pair + half
                let first, second = element x [ b; h; i; fst places ], element x [ b; h; i; snd places ]
                let c, s = cosine b i pair, sine b i pair
                if isSecond then s * first + c * second else c * first - s * second)

    let cosines, sines = wave 0.9 0.2 [ 5; 3 ], wave 0.8 0.3 [ 5; 3 ]
    let positions = [ 0; 4; 2; 1; 1; 3 ]
    let byPosition table b i pair = element table [ positions[b * length + i]; pair ]
    let positionIds = Integers([ batch; length ], positions |> List.map int64)
    let full = turned false size (byPosition cosines) (byPosition sines)
    let ownCosines, ownSines = wave 0.9 0.2 [ batch; length; 2 ], wave 0.8 0.3 [ batch; length; 2 ]
    let own table b i pair = element table [ b; i; pair ]
    let row about = row "RotaryEmbedding" 23 about

    [
        row "halves, by positions" [] [ x; cosines; sines; positionIds ] [ full ]
        row "of three axes" [ Attr.int "num_heads" heads ] [ merged x; cosines; sines; positionIds ] [ merged full ]
        row "neighbours" [ Attr.int "interleaved" 1 ] [ x; cosines; sines; positionIds ] [
            turned true size (byPosition cosines) (byPosition sines)
        ]
        row "a part of the elements, with tables for each item" [ Attr.int "rotary_embedding_dim" 4 ] [
            x
            ownCosines
            ownSines
        ] [ turned false 4 (own ownCosines) (own ownSines) ]
        row "neighbours in a part of the elements" [ Attr.int "rotary_embedding_dim" 4; Attr.int "interleaved" 1 ] [
            x
            ownCosines
            ownSines
        ] [ turned true 4 (own ownCosines) (own ownSines) ]
    ]

let table = attention @ rotary
