namespace Interact.Core

open System
open System.Collections.Concurrent
open System.Runtime.ExceptionServices
open System.Threading.Tasks
open Interact.Core.Execution
open Interact.Core.Transform

/// Writes the mask of the coalition with a number: 1 for every player in it and 0 for the others, into the array from an offset on. The
/// place is zero beforehand.
type internal MaskWriter = delegate of coalition: int * masks: float[] * offset: int -> unit

/// What coalitions are worth, as a graph.
[<NoEquality; NoComparison>]
type internal CoalitionGraph = {
    /// The model's input.
    Input: Node
    /// The last result of the affine map, where coalitions are put together, or the input.
    Middle: Node
    /// The outputs, from what the baseline has become there, all displacements together, and those of a coalition alone.
    Outcome: Node -> Node -> Node -> Node
}

[<RequireQualifiedAccess>]
module internal CoalitionGraph =

    /// Numbers that the players' displacements behind the affine map may hold: more are not worth keeping.
    let private mostMapped = 1L <<< 16

    /// The model at x' + Σ_{k in S} δ_k; None for a model that is no graph.
    let ofModel players (model: Model) : CoalitionGraph option =
        model.Graph
        |> Option.map (fun graph ->
            let output = graph.HoldingOutput
            let prefix = AffinePrefix.find graph.Input output
            let middle = if int64 prefix.Size * int64 players <= mostMapped then prefix else graph.Input

            {
                Input = graph.Input
                Middle = middle
                Outcome = fun start _ step -> Graph.substitute [ middle, Node.add start step ] [ output ] |> List.head
            })

