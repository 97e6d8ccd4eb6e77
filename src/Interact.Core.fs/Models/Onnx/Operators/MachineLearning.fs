/// Linear models, support vector machines and preparing operators of ai.onnx.ml.
module internal Interact.Core.Onnx.MachineLearningOperators

open Interact.Core

let private apply f (operands: Node list) = Node.elementwise f operands

let private named name (build: NodeContext -> Value list) = { Operator.since 1 name build with Domain = "ai.onnx.ml" }

let private floats name context = NodeContext.tryFloats name context |> Option.defaultValue [||]

let private vector (values: float[]) = Node.constant [| values.Length |] values

/// One number for all features, or one for each.
let private perFeature name (values: float[]) (x: Node) =
    let features = Array.tryLast x.Shape |> Option.defaultValue 1

    if values.Length = 1 || values.Length = features then
        vector values
    else
        NodeContext.fail
            $"attribute '{name}' holds {values.Length} numbers for {features} features; give one, or one for each"

/// Operand 0 as rows of features.
let private rows context =
    let x = (NodeContext.input 0 context).Node

    match x.Rank with
    | 1 -> x |> Node.reshape [| 1; x.Size |]
    | 2 -> x
    | _ -> NodeContext.fail $"its operand has shape {Shape.describe x.Shape}; rows of features are needed"

/// x·aᵀ for rows x and rows a.
let private products (x: Node) (a: Node) =
    Product.contract { Left = [| 0; 2 |]; Right = [| 1; 2 |]; Output = [| 0; 1 |] } x a

let private matrix name (rows: int) (columns: int) (values: float[]) =
    if rows < 1 || columns < 1 || values.Length <> rows * columns then
        NodeContext.fail
            $"attribute '{name}' holds {values.Length} numbers where {rows} x {columns} are needed; export the model again"

    Node.constant [| rows; columns |] values

let private scaler =
    named "Scaler" (fun context ->
        let x = (NodeContext.input 0 context).Node

        let optional name fallback =
            match floats name context with
            | [||] -> Node.scalar fallback
            | values -> perFeature name values x

        [ Value.real (Node.multiply (apply Subtract [ x; optional "offset" 0.0 ]) (optional "scale" 1.0)) ])

let private normalizer =
    named "Normalizer" (fun context ->
        let x = (NodeContext.input 0 context).Node

        if x.Rank = 0 then NodeContext.fail "a scalar has no features to normalize"

        let last = [| x.Rank - 1 |]
        let kept node = node |> Node.reshape (Shape.keepAxes last x.Shape)

        let norm =
            match NodeContext.string "norm" "MAX" context with
            | "MAX" -> Node.maximum last x
            | "L1" -> Product.sum last (apply Abs [ x ])
            | "L2" -> apply Sqrt [ Product.sum last (Node.multiply x x) ]
            | other -> NodeContext.fail $"norm {Quote.name other} is unknown; use MAX, L1 or L2"

        [ Value.real (apply Divide [ x; kept norm ]) ])

/// Elements that equal the replaced value (or are NaN, where that is it) become the imputed ones.
let private imputer =
    named "Imputer" (fun context ->
        let x = NodeContext.input 0 context

        let imputed, replaced =
            match floats "imputed_value_floats" context, NodeContext.tryInts "imputed_value_int64s" context with
            | [||], None -> NodeContext.fail "it has no values to impute; export the model again"
            | [||], Some values -> values |> Array.map float, float (NodeContext.int "replaced_value_int64" 0 context)
            | values, _ -> values, NodeContext.float "replaced_value_float" 0.0 context

        let isMissing =
            if System.Double.IsNaN replaced then
                apply Subtract [ Node.scalar 1.0; apply Equal [ x.Node; x.Node ] ]
            else
                apply Equal [ x.Node; Node.scalar replaced ]

        [ { x with Node = apply Select [ isMissing; perFeature "imputed_value" imputed x.Node; x.Node ] } ])

