namespace Interact.Core

open System
open System.Collections.Concurrent
open Interact.Core.Execution

/// What is evaluated at the points of paths.
type internal Wanted =
    /// Gradients alone, or values where there are no paths.
    | FirstDerivatives
    /// Second derivatives by every element (None), or along so many directions: DᵀHD.
    | Bilinear of int option
    /// Second derivatives applied to so many directions: HD.
    | Applied of int

/// What plans are kept by.
[<Struct>]
type internal PlanKey = {
    Items: int
    /// Points on each path; 0 for values at single points.
    Points: int
    Wanted: Wanted
    /// Whether points are the lanes of vectors.
    InLanes: bool
    Precision: Precision
    Threads: int
}

/// How a function given as a graph is to be evaluated.
type Evaluation = {
    Precision: Precision
    /// Threads that work on one call together.
    Threads: int
    /// What all threads may take together to work in.
    Memory: MemoryBudget
}

[<RequireQualifiedAccess>]
module Evaluation =

    /// Double precision, one thread, no limit of memory.
    let defaults = { Precision = Precision.Double; Threads = 1; Memory = MemoryBudget Int64.MaxValue }

/// Plans by key, made when first needed and kept.
[<Sealed>]
type internal KeptPlans<'Key when 'Key: not null and 'Key: equality>(compile: 'Key -> Plan) =

    /// Plans that are kept: more than the rules and numbers of rows that a mixture of paths asks for, some hundred, because making a plan
    /// takes as long as running it many times; and few enough for memory.
    static let most = 512

    let plans = ConcurrentDictionary<'Key, Lazy<Plan>>()

    /// The plan, made where it is not kept.
    member _.Find(key: 'Key) : Plan =
        if plans.Count >= most && not (plans.ContainsKey key) then plans.Clear()
        let plan = plans.GetOrAdd(key, (fun key -> lazy (compile key)))

        try
            plan.Value
        with _ ->
            // What failed for want of memory may succeed later.
            plans.TryRemove key |> ignore<bool * Lazy<Plan>>
            reraise ()

/// Plans for the requests that a function given as a graph is asked.
///
/// held: inputs that are held fixed. They are the last arguments of every plan, the same for all items of a run.
[<Sealed>]
type internal PlanCache(held: Node list, input: Node, output: Node) =

    let compile (key: PlanKey) =
        let graph =
            match key.Points, key.Wanted with
            | 0, _ -> PathGraph.values key.Items input output
            | points, FirstDerivatives -> PathGraph.gradients key.Items points input output
            | points, Bilinear directions -> PathGraph.curvatures key.Items points directions input output
            | points, Applied directions -> PathGraph.products key.Items points directions input output

        let engine = Engine.best key.Precision
        let lanes = if key.InLanes then graph.Points else []
        Plan.Compile(engine, lanes, graph.Inputs @ held, graph.Outputs, key.Threads)

    let plans = KeptPlans compile

    member _.Find(key: PlanKey) : Plan = plans.Find key

/// Answers requests by running plans for several items each.
///
/// held: values of the inputs that are held fixed, the same for all items.
[<Sealed>]
type internal PlanRunner
    (input: Node, output: Node, held: (unit -> float[]) list, plans: PlanCache, evaluation: Evaluation) =

    /// Points that are worked on at once, each times the number of directions: enough to fill vectors and to make calls cheap.
    static let width = 4096

    /// Memory that a run may take beyond one item: a part of the second-level cache.
    static let cache = 1L <<< 20

    /// Memory beyond which the points of one path are divided among runs. The division changes sums by rounding, so it depends on
    /// the model alone, unless the memory allowed is less than this.
    static let divided = 256L <<< 20

    /// Functions of a graph beyond which making a plan takes longer than running it many times, and points that go through each run
    /// then: one plan does for all rules, however many points they have.
    static let long, ofLong = 4_000, 8

    let isLong = lazy ((Graph.dependents [ input ] [ output ]).Length > long)

    /// Points that are the lanes of vectors: so many go through one run.
    let lanes = Lanes.count (Engine.best evaluation.Precision)

    let mostDirections = lazy (Lanes.mostDirections lanes input output)

    let directionsOf (wanted: Wanted) =
        match wanted with
        | FirstDerivatives -> 1
        | Bilinear None -> input.Size
        | Bilinear(Some count)
        | Applied count -> count

    let suitLanes (wanted: Wanted) = directionsOf wanted <= mostDirections.Value

    let key items points wanted = {
        Items = items
        Points = points
        Wanted = wanted
        InLanes = points = lanes && suitLanes wanted
        Precision = evaluation.Precision
        Threads = evaluation.Threads
    }

    let runWithin (plan: Plan) (arguments: float[][][]) (results: float[][][]) =
        evaluation.Memory.Enter plan.MemoryPerRun

        try
            plan.RunInPieces(arguments, results)
        finally
            evaluation.Memory.Leave plan.MemoryPerRun

    /// Items that go through one run: a power of two, so that few plans are made. Either always one, or always several: with axes of
    /// size 1 graphs become other graphs, whose results may differ in their last bits.
    let itemsPerRun perItem points derivatives (wanted: int) =
        let fits items (pair: Plan) =
            items * perItem <= width
            && pair.MemoryOnOneThread / 2L * int64 items <= cache
            && pair.MemoryPerRun / 2L * int64 items <= evaluation.Memory.Bytes

        if 2 * perItem > width then
            1
        else
            let pair = plans.Find(key 2 points derivatives)
            let mutable items = if fits 2 pair then 2 else 1

            while items > 1 && items < wanted && fits (2 * items) pair do
                items <- 2 * items

            items

    /// Runs all items through plans for several items each; the last run is filled up with copies of the last item. Arguments and results
    /// are moved item by item, so that no arrays are made for whole runs: those would be large, and collecting them costly.
    ///
    /// arguments: for an item the pieces that make up each of its values.
    let run
        perItem
        (items: 'Item[])
        points
        derivatives
        (arguments: ('Item -> float[][]) list)
        (collect: float[][] -> 'Result)
        : 'Result[] =
        let heldValues = held |> List.map (fun values -> [| values () |])
        let perRun = itemsPerRun perItem points derivatives items.Length
        let plan = plans.Find(key perRun points derivatives)
        let sizes = plan.OutputSizes |> Array.map (fun size -> size / perRun)
        let results = items |> Array.map (fun _ -> sizes |> Array.map Array.zeroCreate<float>)

        for first in 0..perRun .. items.Length - 1 do
            let given = [|
                for argument in arguments ->
                    Array.init perRun (fun i -> argument items[min (first + i) (items.Length - 1)]) |> Array.concat
                for held in heldValues -> held
            |]

            let own = Array.sub results first (min perRun (items.Length - first))

            sizes
            |> Array.mapi (fun output _ -> own |> Array.map (fun result -> result[output]))
            |> runWithin plan given

        results |> Array.map collect

    /// The answers to requests of several kinds, each kind worked on together, in the order of the requests.
    let byKind (kind: 'Request -> 'Kind) (answer: 'Kind -> 'Request[] -> 'Result[]) (requests: 'Request[]) : 'Result[] =
        let results = Array.zeroCreate<'Result> requests.Length

        for key, group in requests |> Array.indexed |> Array.groupBy (fun (_, request) -> kind request) do
            Array.iter2 (fun (i, _) result -> results[i] <- result) group (group |> Array.map snd |> answer key)

        results

    let checkNodes (points: PathPoints) =
        Checks.require (points.Nodes.Length > 0) (nameof points.Nodes) (fun () ->
            "a path without nodes was asked for; give one at least.")

    let pathArguments (points: 'Request -> PathPoints) : ('Request -> float[][]) list = [
        fun request -> [| (points request).Baseline |]
        fun request -> [| (points request).Displacement |]
        fun request -> [| (points request).Output |]
        fun request -> [| (points request).Nodes |]
    ]

    /// Points of one path that go through one run, where memory allows.
    let rec fitting derivatives points =
        // How much of the memory a run would take; the second part depends on the threads, and counts only where memory is short.
        let share items =
            let plan = plans.Find(key items points derivatives)
            max (float plan.MemoryOnOneThread / float divided) (float plan.MemoryPerRun / float evaluation.Memory.Bytes)

        // Where several items go through one run, the plan for two is made anyway: if they fit, so does one.
        let mayShare = 2 * points * directionsOf derivatives <= width

        if points = 1 || mayShare && share 2 <= 1.0 then
            points
        else
            match share 1 with
            | share when share <= 1.0 -> points
            | share ->
                let fewer = float points / share |> int
                fitting derivatives (fewer |> max 1 |> min (points - 1))

    /// Points of one path that go through one run: the lanes, where they suit and few of them are left empty; always the same few in
    /// long graphs.
    let pointsPerRun derivatives points =
        let wanted =
            if 2 * points >= lanes && suitLanes derivatives then lanes
            elif isLong.Value then ofLong
            else points

        fitting derivatives wanted

    /// The points in parts of so many each; the last is filled up with copies of the last point.
    let divide size (points: PathPoints) : PathPoints[] =
        let count = points.Nodes.Length

        if size = count then
            [| points |]
        else
            [|
                for first in 0..size .. count - 1 ->
                    { points with Nodes = Array.init size (fun i -> points.Nodes[min (first + i) (count - 1)]) }
            |]

    /// The request in such parts; copies have weight 0.
    let divideWeighted size (request: CurvatureRequest) : CurvatureRequest[] =
        let weight i = if i < request.Weights.Length then request.Weights[i] else 0.0

        divide size request.Points
        |> Array.mapi (fun part points -> {
            request with
                Points = points
                Weights = Array.init size (fun i -> weight (part * size + i))
        })

    /// Gradients at the points of all parts, without those of copies.
    let joinGradients count (parts: float[][]) : float[] =
        if parts.Length = 1 && parts[0].Length = count * input.Size then
            parts[0]
        else
            Array.sub (Array.concat parts) 0 (count * input.Size)

    let join count (parts: CurvatureResult[]) : CurvatureResult =
        let sum = parts[0].Curvature

        for part in parts[1..] do
            for i in 0 .. sum.Length - 1 do
                sum[i] <- sum[i] + part.Curvature[i]

        { Gradients = parts |> Array.map _.Gradients |> joinGradients count; Curvature = sum }

    let gradients count (requests: PathPoints[]) =
        let size = pointsPerRun FirstDerivatives count
        let parts = requests |> Array.collect (divide size)

        run size parts size FirstDerivatives (pathArguments id) (fun results -> results[0])
        |> Array.chunkBySize (parts.Length / requests.Length)
        |> Array.map (joinGradients count)

    let curvatures (count, wanted: Wanted) (requests: CurvatureRequest[]) =
        let given (request: CurvatureRequest) =
            match request.Directions with
            | EachFeature -> [||]
            | Along directions -> directions

        let directions =
            match wanted with
            | Applied directions
            | Bilinear(Some directions) -> Some directions
            | Bilinear None
            | FirstDerivatives -> None

        let size = pointsPerRun wanted count

        let arguments =
            pathArguments (fun (request: CurvatureRequest) -> request.Points)
            @ [ fun request -> [| request.Weights |] ]

        let arguments = if directions.IsSome then arguments @ [ given ] else arguments
        let perItem = size * (directions |> Option.defaultValue input.Size)
        let parts = requests |> Array.collect (divideWeighted size)

        run perItem parts size wanted arguments (fun results -> { Gradients = results[0]; Curvature = results[1] })
        |> Array.chunkBySize (parts.Length / requests.Length)
        |> Array.map (join count)

    interface IDifferentiable with
        member _.InputSize = input.Size
        member _.OutputSize = output.Size

        member _.Values points =
            if points.Length = 0 then
                [||]
            else
                run 1 points 0 FirstDerivatives [ Array.singleton ] (fun results -> results[0])

        member _.Gradients requests =
            requests |> Array.iter checkNodes

            requests |> byKind (fun request -> request.Nodes.Length) gradients

        member _.Curvatures requests =
            let kind (request: CurvatureRequest) =
                match request.Directions with
                | EachFeature -> request.Weights.Length, Bilinear None
                | Along directions -> request.Weights.Length, Bilinear(Some directions.Length)

            requests |> Array.iter (fun request -> checkNodes request.Points)
            requests |> byKind kind curvatures

        member _.WhyNotFinite(_, _) = None

    interface IHessianProducts with
        member _.Products requests =
            let directions (request: CurvatureRequest) =
                match request.Directions with
                | EachFeature ->
                    Array.init input.Size (fun i -> Array.init input.Size (fun j -> if i = j then 1.0 else 0.0))
                | Along directions -> directions

            for request in requests do
                checkNodes request.Points

            requests
            |> Array.map (fun request -> { request with Directions = Along(directions request) })
            |> byKind (fun request -> request.Weights.Length, Applied (directions request).Length) curvatures
