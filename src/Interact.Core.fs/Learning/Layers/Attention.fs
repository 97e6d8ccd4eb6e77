namespace Interact.Core.Learning

open Interact.Core
open Interact.Core.Onnx

/// Self-attention of several heads.
[<RequireQualifiedAccess>]
module internal Attention =

    let create (heads: int) : Layer =
        Checks.within (nameof heads) 1 System.Array.MaxLength heads

        Layer(fun draft x ->
            let name = draft.NewName "attention"
            let shape = draft.ShapeOf x
            shape |> LayerParts.requireRank name 2 "tokens x width" "Put an embedding or a reshape before it"
            let tokens, width = shape[0], shape[1]

            Checks.require (width % heads = 0) (nameof heads) (fun () ->
                $"{name}: a width of {width} cannot be divided among {heads} heads; take a number of heads that divides it.")

            let apply operator part inputs attributes = draft.Apply(operator, $"{name}.{part}", inputs, attributes)

            let perHead =
                draft.Integers($"{name}.heads", [| 0L; int64 tokens; int64 heads; int64 (width / heads) |])

            let joined = draft.Integers($"{name}.joined", [| 0L; int64 tokens; int64 width |])
            let perm (order: int list) = [ "perm", LayerParts.ints order ]

            let linear part value =
                let weight =
                    draft.Parameter(
                        $"{name}.{part}_weight",
                        [| width; width |],
                        width,
                        width,
                        Initializer.GlorotUniform
                    )

                let bias = draft.Parameter($"{name}.{part}_bias", [| width |], width, width, Initializer.Zeros)
                let product = apply "MatMul" $"{part}_product" [ value; weight ] []
                apply "Add" part [ product; bias ] []

            let head part order =
                let parted = apply "Reshape" $"{part}_parted" [ linear part x; perHead ] []
                apply "Transpose" $"{part}_heads" [ parted ] (perm order)

            let queries, keys, values =
                head "query" [ 0; 2; 1; 3 ], head "key" [ 0; 2; 3; 1 ], head "value" [ 0; 2; 1; 3 ]

            let scale = draft.Fixed($"{name}.scale", [||], [| 1.0 / sqrt (float (width / heads)) |])
            let scores = apply "Mul" "scores" [ apply "MatMul" "products" [ queries; keys ] []; scale ] []
            let weights = apply "Softmax" "weights" [ scores ] [ "axis", AttributeValue.Int -1L ]

            let mixed =
                apply "Transpose" "mixed" [ apply "MatMul" "heads_mixed" [ weights; values ] [] ] (perm [ 0; 2; 1; 3 ])

            linear "output" (apply "Reshape" "together" [ mixed; joined ] []))
