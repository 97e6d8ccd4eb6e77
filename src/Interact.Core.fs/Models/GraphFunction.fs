namespace Interact.Core

open System
open System.Collections.Concurrent
open Interact.Core.Execution
open Interact.Core.Transform

/// The graphs that answer requests for one model: values, gradients and second derivatives on a batch of paths.
module internal PathGraph =

    /// A batch of one item's values, and the item's inputs in the order of the plan.
    type Batch = { Inputs: Node list; Outputs: Node list }

    /// The graph for one item made into one for a batch of items.
    let private overItems items (inputs: Node list) (outputs: Node list) : Batch =
        let batched =
            inputs
            |> List.map (fun input ->
                Node.input (Primitive.name input.Primitive) (Array.append [| items |] input.Shape))

        { Inputs = batched; Outputs = outputs |> List.map (Vmap.apply (List.zip inputs batched)) }

    let private flat (node: Node) = node |> Node.reshape [| node.Size |]

    /// Outputs at points: input items x n, output items x outputs.
    let values items (input: Node) (output: Node) : Batch =
        let point = Node.input "points" [| input.Size |]
        let value = Graph.substitute [ input, point |> Node.reshape input.Shape ] [ flat output ]
        overItems items [ point ] value

    /// A path's inputs, and what computes something at one of its points made into what computes it at all of them.
    let private alongPath count (input: Node) (outputs: Node) perPoint =
        let n = input.Size
        let baseline = Node.input "baseline" [| n |]
        let displacement = Node.input "displacement" [| n |]
        let combination = Node.input "output" [| outputs.Size |]
        let nodes = Node.input "nodes" [| count |]
        let node = Node.input "node" [||]
        let point = Node.add baseline (Node.multiply node displacement) |> Node.reshape input.Shape
        let explained = Product.dot combination (flat outputs)
        let derivatives, seeds = perPoint explained
        let results = Graph.substitute [ input, point ] derivatives
        let atAll = results |> List.map (Vmap.apply ((node, nodes) :: seeds))
        [ baseline; displacement; combination; nodes ], atAll

    /// Gradients at the points of paths: items x points x n.
    let gradients items count (input: Node) (output: Node) : Batch =
        let inputs, results =
            alongPath count input output (fun explained -> [ explained |> Vjp.grad input |> flat ], [])

        overItems items inputs results

    /// Gradients at the points of paths (items x points x n) and weighted sums of second derivatives (items x k x k). The weights
    /// ride on the cotangent; None for the directions stands for every input element.
    let curvatures items count (directionCount: int option) (input: Node) (output: Node) : Batch =
        let n = input.Size
        let weights = Node.input "weights" [| count |]
        let weight = Node.input "weight" [||]

        let extra, directions =
            match directionCount with
            | None -> [], Node.identity n
            | Some k ->
                let given = Node.input "directions" [| k; n |]
                [ given ], given

        let inputs, results =
            alongPath count input output (fun explained ->
                let k = directions.Shape[0]
                let shaped = directions |> Node.reshape (Array.append [| k |] input.Shape)
                let gradient = explained |> Vjp.grad input |> flat
                [ gradient; Curvature.along shaped input (Node.multiply weight explained) ], [ weight, weights ])

        overItems items (inputs @ weights :: extra) [ results[0]; results[1] |> Product.sum [| 0 |] ]

/// What plans are kept by.
type private PlanKey =
    | ValuesPlan of items: int
    | GradientsPlan of items: int * count: int
    | CurvaturesPlan of items: int * count: int * directions: int option

