/// Losses of classification.
module internal Interact.Core.Onnx.LossOperators

open Interact.Core

/// 1 where the class of axis 1 is the target's, 0 elsewhere, also for what is to be ignored.
let private indicator (classes: int) (target: Node) (ignored: int option) =
    let apart = target |> Node.reshape (Array.concat [ target.Shape[..0]; [| 1 |]; target.Shape[1..] ])

    let numbers =
        Node.constant
            (Array.init (target.Rank + 1) (fun axis -> if axis = 1 then classes else 1))
            (Array.init classes float)

    let isTarget = Node.elementwise Equal [ apart; numbers ]

    match ignored with
    | None -> isTarget
    | Some index ->
        let isIgnored = Node.elementwise Equal [ apart; Node.scalar (float index) ]
        Node.elementwise Select [ isIgnored; Node.scalar 0.0; isTarget ]

let private checkTarget (logits: Node) (target: Value) ignored =
    let shape = target.Node.Shape

    if logits.Rank < 2 || shape <> Shape.removeAxes [| 1 |] logits.Shape then
        NodeContext.fail
            $"targets of shape {Shape.describe shape} do not fit an operand of shape {Shape.describe logits.Shape}"

    match Value.tryConstant target with
    | None -> ()
    | Some values ->
        let isClass (value: float) = value >= 0.0 && value < float logits.Shape[1]

        match values |> Array.tryFind (fun value -> not (isClass value || Some value = Option.map float ignored)) with
        | Some value -> NodeContext.fail $"target {value} is none of {logits.Shape[1]} classes"
        | None -> ()

/// -Σ weight · log-probability of the target, for each place, summed, or divided by the sum of weights.
let private negativeLogLikelihood (context: NodeContext) (logProbability: Node) : Node =
    let target = NodeContext.input 1 context
    let ignored = NodeContext.tryInt "ignore_index" context
    checkTarget logProbability target ignored
    let rank = logProbability.Rank
    let isTarget = indicator logProbability.Shape[1] target.Node ignored

    let weights =
        match NodeContext.tryInput 2 context with
        | None -> isTarget
        | Some weight ->
            if weight.Node.Shape <> [| logProbability.Shape[1] |] then
                NodeContext.fail
                    $"weights of shape {Shape.describe weight.Node.Shape} were given for {logProbability.Shape[1]} classes"

            Node.multiply
                isTarget
                (weight.Node |> Node.reshape (Array.append weight.Node.Shape (Array.create (rank - 2) 1)))

    // What has no weight may be infinite.
    let terms = Node.elementwise Select [ isTarget; Node.multiply weights logProbability; Node.scalar 0.0 ]

    let sumOver axes node = Node.elementwise Negate [ Product.sum axes node ]
    let all = [| 0 .. rank - 1 |]

    match NodeContext.string "reduction" "mean" context with
    | "none" -> terms |> sumOver [| 1 |]
    | "sum" -> terms |> sumOver all
    | "mean" ->
        let total = weights |> Node.broadcast logProbability.Shape |> Product.sum all
        Node.elementwise Divide [ terms |> sumOver all; total ]
    | other -> NodeContext.fail $"attribute 'reduction' is {Quote.name other}; none, sum and mean are known"

/// The log-probabilities may be asked for as a second result.
let private softmaxCrossEntropy =
    Operator.since 12 "SoftmaxCrossEntropyLoss" (fun context ->
        let x = (NodeContext.input 0 context).Node

        if x.Rank < 2 then
            NodeContext.fail $"its operand has shape {Shape.describe x.Shape}; it has no axis of classes"

        let logProbability = (Tensor.logSoftmax 1 (Tensor x)).Node
        [ negativeLogLikelihood context logProbability; logProbability ] |> List.map Value.real)

let table: Operator list = [ Operator.unary 12 "NegativeLogLikelihoodLoss" negativeLogLikelihood; softmaxCrossEntropy ]
