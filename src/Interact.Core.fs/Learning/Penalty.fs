namespace Interact.Core.Learning

open System.Collections.Generic
open Interact.Core
open Interact.Core.Transform

/// What a penalty is made from: the batch, the network, and numbers drawn anew at every step.
[<Sealed>]
type PenaltyContext
    internal
    (
        network: Network,
        parameters: IReadOnlyDictionary<string, Node>,
        inputs: Node,
        targets: Node,
        weights: Node,
        training: TrainingContext
    ) =

    let evaluate (batch: Node) = network.Graph(parameters, batch, None)

    /// Number of examples in the batch.
    member _.Examples = inputs.Shape[0]
    /// The batch's examples: [n; shape of an example].
    member _.Inputs = Tensor inputs
    /// The batch's targets: [n; target size].
    member _.Targets = Tensor targets
    /// The weights of the examples in the mean, [n], with sum 1.
    member _.Weights = Tensor weights

    /// The value of a parameter by its name. Error: ArgumentException where the network has none of that name.
    member _.Parameter(name: string) : Tensor =
        match parameters.TryGetValue name with
        | true, node -> Tensor node
        | false, _ ->
            let known = parameters.Keys |> Seq.map (fun key -> $"'{key}'") |> String.concat ", "
            Checks.invalid (nameof name) $"the network has no parameter '{name}'; it has {known}."

    /// The trained parameters, by name, in the order of the layers.
    member _.Parameters: (string * Tensor) list = [
        for parameter in network.Parameters do
            if parameter.IsTrained then parameter.Name, Tensor parameters[parameter.Name]
    ]

    /// The network in use (without dropout, with kept statistics) for a batch [m; shape of an example]: [m; shape of the output].
    member _.Evaluate(batch: Tensor) : Tensor = Tensor(evaluate batch.Node)

    /// The network whose training this is.
    member _.Network = network

    /// Rows drawn at every step from the training data, or from the background that was given: [count; shape of an example].
    member _.BackgroundRows(name: string, count: int) : Tensor =
        Tensor(training.Draw(name, Array.append [| count |] network.InputShape, StepValue.BackgroundRows))

    /// Numbers uniform on [0, 1), drawn anew at every step.
    member _.Uniform(name: string, shape: int[]) = Tensor(training.Draw(name, shape, StepValue.Drawn _.FillUniforms))
    /// Standard normal numbers, drawn anew at every step.
    member _.Normal(name: string, shape: int[]) = Tensor(training.Draw(name, shape, StepValue.Drawn _.FillNormals))
    /// Numbers by a function of the step's own random numbers.
    member internal _.Drawn(name: string, shape: int[], draw) = Tensor(training.Draw(name, shape, StepValue.Drawn draw))

/// A term that is added to the loss: how much a network goes against what is wanted of it.
[<NoEquality; NoComparison>]
type Penalty = {
    Name: string
    /// λ: what the penalty is multiplied by before it is added to the loss.
    Weight: float
    /// What it depends on beside its name and weight, in words: a checkpoint of other settings is that of another training.
    Settings: string
    /// Ω: a scalar.
    Build: PenaltyContext -> Tensor
}

/// Penalties on parameters; those on attributions and interactions have files of their own.
[<RequireQualifiedAccess>]
module Penalty =

    /// A penalty of one's own.
    let custom (name: string) (weight: float) (build: PenaltyContext -> Tensor) : Penalty =
        Checks.require (weight >= 0.0 && System.Double.IsFinite weight) (nameof weight) (fun () ->
            $"the weight is {weight}; it must not be negative.")

        { Name = name; Weight = weight; Settings = ""; Build = build }

    let private sumOver f (chosen: string -> bool) (context: PenaltyContext) : Tensor =
        context.Parameters
        |> List.filter (fst >> chosen)
        |> List.map (snd >> f >> Tensor.sum)
        |> List.fold (+) (Tensor.scalar 0.0)

    /// The sum of absolute values of the chosen parameters.
    let l1 (weight: float) (chosen: string -> bool) : Penalty = custom "L1" weight (sumOver abs chosen)

    /// The sum of squares of the chosen parameters.
    let l2 (weight: float) (chosen: string -> bool) : Penalty = custom "L2" weight (sumOver (fun x -> x * x) chosen)
