/// Scaled dot-product attention and rotary position embeddings.
module internal Interact.Core.Onnx.AttentionOperators

open Interact.Core

let private apply f (operands: Node list) = Node.elementwise f operands

let private positive name context =
    match NodeContext.tryInt name context with
    | Some count when count > 0 -> count
    | Some count -> NodeContext.fail $"attribute '{name}' is {count}; a positive number is needed"
    | None -> NodeContext.fail $"attribute '{name}' is missing for operands of three axes; export the model again"

/// batch x length x (heads·size) as batch x heads x length x size.
let private split heads (node: Node) =
    let features = node.Shape[2]

    if features % heads <> 0 then
        NodeContext.fail $"{features} features are no whole number for each of {heads} heads; export the model again"

    node
    |> Node.reshape [| node.Shape[0]; node.Shape[1]; heads; features / heads |]
    |> Node.transpose [| 0; 2; 1; 3 |]

/// batch x heads x length x size as batch x length x (heads·size).
let private merge (node: Node) =
    node
    |> Node.transpose [| 0; 2; 1; 3 |]
    |> Node.reshape [| node.Shape[0]; node.Shape[2]; node.Shape[1] * node.Shape[3] |]

/// Operand i as batch x heads x length x size.
let private byHeads i headsAttribute context =
    let node = (NodeContext.input i context).Node

    match node.Rank with
    | 4 -> node
    | 3 -> node |> split (positive headsAttribute context)
    | _ -> NodeContext.fail $"operand {i} has shape {Shape.describe node.Shape}; three or four axes are needed"

/// Every head repeated for the queries that share it.
let private shared times (node: Node) =
    if times = 1 then
        node
    else
        let shape = node.Shape
        let wide = Array.insertAt 2 times shape

        node
        |> Node.reshape (Array.insertAt 2 1 shape)
        |> Node.broadcast wide
        |> Node.reshape [| shape[0]; shape[1] * times; shape[2]; shape[3] |]

/// The numbers from a first one on, along one of four axes.
let private counting axis first size =
    Node.constant (Array.init 4 (fun i -> if i = axis then size else 1)) (Array.init size (fun i -> float (first + i)))

let private without allowed = apply Select [ allowed; Node.scalar 0.0; Node.scalar -infinity ]

/// What is added to scores: operand 3 as numbers, with -∞ behind its last key where it has fewer.
let private mask keys context =
    NodeContext.tryInput 3 context
    |> Option.map (fun given ->
        let bias = if given.Type = Boolean then without given.Node else given.Node

        if bias.Rank < 2 || bias.Rank > 4 then
            NodeContext.fail $"its mask has shape {Shape.describe bias.Shape}; two to four axes are needed"

        let last = bias.Rank - 1
        let present = bias.Shape[last]

        let whole =
            if present = keys || present = 1 then
                bias
            elif present > keys then
                NodeContext.fail $"its mask is for {present} keys where there are {keys}; export the model again"
            else
                Node.concat last [
                    bias
                    Node.fill
                        (bias.Shape |> Array.mapi (fun axis size -> if axis = last then keys - present else size))
                        -infinity
                ]

        whole |> Node.reshape (Shape.padLeft 4 whole.Shape))

