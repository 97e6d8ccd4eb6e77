namespace Interact.Core

open Interact.Core.Execution
open Interact.Core.Transform

/// What is computed at the points of a path.
type internal SwitchRequest =
    | Sample
    | Hold
    | HeldGradients

/// Plans that tell where a function given as a graph switches, made when first needed and kept.
///
/// held: inputs that are held fixed. They are the last arguments of every plan.
[<Sealed>]
type internal SwitchPlans(held: Node list, input: Node, output: Node) =

    let description =
        lazy (if Switches.mayExist input output then SwitchGraph.describe input output else [||], false)

    let engine = Engine.best Precision.Double
    let lanes = Lanes.count engine
    let suitsLanes = lazy (Lanes.mostDirections lanes input output > 0)

    let compile (struct (request, count, threads)) =
        let graph =
            match request with
            | Sample -> SwitchGraph.sample count input output
            | Hold -> SwitchGraph.hold count input output
            | HeldGradients -> SwitchGraph.gradients count input output

        let points = if suitsLanes.Value && count = lanes then graph.Points else []
        Plan.Compile(engine, points, graph.Inputs @ held, graph.Outputs, threads)

    let plans = KeptPlans compile

    /// Points that go through one run, where memory allows. It depends on the model alone, so that results do not depend on what
    /// else is asked.
    member _.Points = if suitsLanes.Value then lanes else 16
    member _.InputSize = input.Size
    member _.Decisions = fst description.Value
    member _.IsPiecewiseLinear = snd description.Value

    member _.Find(request: SwitchRequest, count: int, threads: int) : Plan =
        plans.Find(struct (request, count, threads))

/// One path of a function given as a graph. held: values of the inputs that are held fixed.
[<Sealed>]
type internal GraphSwitchingPath(plans: SwitchPlans, held: float[] list, evaluation: Evaluation, path: PathPoints) =

    /// Memory on one thread beyond which fewer points go through one run.
    static let divided = 256L <<< 20

    let rec fitting request count =
        let plan = plans.Find(request, count, evaluation.Threads)
        let isSmall = plan.MemoryOnOneThread <= divided && plan.MemoryPerRun <= evaluation.Memory.Bytes
        if count = 1 || isSmall then count, plan else fitting request (count / 2)

    let runWithin (plan: Plan) (arguments: float[][]) =
        evaluation.Memory.Enter plan.MemoryPerRun

        try
            plan.Run arguments
        finally
            evaluation.Memory.Leave plan.MemoryPerRun

    /// The results at all points, each a slice of what the runs give; the last run is filled up with copies of the last point.
    ///
    /// extra: what else differs from point to point.
    let run request (nodes: float[]) (extra: (int -> float[]) option) (collect: float[][] -> 'Result) : 'Result[] =
        let count, plan = fitting request plans.Points

        [|
            for first in 0..count .. nodes.Length - 1 do
                let places = Array.init count (fun i -> min (first + i) (nodes.Length - 1))

                let results =
                    [|
                        path.Baseline
                        path.Displacement
                        path.Output
                        places |> Array.map (fun place -> nodes[place])

                        match extra with
                        | Some own -> places |> Array.collect own
                        | None -> ()

                        yield! held
                    |]
                    |> runWithin plan

                for i in 0 .. min count (nodes.Length - first) - 1 do
                    results
                    |> Array.map (fun whole -> Array.sub whole (i * (whole.Length / count)) (whole.Length / count))
                    |> collect
        |]

    interface ISwitchingPath with
        member _.Decisions = plans.Decisions
        member _.IsPiecewiseLinear = plans.IsPiecewiseLinear

        member _.Sample nodes =
            run Sample nodes None (fun results -> { Arguments = results[0]; Slopes = results[1]; States = results[2] })

        member _.Hold(states, nodes) =
            run Hold nodes (Some(fun _ -> states)) (fun results -> {
                Arguments = results[0]
                Slopes = results[1]
                States = states
            })

        member _.Gradients points =
            run HeldGradients (Array.map fst points) (Some(fun place -> snd points[place])) Array.head
