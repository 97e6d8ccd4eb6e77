/// Normalisations, and what training leaves behind.
module internal Interact.Core.Onnx.NormalizationOperators

open Interact.Core

/// A vector with one element a channel, shaped to act on axis 1 of a tensor of the given rank.
let private perChannel rank (node: Node) =
    if rank < 2 then
        node
    else
        node |> Node.reshape (Array.append [| node.Size |] (Array.create (rank - 2) 1))

let private batchNormalization =
    Operator.one 1 "BatchNormalization" (fun context ->
        if NodeContext.flag "training_mode" false context then
            NodeContext.fail "it is in training mode; export the model for inference"

        let x = (NodeContext.input 0 context).Node
        let channel i = Tensor(perChannel x.Rank (NodeContext.input i context).Node)
        let epsilon = NodeContext.float "epsilon" (float 1e-5f) context
        let scale = channel 1 / sqrt (channel 4 + epsilon)
        Value.real ((Tensor x - channel 3) * scale + channel 2).Node)

/// Mean and reciprocal deviation may be asked for as further results.
let private layerNormalization =
    Operator.since 17 "LayerNormalization" (fun context ->
        let x = (NodeContext.input 0 context).Node
        let first = NodeContext.axis x.Rank (NodeContext.int "axis" -1 context)
        let axes = [| first .. x.Rank - 1 |]
        let kept = Shape.keepAxes axes x.Shape
        let count = float (Shape.size x.Shape[first..])
        let mean (t: Tensor) = Tensor(t.Node |> Product.sum axes |> Node.reshape kept) / count
        let center = mean (Tensor x)
        let deviation = Tensor x - center
        let epsilon = NodeContext.float "epsilon" (float 1e-5f) context
        let inverse = Tensor.reciprocal (sqrt (mean (deviation * deviation) + epsilon))
        let normalized = deviation * inverse * Tensor (NodeContext.input 1 context).Node

        let shifted =
            match NodeContext.tryInput 2 context with
            | Some bias -> normalized + Tensor bias.Node
            | None -> normalized

        [ shifted; center; inverse ] |> List.map (fun result -> Value.real result.Node))

/// Out of training it passes its operand on; the mask, where asked for, is all true.
let private dropout =
    Operator.since 1 "Dropout" (fun context ->
        match NodeContext.tryNumber 2 "training mode" context with
        | Some mode when mode <> 0.0 -> NodeContext.fail "it is in training mode; export the model for inference"
        | _ ->
            let x = NodeContext.input 0 context

            [ x; { Node = Node.fill x.Node.Shape 1.0; Type = Boolean } ])

let table: Operator list = [ batchNormalization; layerNormalization; dropout ]
