namespace Interact.Core.Learning

open Interact.Core
open Interact.Core.Onnx

/// Layers that bring values to mean 0 and variance 1.
[<RequireQualifiedAccess>]
module internal Normalization =

    let standardize (means: float[]) (deviations: float[]) : Layer =
        Checks.finite (nameof means) means

        deviations |> Array.iteri (fun i deviation -> Checks.positive $"{nameof deviations}[{i}]" deviation)

        Layer(fun draft x ->
            let shape = draft.ShapeOf x
            let name = draft.NewName "standardize"

            for part, values in [ "means", means; "deviations", deviations ] do
                Checks.require (values.Length = Shape.size shape) part (fun () ->
                    $"{name} has {values.Length} {part} for values of shape {Shape.describe shape}; give one for each element.")

            let means = draft.Fixed($"{name}.mean", shape, means)
            let deviations = draft.Fixed($"{name}.deviation", shape, deviations)
            let centred = draft.Apply("Sub", $"{name}.centred", [ x; means ], [])
            draft.Apply("Div", name, [ centred; deviations ], []))

    let layerNormalization: Layer =
        Layer(fun draft x ->
            let name = draft.NewName "layer_normalization"
            let shape = draft.ShapeOf x

            Checks.require (shape.Length >= 1) "layers" (fun () ->
                $"{name} needs an axis to act on; what comes before it gives one number without axes. Leave it out.")

            let size = Array.last shape
            let scale = draft.Parameter($"{name}.scale", [| size |], 1, 1, Initializer.Ones)
            let bias = draft.Parameter($"{name}.bias", [| size |], 1, 1, Initializer.Zeros)

            let attributes = [ "axis", AttributeValue.Int -1L; "epsilon", AttributeValue.Float 1e-5f ]
            draft.Apply("LayerNormalization", name, [ x; scale; bias ], attributes))

    let batchNormalization: Layer =
        let epsilon, momentum = float 1e-5f, 0.1

        Layer(fun draft x ->
            let name = draft.NewName "batch_normalization"
            let shape = draft.ShapeOf x

            Checks.require (shape.Length >= 1) "layers" (fun () ->
                $"{name} needs an axis of channels; what comes before it gives one number without axes. Reshape it to 1 before.")

            let channels = shape[0]
            let vector part initializer = draft.Parameter($"{name}.{part}", [| channels |], 1, 1, initializer)
            let scale, bias = vector "scale" Initializer.Ones, vector "bias" Initializer.Zeros
            let mean = draft.Fixed($"{name}.mean", [| channels |], Array.zeroCreate channels)
            let variance = draft.Fixed($"{name}.variance", [| channels |], Array.create channels 1.0)

            let result =
                draft.Apply(
                    "BatchNormalization",
                    name,
                    [ x; scale; bias; mean; variance ],
                    [ "epsilon", AttributeValue.Float 1e-5f ]
                )

            let inTraining (context: TrainingContext) (operands: Node[]) =
                let x = operands[0]
                let axes = [| 0 .. x.Rank - 1 |] |> Array.filter ((<>) 1)
                let count = float (x.Size / channels)

                let average (node: Node) = Node.multiply (Node.scalar (1.0 / count)) (Product.sum axes node)
                let perChannel (node: Node) = Tensor(node |> Node.reshape (Shape.keepAxes axes x.Shape))
                let ofBatch = average x
                let deviation = Tensor x - perChannel ofBatch
                let spread = average (deviation * deviation).Node
                let normalized = deviation / sqrt (perChannel spread + epsilon)

                let renew parameter (node: Node) factor =
                    let old = Tensor context.Parameters[parameter]
                    let moved = (1.0 - momentum) * old + momentum * factor * Tensor.stopGradient (Tensor node)
                    context.Renew(parameter, moved.Node)

                renew mean ofBatch 1.0
                // The average keeps the unbiased estimate, as is the custom.
                renew variance spread (count / max 1.0 (count - 1.0))
                (normalized * perChannel operands[1] + perChannel operands[2]).Node

            draft.InTraining(name, { Settings = []; Apply = inTraining })
            result)
