namespace Interact.Core.Learning

open Interact.Core

/// What training makes small: one number for each example, of which the weighted mean is taken.
[<NoEquality; NoComparison>]
type Loss = {
    Name: string
    /// What it depends on beside its name, in words: a checkpoint of other settings is that of another training.
    Settings: string
    /// How many numbers stand for an example's target, for outputs of so many elements.
    TargetSize: int -> int
    /// Why a target cannot be one, None where it can; for outputs of so many elements.
    WhyNotTarget: int -> float[] -> string option
    /// The losses of n examples, [n], from outputs [n; outputs] and targets [n; target size].
    OfExamples: Tensor -> Tensor -> Tensor
}

/// The losses of networks.
[<RequireQualifiedAccess>]
module Loss =

    let private anything _ _ = None

    /// The mean over the last axis: one number an example.
    let private meanOfEach (x: Tensor) = Tensor.sumAlong 1 x / float x.Shape[1]

    /// The mean of a function of outputs and targets over the elements of an output.
    let private elementwise name (f: Tensor -> Tensor -> Tensor) : Loss = {
        Name = name
        Settings = ""
        TargetSize = id
        WhyNotTarget = anything
        OfExamples = fun outputs targets -> meanOfEach (f outputs targets)
    }

    /// (y - target)², the mean over the elements of an output.
    let squaredError: Loss =
        elementwise "squared error" (fun y target ->
            let difference = y - target
            difference * difference)

    /// |y - target|, the mean over the elements of an output.
    let absoluteError: Loss = elementwise "absolute error" (fun y target -> abs (y - target))

    /// Half the squared error up to a threshold, and its tangent beyond: the mean over the elements of an output. Source: Huber 1964.
    let huber (threshold: float) : Loss =
        Checks.positive (nameof threshold) threshold

        {
            elementwise "Huber" (fun y target ->
                let size = abs (y - target)
                let near = Tensor.min size (Tensor.scalar threshold)
                near * (size - 0.5 * near)) with
                Settings = $"{threshold}"
        }

    /// -target·ln σ(y) - (1 - target)·ln(1 - σ(y)) for logits y and targets in 0..1, the mean over the elements of an output.
    let binaryCrossEntropy: Loss = {
        elementwise "binary cross-entropy" (fun y target -> Tensor.softplus 1.0 y - target * y) with
            WhyNotTarget =
                fun _ target ->
                    target
                    |> Array.tryFind (fun value -> not (value >= 0.0 && value <= 1.0))
                    |> Option.map (fun value -> $"{value} is no probability; targets lie in 0..1")
    }

    /// -ln softmax(y)_c for logits y and the number c of the class, from 0.
    let softmaxCrossEntropy: Loss = {
        Name = "softmax cross-entropy"
        Settings = ""
        TargetSize = fun _ -> 1
        WhyNotTarget =
            fun outputs target ->
                if target[0] >= 0.0 && target[0] < float outputs && floor target[0] = target[0] then
                    None
                else
                    Some $"{target[0]} is no class; there are classes 0 to {outputs - 1}"
        OfExamples =
            fun outputs targets ->
                let classes = outputs.Shape[1]
                let numbers = Tensor.create [| 1; classes |] (Array.init classes float)
                let isTarget = Tensor(Node.elementwise Equal [ targets.Node; numbers.Node ])
                Tensor.sumAlong 1 (Tensor.logSumExp 1 outputs) - Tensor.sumAlong 1 (isTarget * outputs)
    }

    /// exp(y) - target·y for the logarithm y of an expected count, the mean over the elements of an output.
    let poisson: Loss = {
        elementwise "Poisson" (fun y target -> exp y - target * y) with
            WhyNotTarget =
                fun _ target ->
                    target
                    |> Array.tryFind (fun value -> not (value >= 0.0))
                    |> Option.map (fun value -> $"{value} is no count; counts are not negative")
    }

    /// A loss of one's own: the losses of n examples, [n], from outputs [n; outputs] and targets [n; targets].
    let custom (name: string) (targets: int) (ofExamples: Tensor -> Tensor -> Tensor) : Loss = {
        Name = name
        Settings = ""
        TargetSize = fun _ -> targets
        WhyNotTarget = anything
        OfExamples = ofExamples
    }
