/// Normalisations: by given statistics, by those of the operand over some axes, or by its neighbours.
module internal Interact.Core.Onnx.NormalizationOperators

open Interact.Core

let private epsilon context = NodeContext.float "epsilon" (float 1e-5f) context

/// A vector with one element a channel, shaped to act on axis 1 of a tensor of the given rank.
let private perChannel rank (node: Node) =
    if rank < 2 then
        node
    else
        node |> Node.reshape (Array.append [| node.Size |] (Array.create (rank - 2) 1))

/// The operand of that number, which must have one element a channel, shaped to act on axis 1.
let private channelOperand i (x: Node) context =
    let node = (NodeContext.input i context).Node

    if x.Rank < 2 || node.Size <> x.Shape[1] then
        NodeContext.fail
            $"operand {i} has shape {Shape.describe node.Shape}; one number for each channel of {Shape.describe x.Shape} is needed"

    Tensor(perChannel x.Rank node)

/// The mean over axes, which are kept at size 1.
let private meanOver axes (x: Tensor) =
    Tensor(ReductionOperators.mean axes x.Node |> Node.reshape (Shape.keepAxes axes x.Node.Shape))

/// Mean, deviation from it, and variance over axes.
let private moments axes (x: Tensor) =
    let center = meanOver axes x
    let deviation = x - center
    center, deviation, meanOver axes (deviation * deviation)

let private inTraining = "it is in training mode; export the model for inference"

/// Whether statistics are to be taken from the batch instead of given. Before version 14 the number of results said so, before 7 an
/// attribute.
let private isTraining (context: NodeContext) =
    if context.Opset >= 14 then NodeContext.flag "training_mode" false context
    elif context.Opset >= 7 then context.Proto.Outputs |> Array.skip 1 |> Array.exists ((<>) "")
    else not (NodeContext.flag "is_test" false context)

let private batchNormalization =
    Operator.one 1 "BatchNormalization" (fun context ->
        if isTraining context then NodeContext.fail "it is in training mode; export the model for inference"

        let x = (NodeContext.input 0 context).Node

        let statistic i =
            // Before version 9 each element of an example could have its own.
            if NodeContext.flag "spatial" true context then
                channelOperand i x context
            else
                Tensor (NodeContext.input i context).Node

        let scale = statistic 1 / sqrt (statistic 4 + epsilon context)
        Value.real ((Tensor x - statistic 3) * scale + statistic 2).Node)

let private instanceNormalization =
    Operator.unary 1 "InstanceNormalization" (fun context x ->
        let scale, bias = channelOperand 1 x context, channelOperand 2 x context
        let _, deviation, variance = Tensor x |> moments [| 2 .. x.Rank - 1 |]
        (deviation / sqrt (variance + epsilon context) * scale + bias).Node)

/// Scale and bias are given for each group at first, and for each channel from version 21 on.
let private groupNormalization =
    let build perGroup context (x: Node) =
        let groups = NodeContext.int "num_groups" 0 context

        if x.Rank < 2 || groups < 1 || x.Shape[1] % groups <> 0 then
            NodeContext.fail $"channels of shape {Shape.describe x.Shape} cannot be divided into {groups} groups"

        let inGroup = x.Shape[1] / groups
        let grouped = x |> Node.reshape (Array.concat [ [| x.Shape[0]; groups; inGroup |]; x.Shape[2..] ])
        let _, deviation, variance = Tensor grouped |> moments [| 2 .. grouped.Rank - 1 |]
        let normalized = (deviation / sqrt (variance + epsilon context)).Node

        let operand i =
            if perGroup then
                let node = (NodeContext.input i context).Node

                if node.Size <> groups then
                    NodeContext.fail
                        $"operand {i} has shape {Shape.describe node.Shape}; one number for each of {groups} groups is needed"

                node
                |> Node.reshape [| groups; 1 |]
                |> Node.broadcast [| groups; inGroup |]
                |> Node.reshape [| x.Shape[1] |]
                |> perChannel x.Rank
                |> Tensor
            else
                channelOperand i x context

        (Tensor(normalized |> Node.reshape x.Shape) * operand 1 + operand 2).Node

    [
        Operator.unary 18 "GroupNormalization" (build true)
        Operator.unary 21 "GroupNormalization" (build false)
    ]

/// The axes from the attribute's on.
let private trailingAxes (x: Node) context = [|
    NodeContext.axis x.Rank (NodeContext.int "axis" -1 context) .. x.Rank - 1
|]