/// What is made of scores at last, row by row.
let private transformed context (scores: Node) =
    match NodeContext.string "post_transform" "NONE" context with
    | "NONE" -> scores
    | "LOGISTIC" -> (Tensor.sigmoid (Tensor scores)).Node
    | "SOFTMAX" -> (Tensor.softmax 1 (Tensor scores)).Node
    | other -> NodeContext.fail $"post_transform {Quote.name other} cannot be imported; NONE, LOGISTIC and SOFTMAX can"

/// The classes as numbers: integer labels, and for labels that are strings their places.
let private labels context =
    match NodeContext.tryStrings "classlabels_strings" context with
    | Some strings when strings.Length > 0 -> Array.init strings.Length float
    | _ -> NodeContext.tryInts "classlabels_ints" context |> Option.defaultValue [||] |> Array.map float

/// The label of the largest of a row's scores, the first where several are.
let private chosen (labels: float[]) (scores: Node) =
    let largest = Node.maximum [| 1 |] scores

    let isLargest i = apply Equal [ scores |> Node.gather 1 [| i |] |> Node.reshape [| scores.Shape[0] |]; largest ]

    let last = labels.Length - 1

    let label =
        (Node.scalar labels[last], [ last - 1 .. -1 .. 0 ])
        ||> List.fold (fun others i -> apply Select [ isLargest i; Node.scalar labels[i]; others ])

    { Node = label |> Node.broadcast [| scores.Shape[0] |]; Type = Integer }

let private withIntercepts name (values: float[]) (scores: Node) =
    if values.Length = 0 then scores else Node.add scores (perFeature name values scores)

let private linearRegressor =
    named "LinearRegressor" (fun context ->
        let x = rows context
        let targets = NodeContext.int "targets" 1 context
        let weights = floats "coefficients" context |> matrix "coefficients" targets x.Shape[1]

        let scores = products x weights |> withIntercepts "intercepts" (floats "intercepts" context)

        [ Value.real (transformed context scores) ])

let private linearClassifier =
    named "LinearClassifier" (fun context ->
        let x = rows context
        let labels = labels context
        let coefficients = floats "coefficients" context

        if labels.Length = 2 && coefficients.Length = x.Shape[1] then
            NodeContext.fail
                "it has one row of coefficients for two classes, which is read differently by different programs; export the model with a row for each class"

        let scores =
            products x (coefficients |> matrix "coefficients" labels.Length x.Shape[1])
            |> withIntercepts "intercepts" (floats "intercepts" context)

        [ chosen labels scores; Value.real (transformed context scores) ])

/// The kernel of every row with every support vector.
let private kernel context (x: Node) (vectors: Node) =
    let parameter i fallback = floats "kernel_params" context |> Array.tryItem i |> Option.defaultValue fallback
    let gamma, offset, degree = parameter 0 0.0, parameter 1 0.0, parameter 2 3.0
    let scaled () = Node.add (Node.multiply (Node.scalar gamma) (products x vectors)) (Node.scalar offset)

    match NodeContext.string "kernel_type" "LINEAR" context with
    | "LINEAR" -> products x vectors
    | "POLY" -> apply Power [ scaled (); Node.scalar degree ]
    | "SIGMOID" -> apply Tanh [ scaled () ]
    | "RBF" ->
        let difference =
            apply Subtract [
                x |> Node.reshape [| x.Shape[0]; 1; x.Shape[1] |]
                vectors |> Node.reshape [| 1; vectors.Shape[0]; vectors.Shape[1] |]
            ]

        let distance = Product.sum [| 2 |] (Node.multiply difference difference)
        apply Exp [ Node.multiply (Node.scalar -gamma) distance ]
    | other -> NodeContext.fail $"kernel {Quote.name other} is unknown; use LINEAR, POLY, RBF or SIGMOID"

let private offset context =
    match floats "rho" context with
    | [||] -> 0.0
    | rho -> rho[0]

let private svmRegressor =
    named "SVMRegressor" (fun context ->
        let x = rows context
        let supports = NodeContext.int "n_supports" 0 context
        let coefficients = floats "coefficients" context

        let score =
            if supports > 0 then
                let vectors = floats "support_vectors" context |> matrix "support_vectors" supports x.Shape[1]
                products (kernel context x vectors) (coefficients |> matrix "coefficients" 1 supports)
            else
                products x (coefficients |> matrix "coefficients" 1 x.Shape[1])

        let total = Node.add score (Node.scalar (offset context))

        let result =
            if NodeContext.flag "one_class" false context then
                apply Select [ apply Less [ Node.scalar 0.0; total ]; Node.scalar 1.0; Node.scalar -1.0 ]
            else
                transformed context total

        [ Value.real (result |> Node.broadcast [| x.Shape[0]; 1 |]) ])