/// A function given as a graph. Plans are made when first needed and kept.
[<Sealed>]
type GraphFunction(input: Node, output: Node, describe: Node -> string option) =

    let plans = ConcurrentDictionary<PlanKey, Lazy<Plan>>()

    let plan key =
        let compile key =
            lazy
                (let batch =
                    match key with
                    | ValuesPlan items -> PathGraph.values items input output
                    | GradientsPlan(items, count) -> PathGraph.gradients items count input output
                    | CurvaturesPlan(items, count, directions) ->
                        PathGraph.curvatures items count directions input output

                 Plan.Compile(batch.Inputs, batch.Outputs))

        plans.GetOrAdd(key, compile).Value

    /// Points that are worked on at once, each times the number of directions: enough to fill vectors, few enough for the cache.
    let width = 256

    /// Items that go through one run of a plan: a power of two, so that few plans are made.
    let itemsPerRun (perItem: int) (wanted: int) =
        let mutable items = 1

        while items < wanted && items * 2 * perItem <= width do
            items <- items * 2

        items

    /// Runs all items through plans for several items each; the last run is filled up with copies of the last item.
    let inRuns
        perItem
        (items: 'Item[])
        (key: int -> PlanKey)
        (arguments: ('Item -> float[]) list)
        (collect: float[][] -> 'Result)
        =
        let perRun = itemsPerRun perItem items.Length
        let plan = plan (key perRun)

        [|
            for first in 0..perRun .. items.Length - 1 do
                let chunk = Array.init perRun (fun i -> items[min (first + i) (items.Length - 1)])

                let results =
                    arguments |> Seq.map (fun argument -> chunk |> Array.collect argument) |> Array.ofSeq |> plan.Run

                let part i (whole: float[]) =
                    let size = whole.Length / perRun
                    Array.sub whole (i * size) size

                for i in 0 .. min perRun (items.Length - first) - 1 do
                    collect (results |> Array.map (part i))
        |]

    /// The answers to requests of several kinds, each kind worked on together, in the order of the requests.
    let byKind (kind: 'Request -> 'Kind) (answer: 'Kind -> 'Request[] -> 'Result[]) (requests: 'Request[]) : 'Result[] =
        let results = Array.zeroCreate<'Result> requests.Length

        for key, group in requests |> Array.indexed |> Array.groupBy (fun (_, request) -> kind request) do
            Array.iter2 (fun (i, _) result -> results[i] <- result) group (group |> Array.map snd |> answer key)

        results

    let pathArguments (points: 'Request -> PathPoints) : ('Request -> float[]) list = [
        fun request -> (points request).Baseline
        fun request -> (points request).Displacement
        fun request -> (points request).Output
        fun request -> (points request).Nodes
    ]

    /// The first node of the outputs' graphs, in order of evaluation, whose value is not finite.
    let firstNotFinite (point: float[]) (outputs: Node list) =
        let nodes = Graph.nodes outputs |> List.ofArray
        let values = Run.once [ input, point ] nodes
        Seq.zip nodes values |> Seq.tryFind (fun (_, value) -> not (Array.forall Double.IsFinite value))

    /// The nearest described node at or below a node: what a person knows it by.
    let rec origin (node: Node) =
        match describe node with
        | Some name -> Some name
        | None -> node.Operands |> Seq.sortByDescending _.Id |> Seq.tryPick origin

    let whyNotFinite (point: float[]) (combination: float[]) =
        let explained =
            Product.dot (Node.constant [| output.Size |] combination) (output |> Node.reshape [| output.Size |])

        let name node = origin node |> Option.defaultValue $"'{Primitive.name node.Primitive}'"

        /// The first node whose own partial derivatives are not finite, or else what came of them.
        let derivative order (partials: Elementwise -> Formula list) whole =
            firstNotFinite point [ whole ]
            |> Option.map (fun (result, _) ->
                let culprit =
                    Graph.nodes [ explained ]
                    |> Seq.tryFind (fun node ->
                        match node.Primitive with
                        | Elementwise f ->
                            partials f
                            |> List.map (Node.substitute node.Operands node)
                            |> firstNotFinite point
                            |> Option.isSome
                        | _ -> false)
                    |> Option.defaultValue result

                $"the {order} derivative of {name culprit} is not finite")

        match firstNotFinite point [ explained ] with
        | Some(culprit, value) ->
            let bad = value |> Array.find (Double.IsFinite >> not)
            Some $"{name culprit} gives {bad}"
        | None ->
            let first f = (Elementwise.rule f).Partials

            let second f = [
                for i in 0 .. Elementwise.arity f - 1 do
                    for j in 0..i -> Elementwise.second f i j
            ]

            derivative "first" first (Vjp.grad input explained)
            |> Option.orElseWith (fun () -> derivative "second" second (Curvature.hessian input explained))

    /// The node that stands for the input.
    member _.Input = input
    /// The node of the outputs.
    member _.Output = output
    /// What a node of the graph is called where it came from, such as the node's name and operator in a model file.
    member _.Describe = describe

    interface IDifferentiable with
        member _.InputSize = input.Size
        member _.OutputSize = output.Size

        member _.Values points =
            if points.Length = 0 then [||] else inRuns 1 points ValuesPlan [ id ] (fun results -> results[0])

        member _.Gradients requests =
            requests
            |> byKind (fun request -> request.Nodes.Length) (fun count group ->
                inRuns count group (fun items -> GradientsPlan(items, count)) (pathArguments id) (fun results ->
                    results[0]))

        member _.Curvatures requests =
            let kind (request: CurvatureRequest) =
                match request.Directions with
                | EachFeature -> request.Weights.Length, None
                | Along directions -> request.Weights.Length, Some directions.Length

            requests
            |> byKind kind (fun (count, directions) group ->
                let given (request: CurvatureRequest) =
                    match request.Directions with
                    | EachFeature -> [||]
                    | Along directions -> Array.concat directions

                let arguments = pathArguments (fun (request: CurvatureRequest) -> request.Points) @ [ _.Weights ]
                let arguments = if directions.IsSome then arguments @ [ given ] else arguments
                let perItem = count * (directions |> Option.defaultValue input.Size)

                inRuns perItem group (fun items -> CurvaturesPlan(items, count, directions)) arguments (fun results -> {
                    Gradients = results[0]
                    Curvature = results[1]
                }))

        member _.WhyNotFinite(point, combination) = whyNotFinite point combination
