namespace Interact.Core.Learning

open System
open System.Collections.Generic
open Interact.Core

/// What fills an input of the training step.
[<RequireQualifiedAccess>]
type internal StepValue =
    /// Rows drawn from the training data, or from the background that takes their place.
    | BackgroundRows
    /// Numbers by a function of the step's own random numbers.
    | Drawn of (RandomStream -> float[] -> unit)

/// What a training step's graph gathers while it is made: inputs filled anew at every step, further terms of the loss, and new values
/// of what layers keep.
[<Sealed>]
type internal TrainingContext(parameters: IReadOnlyDictionary<string, Node>, examples: int, total: int) =

    let inputs = List<struct (Node * StepValue)>()
    let losses = List<struct (string * Node)>()
    let renewed = Dictionary<string, Node>()

    /// Number of examples in a batch.
    member _.Examples = examples
    /// Number of all examples that are learned from.
    member _.TotalExamples = total
    member _.Parameters = parameters
    member _.Inputs: IReadOnlyList<struct (Node * StepValue)> = inputs
    member _.Losses: IReadOnlyList<struct (string * Node)> = losses
    member _.Renewed: IReadOnlyDictionary<string, Node> = renewed

    /// An input that is filled anew at every step.
    member _.Draw(name: string, shape: Shape, value: StepValue) : Node =
        let node = Node.input name shape
        inputs.Add(struct (node, value))
        node

    /// Adds a scalar to the loss.
    member _.AddLoss(name: string, node: Node) = losses.Add(struct (name, node))

    /// What a parameter that is not trained becomes after the step.
    member _.Renew(parameter: string, node: Node) = renewed[parameter] <- node

/// What takes the place of a node in training.
[<NoEquality; NoComparison>]
type internal TrainingRule = {
    /// The numbers that it depends on beside parameters: a checkpoint of others is that of another training.
    Settings: float list
    /// The node's value from those of its operands.
    Apply: TrainingContext -> Node[] -> Node
}