let private attention =
    Operator.since 23 "Attention" (fun context ->
        let query = byHeads 0 "q_num_heads" context
        let key = byHeads 1 "kv_num_heads" context
        let value = byHeads 2 "kv_num_heads" context

        let joined i (node: Node) =
            match NodeContext.tryInput i context with
            | Some past -> Node.concat 2 [ past.Node; node ]
            | None -> node

        let presentKey, presentValue = joined 4 key, joined 5 value
        let past = presentKey.Shape[2] - key.Shape[2]
        let heads, queries, size = query.Shape[1], query.Shape[2], query.Shape[3]
        let keys = presentKey.Shape[2]

        if heads % presentKey.Shape[1] <> 0 then
            NodeContext.fail
                $"{heads} heads of queries cannot share {presentKey.Shape[1]} heads of keys; export the model again"

        let times = heads / presentKey.Shape[1]
        let scale = NodeContext.float "scale" (1.0 / sqrt (float size)) context

        let scores =
            Product.matmul query (presentKey |> shared times |> Node.transpose [| 0; 1; 3; 2 |])
            |> Node.multiply (Node.scalar scale)

        let capped =
            match NodeContext.float "softcap" 0.0 context with
            | 0.0 -> scores
            | cap -> (cap * tanh (Tensor scores / cap)).Node

        let causal =
            if NodeContext.flag "is_causal" false context then
                Some(without (apply LessOrEqual [ counting 3 0 keys; counting 2 past queries ]))
            else
                None

        let padding =
            NodeContext.tryIntegers 6 "numbers of keys" context
            |> Option.map (fun counts ->
                if counts.Length <> query.Shape[0] then
                    NodeContext.fail
                        $"it has {counts.Length} numbers of keys for {query.Shape[0]} items; export the model again"

                let limits = Node.constant [| counts.Length; 1; 1; 1 |] (counts |> Array.map float)
                without (apply Less [ counting 3 0 keys; limits ]))

        let biased = [ mask keys context; causal; padding ] |> List.choose id |> List.fold Node.add capped

        let weights = (Tensor.softmax 3 (Tensor biased)).Node
        let result = Product.matmul weights (presentValue |> shared times)

        let asked =
            match NodeContext.int "qk_matmul_output_mode" 0 context with
            | 0 -> scores
            | 1 -> capped
            | 2 -> biased
            | 3 -> weights
            | other -> NodeContext.fail $"attribute 'qk_matmul_output_mode' is {other}; 0 to 3 are known"

        let isFlat = (NodeContext.input 0 context).Node.Rank = 3

        [ (if isFlat then merge result else result); presentKey; presentValue; asked ]
        |> List.map Value.real)

/// Pairs of elements turned by angles that grow with the position: neighbours, or one of the first half with one of the second.
let private rotaryEmbedding =
    Operator.one 23 "RotaryEmbedding" (fun context ->
        let x = byHeads 0 "num_heads" context
        let isFlat = (NodeContext.input 0 context).Node.Rank = 3
        let size = x.Shape[3]

        let turned =
            match NodeContext.int "rotary_embedding_dim" 0 context with
            | 0 -> size
            | given -> given

        if turned % 2 <> 0 || turned < 2 || turned > size then
            NodeContext.fail $"{turned} of {size} elements cannot be turned in pairs; export the model again"

        /// batch x 1 x length x pairs, from a table by position or from a row for each item.
        let table i =
            let cache = (NodeContext.input i context).Node

            let rows =
                match NodeContext.tryInput 3 context, NodeContext.tryIntegers 3 "positions" context with
                | Some given, Some positions ->
                    if cache.Rank <> 2 || positions |> Array.exists (fun p -> p < 0L || p >= int64 cache.Shape[0]) then
                        NodeContext.fail
                            $"its table of shape {Shape.describe cache.Shape} lacks a position; export the model again"

                    cache
                    |> Node.gather 0 (positions |> Array.map int)
                    |> Node.reshape (Array.append given.Node.Shape [| cache.Shape[1] |])
                | _ -> cache

            if rows.Rank <> 3 || rows.Shape[2] < turned / 2 then
                NodeContext.fail
                    $"its table of shape {Shape.describe cache.Shape} does not fit; export the model again"

            rows
            |> Node.gather 2 [| 0 .. turned / 2 - 1 |]
            |> Node.reshape [| rows.Shape[0]; 1; rows.Shape[1]; turned / 2 |]

        let interleaved = NodeContext.flag "interleaved" false context
        let half = turned / 2
        let places first = Array.init half (fun i -> if interleaved then 2 * i + first else i + first * half)
        let part first = x |> Node.gather 3 (places first) |> Tensor
        let cosine, sine = Tensor(table 1), Tensor(table 2)
        let left, right = part 0, part 1
        let turnedLeft = cosine * left - sine * right
        let turnedRight = sine * left + cosine * right

        let order =
            Array.init size (fun i ->
                if i >= turned then i
                elif interleaved then i / 2 + i % 2 * half
                else i)

        let result =
            Node.concat 3 [ turnedLeft.Node; turnedRight.Node; x |> Node.gather 3 [| turned .. size - 1 |] ]
            |> Node.gather 3 order

        Value.real (if isFlat then merge result else result))

let table: Operator list = [ attention; rotaryEmbedding ]