/// Scores of every pair of classes i < j: positive for i. Coefficients of a class's vectors stand in one row for each other class.
let private pairScores context (x: Node) (counts: int[]) =
    let classes = counts.Length
    let starts = Array.scan (+) 0 counts
    let supports = Array.last starts
    let vectors = floats "support_vectors" context |> matrix "support_vectors" supports x.Shape[1]
    let coefficients = floats "coefficients" context
    matrix "coefficients" (classes - 1) supports coefficients |> ignore<Node>

    let pairs = [|
        for i in 0 .. classes - 2 do
            for j in i + 1 .. classes - 1 -> i, j
    |]

    let rho = floats "rho" context

    if rho.Length <> pairs.Length then
        NodeContext.fail
            $"attribute 'rho' holds {rho.Length} numbers for {pairs.Length} pairs of classes; export the model again"

    let weights = [|
        for i, j in pairs do
            for vector in 0 .. supports - 1 do
                if vector >= starts[i] && vector < starts[i + 1] then coefficients[(j - 1) * supports + vector]
                elif vector >= starts[j] && vector < starts[j + 1] then coefficients[i * supports + vector]
                else 0.0
    |]

    let sums = products (kernel context x vectors) (Node.constant [| pairs.Length; supports |] weights)
    pairs, Node.add sums (vector rho)

let private column i (node: Node) = node |> Node.gather 1 [| i |]

let private svmClassifier =
    named "SVMClassifier" (fun context ->
        let x = rows context
        let labels = labels context

        let counts =
            NodeContext.tryInts "vectors_per_class" context |> Option.defaultValue [||] |> Array.map int

        let a, b = floats "prob_a" context, floats "prob_b" context

        if labels.Length < 2 then NodeContext.fail "it has fewer than two classes; export the model again"

        if counts.Length = 0 || Array.sum counts = 0 then
            let weights = floats "coefficients" context |> matrix "coefficients" labels.Length x.Shape[1]
            let scores = Node.add (products x weights) (Node.scalar (offset context))
            [ chosen labels scores; Value.real (transformed context scores) ]
        elif counts.Length <> labels.Length || Array.exists (fun count -> count < 0) counts then
            NodeContext.fail "it does not say how many support vectors each of its classes has; export the model again"
        else
            let pairs, scores = pairScores context x counts

            if a.Length > 0 then
                if labels.Length > 2 || a.Length <> 1 || b.Length <> 1 then
                    NodeContext.fail
                        "probabilities of more than two classes are found by iteration, which has no exact derivative; export the model with scores (probability=False)"

                let exponent = Node.add (Node.multiply scores (Node.scalar a[0])) (Node.scalar b[0])
                let first = (Tensor.sigmoid (-(Tensor exponent))).Node
                let both = Node.concat 1 [ first; (Tensor.sigmoid (Tensor exponent)).Node ]
                [ chosen labels both; Value.real (transformed context both) ]
            else
                // Every pair votes for one of its classes.
                let isFirst = apply Less [ Node.scalar 0.0; scores ]
                let isSecond = apply Subtract [ Node.scalar 1.0; isFirst ]

                let votes =
                    [
                        for i in 0 .. labels.Length - 1 ->
                            [
                                for index, (first, second) in Array.indexed pairs do
                                    if first = i then column index isFirst
                                    if second = i then column index isSecond
                            ]
                            |> List.reduce Node.add
                    ]
                    |> Node.concat 1

                // Two classes share one score, which is given for each of them: first its opposite.
                let shown = if labels.Length = 2 then Node.concat 1 [ apply Negate [ scores ]; scores ] else scores

                [ chosen labels votes; Value.real (transformed context shown) ])

let table: Operator list = [
    scaler
    normalizer
    imputer
    linearRegressor
    linearClassifier
    svmRegressor
    svmClassifier
]
