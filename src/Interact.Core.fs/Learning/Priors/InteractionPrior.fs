namespace Interact.Core.Learning

open Interact.Core
open Interact.Core.Transform

/// What interactions a prior is a function of.
type InteractionPriorOptions = {
    Target: PriorTarget
    /// Baselines, each with one point on its path, that are drawn for an example at a step.
    Samples: int
    /// β: every ReLU is taken as the SoftPlus ln(1+exp(βz))/β, whose second derivatives do not vanish; None: as it is.
    Smooth: float option
}

/// Penalties on the interactions of a network while it learns: Expected Hessians inside the training step,
/// Γ_ij = δ_i δ_j·∂²f/∂x_i∂x_j(x' + tδ)/4 with δ = x - x', baselines x' drawn from the background and t with the density -4t·ln t, whose
/// mean over draws is the interaction of i and j (half of what the pair has together, as the matrix is symmetric).
///
/// A penalty on squares of single draws is zero only where the second derivatives vanish along all paths: it asks for more than a mean of
/// zero. Its gradient by the parameters is a third derivative.
///
/// Source of the interactions: Janizek, Sturmfels, Lee, "Explaining explanations", JMLR 2021. The priors are our own.
[<RequireQualifiedAccess>]
module InteractionPrior =

    /// The first output, one sample, no smoothing.
    let defaults: InteractionPriorOptions = { Target = PriorTarget.Output 0; Samples = 1; Smooth = None }

    /// Places with the density -4t·ln t: the product of two numbers with the density 2u each.
    let private positions (stream: RandomStream) (values: float[]) =
        for i in 0 .. values.Length - 1 do
            values[i] <- sqrt (stream.Uniform() * stream.Uniform())

    let private draw name (options: InteractionPriorOptions) context =
        DrawnPaths.draw name options.Target options.Samples options.Smooth positions context

    /// Displacements as [points; features].
    let private flatDisplacements (paths: DrawnPaths) =
        let points = paths.Points.Shape[0]
        Tensor(paths.Displacements |> Node.reshape [| points; paths.Points.Size / points |])

    /// The derivative of the gradient along a direction of each point, as [points; features].
    let private secondDerivative (paths: DrawnPaths) (along: Node) : Node =
        let gradient = Vjp.grad paths.Points paths.Sum
        let points = paths.Points.Shape[0]
        let derivative = Jvp.apply paths.Points (along |> Node.reshape paths.Points.Shape) gradient

        Checks.require (not (Node.isZero derivative)) "Penalties" (fun () ->
            if Switches.mayExist paths.Points paths.Sum then
                "the network's second derivatives are zero everywhere, so it has no interactions to learn by; use smooth activations instead of ReLU, or give Smooth."
            else
                "the network is linear in its inputs, which do not interact; give it a hidden layer with a smooth activation, or leave the penalty out.")

        derivative |> Node.reshape [| points; paths.Points.Size / points |]

    /// Interactions of pairs of features, [n; pairs], in terms of the network's parameters.
    let private ofPairs
        name
        (options: InteractionPriorOptions)
        (pairs: (int * int)[])
        (context: PenaltyContext)
        : Tensor =
        let paths = draw name options context
        let displacements = flatDisplacements paths
        let points, features = displacements.Shape[0], displacements.Shape[1]

        for first, second in pairs do
            Checks.within "pairs" 0 (features - 1) first
            Checks.within "pairs" 0 (features - 1) second

            Checks.require (first <> second) "pairs" (fun () ->
                $"{first} and {second} are one feature; a pair needs two different ones.")

        // One direction for each feature that comes first in a pair; the feature that is in most pairs is to come first.
        let occurrences = pairs |> Array.collect (fun (i, j) -> [| i; j |]) |> Array.countBy id |> dict
        let ordered = pairs |> Array.map (fun (i, j) -> if occurrences[i] >= occurrences[j] then i, j else j, i)
        let firsts = ordered |> Array.map fst |> Array.distinct
        let count = firsts.Length

        let units =
            Node.constant
                [| count; 1; features |]
                (Array.init (count * features) (fun k -> if firsts[k / features] = k % features then 1.0 else 0.0))

        let directions = Node.multiply units displacements.Node |> Node.broadcast [| count; points; features |]
        let direction = Node.input "direction" [| points; features |]

        let derivatives =
            Vmap.apply [ direction, directions ] (secondDerivative paths direction) |> DrawnPaths.atPlaces paths

        // δ_i stands in the direction; δ_j and the factor are left.
        let all = 0.25 * displacements * Tensor derivatives

        let chosen =
            ordered
            |> Array.map (fun (first, second) -> System.Array.IndexOf(firsts, first) * features + second)

        all.Node
        |> Node.transpose [| 1; 0; 2 |]
        |> Node.reshape [| points; count * features |]
        |> Node.gather 1 chosen
        |> DrawnPaths.averaged paths
        |> Tensor

    /// The mean over the batch of the sum of squares.
    let private meanSquares (interactions: Tensor) =
        Tensor.sum (interactions * interactions) / float interactions.Shape[0]

    let private withSettings (options: InteractionPriorOptions) (pairs: (int * int) list) (penalty: Penalty) =
        let pairs = pairs |> List.map (fun (i, j) -> $"{i}-{j}") |> String.concat ","
        { penalty with Settings = $"{options.Target} {options.Samples} {options.Smooth} {pairs}" }

    /// A penalty of one's own: a scalar function of the interactions of pairs of flattened features, [n; pairs].
    ///
    /// weight: λ, what it is multiplied by before it is added to the loss.
    let custom
        (name: string)
        (weight: float)
        (pairs: (int * int) list)
        (options: InteractionPriorOptions)
        (omega: Tensor -> Tensor)
        : Penalty =
        Checks.require (not pairs.IsEmpty) (nameof pairs) (fun () -> "there is no pair to penalize.")

        Penalty.custom name weight (fun context -> omega (ofPairs name options (Array.ofList pairs) context))
        |> withSettings options pairs

    /// Pairs of flattened features that must not interact: the sum of Γ_ij² over the pairs, the mean over the batch.
    let pairs (weight: float) (pairs: (int * int) list) (options: InteractionPriorOptions) : Penalty =
        custom "forbidden pairs" weight pairs options meanSquares

    /// Sets of flattened features that must not interact with each other, such as the columns of two categories: the sum of Γ_ij² over
    /// i of the one and j of the other, the mean over the batch.
    let between (weight: float) (first: int list) (second: int list) (options: InteractionPriorOptions) : Penalty =
        let all = List.allPairs first second
        custom "forbidden interactions" weight all options meanSquares

    /// All interactions of different features: Σ_{i<j} Γ_ij², the mean over the batch. The whole matrix is made, one second derivative a
    /// feature; for many features `estimated` costs less.
    let all (weight: float) (options: InteractionPriorOptions) : Penalty =
        Penalty.custom "all interactions" weight (fun context ->
            let features = Shape.size context.Network.InputShape

            Checks.require (features > 1) "Penalties" (fun () -> "one feature alone does not interact.")

            let pairs = [|
                for i in 0 .. features - 1 do
                    for j in i + 1 .. features - 1 do
                        i, j
            |]

            meanSquares (ofPairs "all interactions" options pairs context))
        |> withSettings options []

    /// Signs of the features on one side of a division into two, by the flip of a coin for each; 0 on the other side. Beside them, 1 on
    /// the other side.
    let private divided features (stream: RandomStream) (values: float[]) =
        for row in 0 .. values.Length / (2 * features) - 1 do
            for feature in 0 .. features - 1 do
                let place = row * 2 * features + feature
                let draw = stream.Uniform()
                let isOnSide = draw < 0.5

                values[place] <-
                    if not isOnSide then 0.0
                    elif draw < 0.25 then 1.0
                    else -1.0

                values[place + features] <- if isOnSide then 0.0 else 1.0

    /// The same as `all`, by an unbiased estimate from one second derivative a sample, whatever the number of features: for a random
    /// division of the features into S and the rest, and random signs v on the rest, 2·Σ_{i in S} (Σ_{j not in S} v_j Γ_ij)² has the mean
    /// Σ_{i<j} Γ_ij², because each pair is divided with probability one half and products of different signs vanish in the mean.
    let estimated (weight: float) (options: InteractionPriorOptions) : Penalty =
        let name = "estimated interactions"

        Penalty.custom name weight (fun context ->
            let paths = draw name options context
            let displacements = flatDisplacements paths
            let points, features = displacements.Shape[0], displacements.Shape[1]
            let sides = context.Drawn($"{name} sides", [| points; 2; features |], divided features)
            let side i = Tensor(sides.Node |> Node.gather 1 [| i |] |> Node.reshape [| points; features |])
            let direction = (side 0 * displacements).Node
            let derivative = secondDerivative paths direction |> DrawnPaths.atPlaces paths
            let sums = 0.25 * side 1 * displacements * Tensor derivative
            2.0 * Tensor.sum (sums * sums) / float points)
        |> withSettings options []
