namespace Interact.Core.Learning

open Interact.Core
open Interact.Core.Transform

/// Which number of a network's output a prior explains.
[<RequireQualifiedAccess>]
type PriorTarget =
    /// An element of the flattened output.
    | Output of index: int
    /// The output of the example's class, whose number is the first number of its target.
    | TrueClass

/// Points on straight paths from drawn baselines to the examples of a batch, and what a network gives there.
[<NoEquality; NoComparison>]
type internal DrawnPaths = {
    /// Stands for the points, [samples·n; shape of an example], those of the first sample first: what derivatives are taken by.
    Points: Node
    /// Where the points are.
    Places: Node
    /// From the baselines to the examples, of the same shape.
    Displacements: Node
    /// The sum of the explained outputs of all points, of which no point's depends on another.
    Sum: Node
    Samples: int
}

/// Sampling paths inside a training step.
[<RequireQualifiedAccess>]
module internal DrawnPaths =

    /// One drawn baseline and one drawn point a sample and example.
    ///
    /// position: fills the places of points on their paths, between 0 and 1. smooth: β, where every ReLU is to be taken as a SoftPlus.
    let draw
        (name: string)
        (target: PriorTarget)
        (samples: int)
        (smooth: float option)
        (position: RandomStream -> float[] -> unit)
        (context: PenaltyContext)
        : DrawnPaths =
        Checks.within "Samples" 1 100_000 samples
        let examples = context.Examples
        let rows = samples * examples
        let inputs = context.Inputs.Node

        let repeated (node: Node) =
            let inner = node.Shape[1..]

            node
            |> Node.broadcast (Array.append [| samples; examples |] inner)
            |> Node.reshape (Array.append [| rows |] inner)

        let baselines = context.BackgroundRows($"{name} baselines", rows)
        let displacements = Tensor(repeated inputs) - baselines
        let perRow = Array.append [| rows |] (Array.create (inputs.Rank - 1) 1)
        let positions = context.Drawn($"{name} positions", perRow, position)
        let points = Node.input "points" (Array.append [| rows |] inputs.Shape[1..])
        let outputs = context.Evaluate(Tensor points).Node

        let outputs =
            match smooth with
            | Some beta -> Smoothing.softplus beta [ outputs ] |> List.head
            | None -> outputs

        let size = outputs.Size / rows
        let flat = outputs |> Node.reshape [| rows; size |]

        let sum =
            match target with
            | PriorTarget.Output index ->
                Checks.within "Target" 0 (size - 1) index
                flat |> Node.gather 1 [| index |] |> Product.sum [| 0; 1 |]
            | PriorTarget.TrueClass ->
                let numbers = Node.constant [| 1; size |] (Array.init size float)
                let classes = context.Targets.Node |> Node.gather 1 [| 0 |] |> repeated
                Product.dot (Node.elementwise Equal [ classes; numbers ] |> Node.broadcast flat.Shape) flat

        {
            Points = points
            Places = (baselines + positions * displacements).Node
            Displacements = displacements.Node
            Sum = sum
            Samples = samples
        }

    /// A value in terms of the points, at the places where they are.
    let atPlaces (paths: DrawnPaths) (node: Node) : Node =
        Graph.substitute [ paths.Points, paths.Places ] [ node ] |> List.head

    /// The mean over the samples of a value for each point: [n; …] from [samples·n; …].
    let averaged (paths: DrawnPaths) (node: Node) : Node =
        if paths.Samples = 1 then
            node
        else
            let inner = node.Shape[1..]
            let sum = node |> Node.reshape (Array.append [| paths.Samples; node.Shape[0] / paths.Samples |] inner)
            Node.multiply (Node.scalar (1.0 / float paths.Samples)) (Product.sum [| 0 |] sum)