/// What coalitions are worth: v(S) is the explained output where features of S are those of the row and all others those of its baseline.
/// Features, or groups where there are such, are the players.
///
/// A coalition's input is x' + Σ_{k in S} δ_k, linear in the mask, and so is the result of the affine map that most networks begin with: it
/// is applied to each player's δ_k once for a row, and a product with the masks takes its place.
[<Sealed>]
type internal CoalitionValues(options: PathOptions, model: Model, chooseGraph: int -> CoalitionGraph option) =

    /// Memory that a run may take: a part of the second-level cache.
    static let cache = 1L <<< 20

    /// Coalitions that go through one run at most.
    static let most = 1024

    let n = model.InputSize

    let players =
        match options.Groups with
        | Some groups -> groups.Members.Length
        | None -> n

    /// The player that each feature belongs to.
    let owners =
        match options.Groups with
        | Some groups ->
            let owners = Array.zeroCreate<int> n

            groups.Members
            |> Array.iteri (fun player members -> members |> Array.iter (fun i -> owners[i] <- player))

            owners
        | None -> [| 0 .. n - 1 |]

    let graph = chooseGraph players

    /// x' and every player's δ behind the affine map, for x' and δ.
    let mapping =
        lazy
            (match graph with
             | Some { Input = input; Middle = middle } when not (obj.ReferenceEquals(input, middle)) ->
                 let baseline = Node.input "baseline" [| n |]
                 let displacement = Node.input "displacement" [| n |]
                 let direction = Node.input "direction" [| n |]
                 let shaped = Node.reshape input.Shape
                 let start = Graph.substitute [ input, shaped baseline ] [ middle ] |> List.head

                 let membership =
                     Node.constant
                         [| players; n |]
                         (Array.init (players * n) (fun place -> if owners[place % n] = place / n then 1.0 else 0.0))

                 let steps =
                     Jvp.apply input (shaped direction) middle
                     |> Vmap.apply [ direction, Node.multiply membership displacement ]

                 Plan.Compile([ baseline; displacement ], [ start; steps ], options.Precision, 1) |> Some
             | Some _
             | None -> None)

    /// Values of so many coalitions. Inputs: start, steps, weights of the outputs, masks.
    let compile (graph: CoalitionGraph) count =
        let middle = graph.Middle
        let start = Node.input "start" middle.Shape
        let isMapped = not (obj.ReferenceEquals(graph.Input, middle))
        let one = if isMapped then middle.Shape else [| n |]
        let steps = Node.input "steps" (if isMapped then Array.append [| players |] one else one)
        let masks = Node.input "masks" [| count; players |]

        let moved =
            if isMapped then
                Product.matmul masks (steps |> Node.reshape [| players; middle.Size |])
            else
                Node.multiply (masks |> Node.gather 1 owners) steps

        let whole = if isMapped then Product.sum [| 0 |] steps else steps
        let step = Node.input "step" middle.Shape
        let outputs = graph.Outcome start (whole |> Node.reshape middle.Shape) step
        let combination = Node.input "output" [| outputs.Size |]

        let values =
            Product.dot combination (outputs |> Node.reshape [| outputs.Size |])
            |> Vmap.apply [ step, moved |> Node.reshape (Array.append [| count |] middle.Shape) ]

        Plan.Compile([ start; steps; combination; masks ], [ values ], options.Precision, 1)

    let plans = ConcurrentDictionary<int, Lazy<Plan>>()

    let plan graph count = plans.GetOrAdd(count, (fun count -> lazy (compile graph count))).Value

    /// Coalitions that go through one run: a power of two.
    let perRun graph wanted =
        let each = (plan graph 2).MemoryPerRun / 2L
        let fits count = int64 count * each <= min cache (options.Memory.Bytes / int64 options.Threads)
        let mutable count = 2

        while count < min most wanted && fits (2 * count) do
            count <- 2 * count

        count

    /// Runs the work for every part of the coalitions, given the number of its first one; parts are divided among the threads.
    let forParts count size (work: float[] -> int -> unit) =
        // Rows may be explained by a scheduler of fewer threads than may work on one row.
        let parallelism =
            ParallelOptions(
                MaxDegreeOfParallelism = options.Threads,
                CancellationToken = options.CancellationToken,
                TaskScheduler = TaskScheduler.Default
            )

        try
            Parallel.For(
                0,
                (count + size - 1) / size,
                parallelism,
                (fun () -> Array.zeroCreate<float>(size * players)),
                (fun part _ (masks: float[]) ->
                    Array.Clear masks
                    work masks (part * size)
                    masks),
                ignore
            )
            |> ignore<ParallelLoopResult>
        with :? AggregateException as failure ->
            // As it would be raised by one thread.
            ExceptionDispatchInfo.Throw failure.InnerExceptions[0]

    let byGraph graph (row: PathRow) count (write: MaskWriter) =
        let start, steps =
            match mapping.Value with
            | Some mapping ->
                let mapped = mapping.Run [| row.Task.Baseline; row.Displacement |]
                mapped[0], mapped[1]
            | None -> row.Task.Baseline, row.Displacement

        let size = perRun graph count
        let plan = plan graph size
        let values = Array.zeroCreate<float> count

        forParts count size (fun masks first ->
            let last = min count (first + size) - 1

            for coalition in first..last do
                write.Invoke(coalition, masks, (coalition - first) * players)

            options.Memory.Enter plan.MemoryPerRun

            try
                let results = plan.Run [| start; steps; row.Output; masks |]
                Array.Copy(results[0], 0, values, first, last - first + 1)
            finally
                options.Memory.Leave plan.MemoryPerRun)

        values

    /// The input of the coalition whose mask stands in an array.
    let point (row: PathRow) (masks: float[]) offset =
        Array.init n (fun i -> row.Task.Baseline[i] + masks[offset + owners[i]] * row.Displacement[i])

    let byPoints (row: PathRow) count (write: MaskWriter) =
        let f = Model.evaluatedBy options.Evaluation model
        let size = min most count
        let values = Array.zeroCreate<float> count

        forParts count size (fun masks first ->
            let last = min count (first + size) - 1

            for coalition in first..last do
                write.Invoke(coalition, masks, (coalition - first) * players)

            f.Values [| for coalition in first..last -> point row masks ((coalition - first) * players) |]
            |> Array.iteri (fun i outputs -> values[first + i] <- outputs[row.Target]))

        values

    /// Number of players.
    member _.Players = players

    /// The values of the coalitions numbered from 0, as many as are asked for.
    /// Error: NotFiniteException where one is not finite.
    member _.Of(row: PathRow, count: int, write: MaskWriter) : float[] =
        let values =
            match graph with
            | Some graph -> byGraph graph row count write
            | None -> byPoints row count write

        match Array.tryFindIndex (Double.IsFinite >> not) values with
        | Some coalition ->
            let mask = Array.zeroCreate<float> players
            write.Invoke(coalition, mask, 0)
            let present = mask |> Array.sum |> int

            PathRows.refuse
                model
                row.Task.Row
                $"with {present} of {players} features (or groups) at the row's values and the others at the baseline's"
                (point row mask 0)
                row.Output
        | None -> values
