/// All that the benchmarks use of the library's internals, in one place.
module internal Interact.Benchmarks.Engine

#nowarn "9" // Addresses: kernels work on memory that is not checked.

open System.Threading.Tasks
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Learning
open Interact.Core.Transform

/// A matrix product rows x depth times depth x columns, row-major, of numbers from the generator.
[<Sealed>]
type Product(precision: Precision, rows: int, columns: int, depth: int, threads: int) =
    let generator = Generator 3UL
    let buffer count = NumberMemory.buffer precision (generator.Array(count, 1.0))
    let a, b, result = buffer (rows * depth), buffer (depth * columns), buffer (rows * columns)

    let kernel =
        (Engine.best precision).CreateProduct {
            Batches = 1
            Rows = rows
            Columns = columns
            Depth = depth
            Left = [| { Batch = [| 0 |]; Lines = Array.init rows (fun i -> i * depth); Depth = Array.init depth id } |]
            Right = [|
                { Batch = [| 0 |]; Lines = Array.init columns id; Depth = Array.init depth (fun k -> k * columns) }
            |]
            LeftIsPacked = false
            RightIsPacked = false
            ResultBatch = [| 0 |]
            ResultStride = columns
            Symmetric = false
            Accumulate = false
        }

    let workspace = NumberBuffer(precision, int64 (kernel.WorkspaceSize threads))
    let left, right = [| a.Address |], [| b.Address |]

    let part index = kernel.Run(left, right, result.Address, workspace.Address, index, threads)

    /// Computes the product, on as many threads as there are parts.
    member _.Run() = if threads = 1 then part 0 else Parallel.For(0, threads, part) |> ignore

/// The plan that the second derivatives of one row are computed by.
type Profile = {
    /// Multiply-adds of a row, by the engine's own count.
    MultiplyAdds: float
    /// The steps, with the time of all runs that a row takes.
    Steps: StepTime[]
    /// Bytes of a run.
    Memory: int64
}

/// How long each step takes of the second derivatives of one row at so many nodes, by all features or along so many directions.
let profile (model: Model) (directions: int option) (nodes: int) : Profile =
    let graph = model.Graph.Value
    let engine = Engine.best Precision.Double
    let lanes = Lanes.count engine
    let along = directions |> Option.defaultValue graph.Input.Size
    let inLanes = along <= Lanes.mostDirections lanes graph.Input graph.Output
    let points = if inLanes then lanes else nodes
    let runs = float ((nodes + points - 1) / points)
    let batch = PathGraph.curvatures 1 points directions graph.Input graph.Output
    let inputs = if inLanes then batch.Points else []
    let plan = Plan.Compile(engine, inputs, batch.Inputs, batch.Outputs, 1)
    let generator = Generator 5UL
    let values = [| for input in batch.Inputs -> generator.Array(input.Size, 1.0) |]
    let results = plan.Run values

    // Steps of microseconds take many runs until all of them are compiled at the highest tier.
    for _ in 1..3 do
        Clock.seconds 0.7 (fun () -> plan.Run(values, results)) |> ignore
        System.Threading.Thread.Sleep 300

    let rounds = [| for _ in 1..200 -> plan.Profile values |]

    {
        MultiplyAdds = runs * plan.MultiplyAdds
        Memory = plan.MemoryPerRun
        Steps =
            rounds[0]
            |> Array.mapi (fun i step ->
                let seconds = rounds |> Array.map (fun round -> round[i].Seconds) |> Array.sort
                { step with Seconds = runs * seconds[rounds.Length / 2]; MultiplyAdds = runs * step.MultiplyAdds })
    }

/// Plans of a model's values at so many points: each way in which points can be laid out.
let valuePlans (model: Model) (points: int) : Plan list =
    let graph = model.Graph.Value
    let rows = Node.input "points" (Array.append [| points |] graph.Input.Shape)
    let values = Vmap.apply [ graph.Input, rows ] graph.Output

    [
        for lanes in [ []; [ rows, 0 ] ] -> Plan.Compile(Engine.best Precision.Double, lanes, [ rows ], [ values ], 1)
    ]

/// The plan of second derivatives along so many directions at so many points of one path, points in lanes or not, with values for all
/// that it needs.
let curvaturePlan (model: Model) (points: int) (directions: int) (inLanes: bool) : Plan * float[][] =
    let graph = model.Graph.Value
    let batch = PathGraph.curvatures 1 points (Some directions) graph.Input graph.Output
    let generator = Generator 5UL
    let arguments = [| for input in batch.Inputs -> generator.Array(input.Size, 1.0) |]
    let lanes = if inLanes then batch.Points else []
    Plan.Compile(Engine.best Precision.Double, lanes, batch.Inputs, batch.Outputs, 1), arguments

let private compileStep (network: Network) (loss: Loss) batch threads =
    TrainingStep.Compile(
        network,
        {
            Loss = loss
            Penalties = []
            Optimizer = Optimizer.adam
            GradientNorm = None
            Batch = batch
            TotalExamples = batch
            Precision = Precision.Single
            Threads = threads
        },
        None
    )

/// A step of training by Adam in single precision, on examples from the generator.
let trainingStep (network: Network) (loss: Loss) (batch: int) (threads: int) : unit -> unit =
    let step = compileStep network loss batch threads
    let generator = Generator 11UL
    let inputs = generator.Array(batch * (network.InputShape |> Array.fold (*) 1), 1.0)
    let outputs = network.OutputShape |> Array.fold (*) 1

    let targets =
        if outputs = 1 then generator.Array(batch, 1.0) else Array.init batch (fun i -> float (i % outputs))

    let weights = Array.create batch (1.0 / float batch)
    let mutable number = 0

    fun () ->
        number <- number + 1

        step.Run(inputs, targets, weights, 1e-3, number, RandomStream.Of(1, number), (fun _ -> [||]))
        |> ignore

/// How long each step of its plan takes on one thread, the shortest of many runs.
let trainingProfile (network: Network) (loss: Loss) (batch: int) : StepTime[] =
    let plan = (compileStep network loss batch 1).Plan
    let generator = Generator 11UL
    let values = [| for size in plan.InputSizes -> generator.Array(size, 0.1) |> Array.map abs |]
    let results = plan.Run values

    for _ in 1..3 do
        Clock.seconds 0.7 (fun () -> plan.Run(values, results)) |> ignore
        System.Threading.Thread.Sleep 300

    let rounds = [| for _ in 1..100 -> plan.Profile values |]

    rounds[0]
    |> Array.mapi (fun i step -> {
        step with
            Seconds = rounds |> Array.map (fun round -> round[i].Seconds) |> Array.min
    })