/// Mean and reciprocal deviation may be asked for as further results.
let private layerNormalization =
    Operator.since 17 "LayerNormalization" (fun context ->
        let x = (NodeContext.input 0 context).Node
        let center, deviation, variance = Tensor x |> moments (trailingAxes x context)
        let inverse = Tensor.reciprocal (sqrt (variance + epsilon context))
        let normalized = deviation * inverse * Tensor (NodeContext.input 1 context).Node

        let shifted =
            match NodeContext.tryInput 2 context with
            | Some bias -> normalized + Tensor bias.Node
            | None -> normalized

        [ shifted; center; inverse ] |> List.map (fun result -> Value.real result.Node))

let private rmsNormalization =
    Operator.unary 23 "RMSNormalization" (fun context x ->
        let meanSquare = Tensor x * Tensor x |> meanOver (trailingAxes x context)
        (Tensor x / sqrt (meanSquare + epsilon context) * Tensor (NodeContext.input 1 context).Node).Node)

/// (x - mean) / (deviation + 1e-9) over the axes, batch and space if none are given.
let private meanVarianceNormalization =
    Operator.unary 9 "MeanVarianceNormalization" (fun context x ->
        let given = NodeContext.tryInts "axes" context |> Option.defaultValue [| 0L; 2L; 3L |]
        let _, deviation, variance = Tensor x |> moments (NodeContext.axes x.Rank given)
        (deviation / (Tensor(ReductionOperators.squareRoot variance.Node) + 1e-9)).Node)

/// x divided by its norm along an axis; where that is 0 so is the result.
let private lpNormalization =
    Operator.unary 1 "LpNormalization" (fun context x ->
        let axis = NodeContext.axis x.Rank (NodeContext.int "axis" -1 context)
        let length = ReductionOperators.norm (float (NodeContext.int "p" 2 context)) [| axis |] x
        let isZero = Node.elementwise Equal [ length; Node.scalar 0.0 ]

        let divisor =
            Node.elementwise Select [ isZero; Node.scalar 1.0; length ]
            |> Node.reshape (Shape.keepAxes [| axis |] x.Shape)

        Node.elementwise Divide [ x; divisor ])

/// x / (bias + α/size · Σ x²)^β, the sum over the channels around each.
let private lrn =
    Operator.unary 1 "LRN" (fun context x ->
        let size =
            match NodeContext.tryInt "size" context with
            | Some size when size >= 1 -> size
            | Some size -> NodeContext.fail $"attribute 'size' is {size}; it must be positive"
            | None -> NodeContext.fail "attribute 'size' is missing; export the model again"

        if x.Rank < 2 then
            NodeContext.fail $"its operand has shape {Shape.describe x.Shape}; it has no axis of channels"

        // Distances from a channel to those that count for it.
        let channels = x.Shape[1]
        let first = max (-((size - 1) / 2)) (1 - channels)
        let last = min (size - 1 - (size - 1) / 2) (channels - 1)
        let count = max 1 (last - first + 1)

        context |> NodeContext.counted (float count * float channels) |> ignore<int>

        let neighbours = [|
            for channel in 0 .. channels - 1 do
                for neighbour in channel + first .. channel + first + count - 1 do
                    if neighbour >= 0 && neighbour < channels then neighbour else -1
        |]

        let sums =
            Node.multiply x x
            |> Node.gather 1 neighbours
            |> Node.reshape (Array.concat [ [| x.Shape[0]; channels; count |]; x.Shape[2..] ])
            |> Product.sum [| 2 |]
            |> Tensor

        let alpha = NodeContext.float "alpha" (float 1e-4f) context / float size
        let beta = NodeContext.float "beta" 0.75 context
        let bias = NodeContext.float "bias" 1.0 context
        (Tensor x / (bias + alpha * sums) ** Tensor.scalar beta).Node)

/// Out of training it passes its operand on; the mask, where asked for, is all true.
let private dropout =
    Operator.since 1 "Dropout" (fun context ->
        match NodeContext.tryNumber 2 "training mode" context with
        | Some mode when mode <> 0.0 -> NodeContext.fail inTraining
        | _ when context.Opset < 7 && not (NodeContext.flag "is_test" false context) -> NodeContext.fail inTraining
        | _ ->
            let x = NodeContext.input 0 context

            [ x; { Node = Node.fill x.Node.Shape 1.0; Type = Boolean } ])

let table: Operator list =
    [
        batchNormalization
        instanceNormalization
        layerNormalization
        rmsNormalization
        meanVarianceNormalization
        lpNormalization
        lrn
        dropout
    ]
    @ groupNormalization
