namespace Interact.Core.Learning

open Interact.Core
open Interact.Core.Transform

/// What attributions a prior is a function of.
type AttributionPriorOptions = {
    Target: PriorTarget
    /// Baselines, each with one point on its path, that are drawn for an example at a step.
    Samples: int
    /// Sets of flattened features whose attributions are summed: the prior sees one number for each; None: one for each feature.
    Groups: int[][] option
    /// What each attribution, of a feature or of a group, is multiplied by; None: by 1.
    Factors: float[] option
}

/// Penalties on the attributions of a network while it learns: Expected Gradients inside the training step,
/// φ_i = (x_i - x'_i)·∂f/∂x_i(x' + t(x - x')) with baselines x' drawn from the background and t uniform. f is the network in use: kept
/// statistics of batch normalisation, as constants, and no dropout. Statistics of a batch of points on paths would make each point's
/// output depend on the others, and would be those of mixtures of examples.
///
/// Source: Erion, Janizek, Sturmfels, Lundberg, Lee, "Improving performance of deep learning models with axiomatic attribution priors and
/// expected gradients", Nature Machine Intelligence 2021.
[<RequireQualifiedAccess>]
module AttributionPrior =

    /// The first output, one sample, each feature by itself.
    let defaults: AttributionPriorOptions = {
        Target = PriorTarget.Output 0
        Samples = 1
        Groups = None
        Factors = None
    }

    /// The matrix that sums features into groups: [features; groups].
    let private grouping features (groups: int[][]) =
        let matrix = Array.zeroCreate (features * groups.Length)

        groups
        |> Array.iteri (fun group members ->
            for feature in members do
                Checks.within $"Groups[{group}]" 0 (features - 1) feature
                matrix[feature * groups.Length + group] <- 1.0)

        Node.constant [| features; groups.Length |] matrix

    /// The attributions of a batch in terms of the network's parameters: [n; features or groups].
    let private attributions name (options: AttributionPriorOptions) (context: PenaltyContext) : Tensor =
        let paths = DrawnPaths.draw name options.Target options.Samples None _.FillUniforms context
        let gradient = Vjp.grad paths.Points paths.Sum |> DrawnPaths.atPlaces paths
        let each = Node.multiply paths.Displacements gradient |> DrawnPaths.averaged paths
        let features = each.Size / context.Examples
        let flat = each |> Node.reshape [| context.Examples; features |]

        let grouped =
            match options.Groups with
            | Some groups -> Product.matmul flat (grouping features groups)
            | None -> flat

        match options.Factors with
        | Some factors ->
            Checks.length "Factors" grouped.Shape[1] factors
            Checks.finite "Factors" factors
            Tensor grouped * Tensor.ofArray factors
        | None -> Tensor grouped

    let private settingsOf (options: AttributionPriorOptions) =
        let list (values: 'T[]) = values |> Array.map string |> String.concat ","
        let groups = options.Groups |> Option.map (Array.map list >> String.concat ";")
        $"{options.Target} {options.Samples} {groups} {Option.map list options.Factors}"

    /// A penalty of one's own: a scalar function of the batch's attributions, [n; features or groups].
    ///
    /// weight: λ, what it is multiplied by before it is added to the loss.
    let custom (name: string) (weight: float) (options: AttributionPriorOptions) (omega: Tensor -> Tensor) : Penalty = {
        Penalty.custom name weight (fun context -> omega (attributions name options context)) with
            Settings = settingsOf options
    }

    /// The mean over the batch of |φ|: [features or groups].
    let private meanSize (attributions: Tensor) = Tensor.sumAlong 0 (abs attributions) / float attributions.Shape[0]

    /// Sparsity: minus the Gini coefficient of the mean absolute attributions φ̄ of a batch, -Σ_ij |φ̄_i - φ̄_j| / (2p²·mean φ̄). It lies
    /// between -1, where one feature has everything, and 0, where all have as much.
    let sparsity (weight: float) (options: AttributionPriorOptions) : Penalty =
        custom "sparsity" weight options (fun attributions ->
            let sizes = meanSize attributions
            let count = sizes.Shape[0]
            let differences = abs (Tensor.reshape [| count; 1 |] sizes - Tensor.reshape [| 1; count |] sizes)
            // Where all attributions vanish so does the numerator.
            -(Tensor.sum differences) / (2.0 * float count * Tensor.sum sizes + 1e-30))

    /// Smoothness along a graph of features or groups: Σ w·(φ̄_i - φ̄_j)² over its edges (i, j, w), which is φ̄ᵀLφ̄ with the graph's
    /// Laplacian L and the mean absolute attributions φ̄ of a batch.
    let graph (weight: float) (edges: (int * int * float) list) (options: AttributionPriorOptions) : Penalty =
        Checks.require (not edges.IsEmpty) (nameof edges) (fun () -> "the graph has no edges.")

        for _, _, strength in edges do
            Checks.require (strength >= 0.0 && System.Double.IsFinite strength) (nameof edges) (fun () ->
                $"an edge has the weight {strength}; weights are not negative.")

        let edgesInWords =
            edges |> List.map (fun (i, j, strength) -> $"{i}-{j} {strength}") |> String.concat ","

        let build (attributions: Tensor) =
            let sizes = (meanSize attributions).Node

            let ends (choose: int * int * float -> int) =
                let indices = edges |> List.map choose |> Array.ofList

                for index in indices do
                    Checks.within (nameof edges) 0 (sizes.Size - 1) index

                Tensor(sizes |> Node.gather 0 indices)

            let difference = ends (fun (i, _, _) -> i) - ends (fun (_, j, _) -> j)
            let strengths = edges |> List.map (fun (_, _, strength) -> strength) |> Array.ofList |> Tensor.ofArray
            Tensor.sum (strengths * difference * difference)

        let penalty = custom "graph" weight options build
        { penalty with Settings = $"{penalty.Settings} {edgesInWords}" }

    /// Smoothness of images: the anisotropic total variation Σ |φ_{r+1,c} - φ_{r,c}| + |φ_{r,c+1} - φ_{r,c}| of each image's
    /// attributions, which are brought to mean 0 and deviation 1 before, the mean over the batch.
    ///
    /// shape: of an image as channels x height x width, or height x width; its features in row-major order.
    let smoothness (weight: float) (shape: int[]) (options: AttributionPriorOptions) : Penalty =
        Checks.require (shape.Length = 2 || shape.Length = 3) (nameof shape) (fun () ->
            $"an image has shape height x width or channels x height x width, not {Shape.describe shape}.")

        let ofImages (attributions: Tensor) =
            let examples, features = attributions.Shape[0], attributions.Shape[1]

            Checks.require (Shape.size shape = features) (nameof shape) (fun () ->
                $"an image of shape {Shape.describe shape} has {Shape.size shape} elements; there are {features} attributions.")

            let column (values: Tensor) = Tensor.reshape [| examples; 1 |] values
            let deviation = attributions - column (Tensor.sumAlong 1 attributions / float features)
            let variance = column (Tensor.sumAlong 1 (deviation * deviation) / float features)
            let standardized = deviation / sqrt (variance + 1e-12)
            let image = standardized.Node |> Node.reshape (Array.append [| examples |] shape)

            let along axis =
                let last = image.Shape[axis] - 1

                if last = 0 then
                    Tensor.scalar 0.0
                else
                    let next = image |> Node.gather axis [| 1..last |]
                    let previous = image |> Node.gather axis [| 0 .. last - 1 |]
                    Tensor.sum (abs (Tensor next - Tensor previous))

            (along (image.Rank - 2) + along (image.Rank - 1)) / float examples

        let penalty = custom "smoothness" weight options ofImages
        { penalty with Settings = $"{penalty.Settings} {Shape.describe shape}" }
