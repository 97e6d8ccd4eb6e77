namespace Interact.Core

open System
open Interact.Core.Quadrature

/// What an explanation has a number for: single features, or groups of them. Here it is found out which parts a model ignores and
/// which interact with no other, by looking at derivatives rather than at the explanation.
module internal Parts =

    /// The features of every part.
    let members (subject: AxiomSubject) : int[][] =
        match subject.Options.Groups with
        | Some groups -> groups.Members
        | None -> Array.init subject.Model.InputSize Array.singleton

    /// Options for rows with one more feature, which is a part of its own and the last one.
    let withAddedFeature (subject: AxiomSubject) : PathOptions =
        let add (groups: Groups) = {
            Names = Array.append groups.Names [| "(added)" |]
            Members = Array.append groups.Members [| [| subject.Model.InputSize |] |]
        }

        { subject.Options with Groups = subject.Options.Groups |> Option.map add }

    /// Options under which two features are parts of their own, and where these stand.
    let withAlone (subject: AxiomSubject) i j : PathOptions * int * int =
        match subject.Options.Groups with
        | None -> subject.Options, i, j
        | Some groups ->
            let others = groups.Members |> Array.map (Array.filter (fun k -> k <> i && k <> j))

            let groups = {
                Names = Array.append groups.Names [| $"(feature {i})"; $"(feature {j})" |]
                Members = Array.append others [| [| i |]; [| j |] |]
            }

            { subject.Options with Groups = Some groups }, others.Length, others.Length + 1

    /// x - x'.
    let displacement (subject: AxiomSubject) = Array.map2 (-) subject.Task.Input subject.Task.Baseline

    /// 1 for the explained output.
    let output (subject: AxiomSubject) =
        Array.init subject.Model.OutputSize (fun i -> if i = subject.Explanation.Target then 1.0 else 0.0)

    /// Nodes on the path at which derivatives are looked at.
    let private onPath = lazy GaussRule.create (MinusLog 1.0) 8

    /// Points at which derivatives are looked at: 8 of the path, and 8 of the box between baseline and input, one half of which mix
    /// elements of the two, the other half elements anywhere between. Off the path, because a derivative may vanish all along the
    /// path and not beside it, as that of x₀(x₁-x₂) by x₀ where x₁ = x₂.
    let private probes (subject: AxiomSubject) : float[][] =
        let random = Random 20170612
        let step = displacement subject
        let between (t: unit -> float) = Array.map2 (fun start d -> start + t () * d) subject.Task.Baseline step

        [|
            for t in onPath.Value.Nodes -> between (fun () -> t)
            for _ in 1..4 -> between (fun () -> float (random.Next 2))
            for _ in 1..4 -> between random.NextDouble
        |]

    let private at (subject: AxiomSubject) (point: float[]) : PathPoints = {
        Baseline = point
        Displacement = Array.zeroCreate point.Length
        Output = output subject
        Nodes = [| 0.0 |]
    }

    /// |attribution| of every single feature, estimated from gradients at eight points of the path.
    let featureSizes (subject: AxiomSubject) : float[] =
        let rule = GaussRule.create One 8
        let step = displacement subject

        let points = {
            Baseline = subject.Task.Baseline
            Displacement = step
            Output = output subject
            Nodes = rule.Nodes
        }

        let gradients =
            subject.Model.Function.Gradients [| points |] |> Array.head |> Array.chunkBySize step.Length

        step
        |> Array.mapi (fun i d ->
            let slopes = Array.map2 (fun weight (gradient: float[]) -> weight * gradient[i]) rule.Weights gradients
            abs (d * Array.sum slopes))

    /// Parts all of whose derivatives are exactly 0 at every probed point.
    let ignored (subject: AxiomSubject) : int[] =
        subject.Options.CancellationToken.ThrowIfCancellationRequested()
        let gradients = subject.Model.Function.Gradients(probes subject |> Array.map (at subject))
        let isZero feature = gradients |> Array.forall (fun gradient -> gradient[feature] = 0.0)

        members subject
        |> Array.indexed
        |> Array.filter (fun (_, features) -> Array.forall isZero features)
        |> Array.map fst

    /// DᵀHD along the path with one direction for each part, as the model gives it: Σ weight · matrix, not made symmetric.
    let curvatures (subject: AxiomSubject) (requests: (PathPoints * float[]) seq) : float[,][] =
        subject.Options.CancellationToken.ThrowIfCancellationRequested()
        let step = displacement subject
        let members = members subject
        let count = members.Length

        let directions, factor =
            match subject.Options.Groups with
            | None -> EachFeature, (fun part -> step[part])
            | Some _ ->
                let direction features =
                    let direction = Array.zeroCreate<float> step.Length

                    for feature in features do
                        direction[feature] <- step[feature]

                    direction

                Along(members |> Array.map direction), (fun _ -> 1.0)

        requests
        |> Seq.map (fun (points, weights) -> { Points = points; Weights = weights; Directions = directions })
        |> Array.ofSeq
        |> subject.Model.Function.Curvatures
        |> Array.map (fun result ->
            Array2D.init count count (fun i j -> factor i * factor j * result.Curvature[i * count + j]))

    /// The integral of t(-ln t) DᵀHD along the path, roughly, with both of each pair of entries as the model gives them.
    let alongPath (subject: AxiomSubject) : float[,] =
        let rule = onPath.Value

        let points = {
            Baseline = subject.Task.Baseline
            Displacement = displacement subject
            Output = output subject
            Nodes = rule.Nodes
        }

        curvatures subject [ points, Array.map2 (*) rule.Nodes rule.Weights ] |> Array.head

    /// Second derivatives below this part of the largest one at a point count as rounding.
    let private rounding = 1e-13

    /// Jumps of the gradient, part by part, where the model has kinks: on the path, and on seven others across the box between baseline
    /// and input. Second derivatives at points do not see them.
    let private jumps (subject: AxiomSubject) : float[][] =
        let random = Random 20190301

        let anywhere () =
            Array.map2 (fun start d -> start + random.NextDouble() * d) subject.Task.Baseline (displacement subject)

        let others = Array.init 7 (fun _ -> { subject.Task with Input = anywhere (); Baseline = anywhere () })

        let options = { subject.Options with Kinks = KinkTreatment.Automatic }

        Array.append [| subject.Task |] others
        |> PathRows.prepare options subject.Model
        |> Kinks.find options subject.Model
        |> Array.choose id
        |> Array.collect (fun kinks -> kinks.Impulses |> Array.map _.Jump)

    /// Parts whose second derivatives with every other part are 0, up to rounding, at every probed point, and in whose slopes nothing jumps
    /// together with that of another.
    let withoutInteraction (subject: AxiomSubject) : int[] =
        let matrices = curvatures subject (probes subject |> Seq.map (fun point -> at subject point, [| 1.0 |]))
        let count = (members subject).Length

        let jumps = jumps subject

        let limits =
            matrices |> Array.map (fun matrix -> rounding * AxiomNumbers.largest (Seq.cast<float> matrix))

        [|
            for i in 0 .. count - 1 do
                let isAlone (matrix: float[,]) limit =
                    Seq.forall (fun j -> j = i || abs matrix[i, j] <= limit) (seq { 0 .. count - 1 })

                let isShared (jump: float[]) =
                    let limit = rounding * AxiomNumbers.largest jump
                    abs jump[i] > limit && Seq.exists (fun j -> j <> i && abs jump[j] > limit) (seq { 0 .. count - 1 })

                if Array.forall2 isAlone matrices limits && not (Array.exists isShared jumps) then i
        |]
