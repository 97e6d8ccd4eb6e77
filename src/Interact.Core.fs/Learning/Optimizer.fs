namespace Interact.Core.Learning

open Interact.Core

/// How a step of training changes a parameter by its gradient.
[<NoEquality; NoComparison>]
type Optimizer = {
    Name: string
    /// How many arrays are kept beside each parameter, zeros at first.
    Moments: int
    /// Numbers that change with the learning rate and the step's number, counted from 1.
    Factors: float -> int -> float list
    /// The new parameter and its new moments, from the factors, the parameter, its gradient and its moments.
    Update: Tensor list -> Tensor -> Tensor -> Tensor list -> Tensor * Tensor list
}

/// The optimizers of networks.
[<RequireQualifiedAccess>]
module Optimizer =

    let private fraction name value =
        Checks.require (value >= 0.0 && value < 1.0) name (fun () -> $"{name} is {value}; it must lie in [0, 1).")

    let private notNegative name value =
        Checks.require (value >= 0.0 && System.Double.IsFinite value) name (fun () ->
            $"{name} is {value}; it must not be negative.")

    /// parameter - rate·v with v = momentum·v + gradient; with a momentum of 0 plain gradient descent.
    let sgd (momentum: float) : Optimizer =
        fraction (nameof momentum) momentum

        {
            Name = if momentum = 0.0 then "SGD" else "SGD with momentum"
            Moments = if momentum = 0.0 then 0 else 1
            Factors = fun rate _ -> [ rate ]
            Update =
                fun factors parameter gradient moments ->
                    match moments with
                    | [] -> parameter - factors[0] * gradient, []
                    | moments ->
                        let velocity = momentum * moments.Head + gradient
                        parameter - factors[0] * velocity, [ velocity ]
        }

    /// Adam with decay of the weights apart from the gradient: first and second moments of the gradient, both corrected for their start
    /// at zero. Sources: Kingma, Ba 2015; Loshchilov, Hutter 2019.
    let adamWith (beta1: float) (beta2: float) (epsilon: float) (weightDecay: float) : Optimizer =
        fraction (nameof beta1) beta1
        fraction (nameof beta2) beta2
        Checks.positive (nameof epsilon) epsilon
        notNegative (nameof weightDecay) weightDecay

        {
            Name = if weightDecay = 0.0 then "Adam" else "AdamW"
            Moments = 2
            Factors =
                fun rate step -> [
                    rate / (1.0 - beta1 ** float step)
                    1.0 / sqrt (1.0 - beta2 ** float step)
                    1.0 - rate * weightDecay
                ]
            Update =
                fun factors parameter gradient moments ->
                    let first = beta1 * moments[0] + (1.0 - beta1) * gradient
                    let second = beta2 * moments[1] + (1.0 - beta2) * gradient * gradient
                    let step = factors[0] * first / (sqrt second * factors[1] + epsilon)
                    let kept = if weightDecay = 0.0 then parameter else factors[2] * parameter
                    kept - step, [ first; second ]
        }

    /// Adam with β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
    let adam: Optimizer = adamWith 0.9 0.999 1e-8 0.0

    /// AdamW with β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
    let adamW (weightDecay: float) : Optimizer = adamWith 0.9 0.999 1e-8 weightDecay

/// How the learning rate changes while training goes on.
[<RequireQualifiedAccess>]
type Schedule =
    | Constant
    /// Multiplied by a factor after every so many epochs.
    | Steps of every: int * factor: float
    /// Multiplied by a factor after every epoch.
    | Exponential of factor: float
    /// Half a wave of the cosine, from the full rate down to 0 after the last epoch, after so many epochs of rising from 0.
    /// Source: Loshchilov, Hutter 2017.
    | Cosine of warmup: int

/// Learning rates.
[<RequireQualifiedAccess>]
module Schedule =

    /// The factor of the learning rate after so many epochs, of which a part may be a fraction.
    let factor (epochs: int) (done': float) (schedule: Schedule) : float =
        match schedule with
        | Schedule.Constant -> 1.0
        | Schedule.Steps(every, factor) -> factor ** floor (floor done' / float every)
        | Schedule.Exponential factor -> factor ** floor done'
        | Schedule.Cosine warmup when done' < float warmup -> done' / float warmup
        | Schedule.Cosine warmup ->
            let rest = max 1.0 (float (epochs - warmup))
            0.5 * (1.0 + cos (System.Math.PI * min 1.0 ((done' - float warmup) / rest)))
