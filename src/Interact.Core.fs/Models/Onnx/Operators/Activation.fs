/// Activation functions. Piecewise ones are written with ReLU where they can be, so that smoothing reaches them.
module internal Interact.Core.Onnx.ActivationOperators

open Interact.Core

/// An activation as a function on tensors, with access to its attributes.
let private activation since name (f: NodeContext -> Tensor -> Tensor) =
    Operator.unary since name (fun context x -> (f context (Tensor x)).Node)

let private relu = Tensor.relu
let private scalar (value: float) = Tensor.scalar value

/// x where x > 0, slope · x elsewhere: slope · x + (1 - slope) · ReLU(x).
let leaky (slope: Tensor) (x: Tensor) = slope * x + (1.0 - slope) * relu x

/// α(exp(x) - 1) below zero, where x is cut off before the exponential can overflow.
let exponentialBelow (alpha: float) (x: Tensor) = alpha * (exp (Tensor.min x (scalar 0.0)) - 1.0)

/// x above zero, the other below; both derivatives at zero are those of the lower side.
let above (x: Tensor) (below: Tensor) = Tensor.where (Tensor.less (scalar 0.0) x) x below

let private celu context (x: Tensor) =
    let alpha = NodeContext.float "alpha" 1.0 context
    above x (exponentialBelow alpha (x / alpha))

/// With the defaults of its version.
let private selu (alpha: float32) (gamma: float32) context (x: Tensor) =
    let alpha = NodeContext.float "alpha" (float alpha) context
    let gamma = NodeContext.float "gamma" (float gamma) context
    gamma * above x (exponentialBelow alpha x)

/// α·x + β, cut off below 0 and above 1.
let hardSigmoid alpha beta (x: Tensor) = Tensor.max (Tensor.min (alpha * x + beta) (scalar 1.0)) (scalar 0.0)

let private gelu context (x: Tensor) =
    match NodeContext.string "approximate" "none" context with
    | "none" -> Tensor.gelu x
    | "tanh" -> 0.5 * x * (1.0 + tanh (sqrt (2.0 / System.Math.PI) * (x + 0.044715 * x * x * x)))
    | other -> NodeContext.fail $"attribute 'approximate' is '{other}'; 'none' and 'tanh' are known"

let private prelu =
    Operator.one 1 "PRelu" (fun context ->
        let x, slope = NodeContext.input 0 context, NodeContext.input 1 context

        // Before version 7 a vector had one slope for each channel.
        let slope =
            if context.Opset < 7 && slope.Node.Size > 1 && x.Node.Rank > 2 then
                slope.Node |> Node.reshape (Array.append [| slope.Node.Size |] (Array.create (x.Node.Rank - 2) 1))
            else
                slope.Node

        Value.real (leaky (Tensor slope) (Tensor x.Node)).Node)

/// Softmax and its kin over one axis (from version 13), or over all axes from one on (before).
let private overAxis name (f: int -> Tensor -> Tensor) = [
    Operator.unary 1 name (fun context x ->
        let axis = NodeContext.axis (max x.Rank 1) (NodeContext.int "axis" 1 context)
        let rows = Shape.size x.Shape[.. axis - 1]
        let flat = x |> Node.reshape [| rows; x.Size / max rows 1 |]
        (f 1 (Tensor flat)).Node |> Node.reshape x.Shape)
    Operator.unary 13 name (fun context x ->
        (f (NodeContext.axis x.Rank (NodeContext.int "axis" -1 context)) (Tensor x)).Node)
]

let table: Operator list =
    [
        activation 1 "Relu" (fun _ x -> relu x)
        activation 1 "LeakyRelu" (fun context -> leaky (scalar (NodeContext.float "alpha" (float 0.01f) context)))
        prelu
        activation 1 "ThresholdedRelu" (fun context x ->
            let alpha = scalar (NodeContext.float "alpha" 1.0 context)
            Tensor.where (Tensor.less alpha x) x (scalar 0.0))
        activation 1 "Elu" (fun context x -> above x (exponentialBelow (NodeContext.float "alpha" 1.0 context) x))
        activation 1 "Selu" (selu 1.6732f 1.0507f)
        activation 6 "Selu" (selu 1.67326319217681884765625f 1.05070102214813232421875f)
        activation 12 "Celu" celu
        activation 1 "Sigmoid" (fun _ x -> Tensor.sigmoid x)
        activation 1 "HardSigmoid" (fun context ->
            hardSigmoid (NodeContext.float "alpha" (float 0.2f) context) (NodeContext.float "beta" 0.5 context))
        activation 14 "HardSwish" (fun _ x -> x * hardSigmoid (1.0 / 6.0) 0.5 x)
        activation 1 "Tanh" (fun _ x -> tanh x)
        activation 1 "Softplus" (fun _ x -> Tensor.softplus 1.0 x)
        activation 1 "Softsign" (fun _ x -> x / (1.0 + abs x))
        activation 20 "Gelu" gelu
        activation 18 "Mish" (fun _ x -> x * tanh (Tensor.softplus 1.0 x))
        activation 24 "Swish" (fun context x -> x * Tensor.sigmoid (NodeContext.float "alpha" 1.0 context * x))
        activation 9 "Shrink" (fun context x ->
            let lambda = NodeContext.float "lambd" 0.5 context
            let bias = NodeContext.float "bias" 0.0 context
            let high = Tensor.where (Tensor.less (scalar lambda) x) (x - bias) (scalar 0.0)
            Tensor.where (Tensor.less x (scalar -lambda)) (x + bias) high)
    ]
    @ overAxis "Softmax" Tensor.softmax
    @ overAxis "LogSoftmax" Tensor.logSoftmax
