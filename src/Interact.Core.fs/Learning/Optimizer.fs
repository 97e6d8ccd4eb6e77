namespace Interact.Core.Learning

open Interact.Core

/// How a step of training changes a parameter by its gradient.
[<NoEquality; NoComparison>]
type Optimizer = {
    Name: string
    /// The numbers that it depends on beside the learning rate: a checkpoint of others is that of another training.
    Settings: float list
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
            Settings = [ momentum ]
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
            Settings = [ beta1; beta2; epsilon; weightDecay ]
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
    /// Half a wave of the cosine, from the full rate down to 0 behind the last step, after so many epochs in which it rises in equal
    /// steps from next to 0 to the full rate. Source: Loshchilov, Hutter 2017.
    | Cosine of warmup: int

/// Learning rates.
[<RequireQualifiedAccess>]
module Schedule =

    /// Error: ArgumentException for numbers out of range; epochs: those of the training.
    let internal check (epochs: int) (schedule: Schedule) : unit =
        match schedule with
        | Schedule.Constant -> ()
        | Schedule.Steps(every, factor) ->
            Checks.within "every" 1 System.Int32.MaxValue every
            Checks.positive "factor" factor
        | Schedule.Exponential factor -> Checks.positive "factor" factor
        | Schedule.Cosine warmup -> Checks.within "warmup" 0 epochs warmup

    /// What the learning rate of a step is multiplied by.
    ///
    /// epochs: of the training. stepsPerEpoch: how many steps each takes. step: counted from 1.
    let factor (epochs: int) (stepsPerEpoch: int) (step: int) (schedule: Schedule) : float =
        let epochsDone = (step - 1) / stepsPerEpoch

        match schedule with
        | Schedule.Constant -> 1.0
        | Schedule.Steps(every, factor) -> factor ** float (epochsDone / every)
        | Schedule.Exponential factor -> factor ** float epochsDone
        | Schedule.Cosine warmup ->
            let rising = warmup * stepsPerEpoch

            if step <= rising then
                float step / float rising
            else
                let falling = float (epochs * stepsPerEpoch - rising)
                0.5 * (1.0 + cos (System.Math.PI * float (step - 1 - rising) / falling))
