namespace Interact.Core

/// What is known of all switches at one point of a path: one element for each element of every switch's argument.
type internal SwitchSample = {
    /// The arguments, which are zero where an element switches.
    Arguments: float[]
    /// Their derivatives along the path.
    Slopes: float[]
    /// Which piece each element is on.
    States: float[]
}

/// A path on which functions with kinks switch from one smooth piece to another.
type internal ISwitchingPath =
    /// For each element of a switch's argument the number of the decision that it takes part in; ascending in order of evaluation.
    abstract Decisions: int[]
    /// Whether the function is affine wherever nothing switches.
    abstract IsPiecewiseLinear: bool
    /// The switches at points of the path.
    abstract Sample: nodes: float[] -> SwitchSample[]
    /// The arguments at points of the path if all elements kept the given states.
    abstract Hold: states: float[] * nodes: float[] -> SwitchSample[]
    /// Gradients of the explained output at points of the path, for each with the states that the elements are kept in there.
    abstract Gradients: points: (float * float[])[] -> float[][]

/// A function that tells where it switches.
type internal ISwitching =
    /// The path of the points; their parameters make no difference.
    abstract Along: evaluation: Evaluation * points: PathPoints -> ISwitchingPath

/// A function with what tells where it switches.
[<Sealed>]
type internal SwitchingFunction(inner: IDifferentiable, along: Evaluation -> PathPoints -> ISwitchingPath) =
    interface IDifferentiable with
        member _.InputSize = inner.InputSize
        member _.OutputSize = inner.OutputSize
        member _.Values points = inner.Values points
        member _.Gradients requests = inner.Gradients requests
        member _.Curvatures requests = inner.Curvatures requests
        member _.WhyNotFinite(point, output) = inner.WhyNotFinite(point, output)

    interface ISwitching with
        member _.Along(evaluation, points) = along evaluation points

/// Paths of functions made from others.
[<RequireQualifiedAccess>]
module internal SwitchingPath =

    /// A path on which gradients are mapped.
    let mapped (gradient: float[] -> float[]) (path: ISwitchingPath) : ISwitchingPath = {
        new ISwitchingPath with
            member _.Decisions = path.Decisions
            member _.IsPiecewiseLinear = path.IsPiecewiseLinear
            member _.Sample nodes = path.Sample nodes
            member _.Hold(states, nodes) = path.Hold(states, nodes)
            member _.Gradients points = path.Gradients points |> Array.map gradient
    }

    /// The path of Σ coefficient · f: the switches of all terms, one after the other.
    let sum (terms: (float * ISwitchingPath) list) : ISwitchingPath =
        let moving = terms |> List.filter (fun (_, path) -> path.Decisions.Length > 0)

        let starts =
            moving |> List.scan (fun start (_, path) -> start + path.Decisions.Length) 0 |> Array.ofList

        /// The part of all states that is one term's.
        let part i (states: float[]) = states[starts[i] .. starts[i + 1] - 1]

        let join (samples: SwitchSample[] list) =
            samples
            |> List.reduce (
                Array.map2 (fun a b -> {
                    Arguments = Array.append a.Arguments b.Arguments
                    Slopes = Array.append a.Slopes b.Slopes
                    States = Array.append a.States b.States
                })
            )

        {
            new ISwitchingPath with
                member _.Decisions =
                    moving |> Seq.mapi (fun i (_, path) -> path.Decisions |> Array.map ((+) starts[i])) |> Array.concat

                member _.IsPiecewiseLinear = terms |> List.forall (fun (_, path) -> path.IsPiecewiseLinear)
                member _.Sample nodes = moving |> List.map (fun (_, path) -> path.Sample nodes) |> join

                member _.Hold(states, nodes) =
                    moving |> List.mapi (fun i (_, path) -> path.Hold(part i states, nodes)) |> join

                member _.Gradients points =
                    let place = System.Collections.Generic.Dictionary<obj, int>(HashIdentity.Reference)
                    moving |> List.iteri (fun i (_, path) -> place[path] <- i)

                    terms
                    |> List.map (fun (coefficient, path) ->
                        let own =
                            match place.TryGetValue(path :> obj) with
                            | true, i -> points |> Array.map (fun (t, states) -> t, part i states)
                            | false, _ -> points |> Array.map (fun (t, _) -> t, [||])

                        path.Gradients own |> Array.map (Array.map ((*) coefficient)))
                    |> List.reduce (Array.map2 (Array.map2 (+)))
        }
