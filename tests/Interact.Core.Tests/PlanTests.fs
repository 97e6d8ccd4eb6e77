/// What plans promise beside right values: the work they do, the memory they take, and the same bits whoever works on them.
module Interact.Core.Tests.PlanTests

open System
open System.Threading
open System.Threading.Tasks
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Transform
open Interact.Core.Tests.Generators
open Interact.Core.Tests.Numbers
open Xunit

/// A dense network with tanh and one output.
let private dense (sizes: int list) : Node * Node =
    let random = Random 5
    let input = Node.input "x" [| sizes.Head |]

    let weights rows columns =
        Tensor.create
            [| rows; columns |]
            (uniform random (rows * columns) |> Array.map (fun w -> w / sqrt (float rows)))

    let rec forward (x: Tensor) sizes =
        match sizes with
        | inner :: [ outer ] -> Tensor.matmul x (weights inner outer)
        | inner :: (outer :: _ as rest) -> forward (tanh (Tensor.matmul x (weights inner outer) + 0.1)) rest
        | _ -> x

    input, (forward (Tensor input) sizes).Node

let private curvaturePlan items points directions sizes =
    let input, output = dense sizes
    let graph = PathGraph.curvatures items points directions input output
    graph, Plan.Compile(graph.Inputs, graph.Outputs)

let private valuesFor (graph: BatchGraph) =
    let random = Random 8
    [| for input in graph.Inputs -> uniform random input.Size |]

[<Fact>]
let ``second derivatives by all features take the multiply-adds of the formula, half for what is symmetric`` () =
    let n, h1, h2, points = 30, 64, 32, 16
    let _, plan = curvaturePlan 1 points None [ n; h1; h2; 1 ]
    let n, h1, h2, points = float n, float h1, float h2, float points
    // The first layer at the baseline and along the path, once; the second forwards and back at every point, and the gradient.
    let sweeps = 2.0 * n * h1 + points * (2.0 * h1 * h2 + h1 * n)
    // By the first layer's results, all points in one product, of which half is computed; then by the features.
    let curvature = h1 * (h1 + 1.0) / 2.0 * h2 * points
    let features = n * h1 * h1 + n * n * h1
    Assert.Equal(sweeps + curvature + features, plan.MultiplyAdds, 1e-6)

[<Fact>]
let ``few directions are pushed through the network instead`` () =
    let n, h1, h2, k = 30.0, 64.0, 32.0, 4.0
    let _, plan = curvaturePlan 1 1 (Some 4) [ 30; 64; 32; 1 ]
    let sweeps = 2.0 * n * h1 + 2.0 * h1 * h2 + h1 * n
    let tangents = k * n * h1 + k * h1 * h2
    let curvature = k * (k + 1.0) / 2.0 * (h1 + h2)
    Assert.Equal(sweeps + tangents + curvature, plan.MultiplyAdds, 1e-6)

[<Fact>]
let ``a plan takes much less memory than the tangents of all points would`` () =
    let _, plan = curvaturePlan 1 16 None [ 100; 200; 150; 1 ]
    let tangents = 8L * 16L * 100L * (200L + 150L)
    Assert.InRange(plan.MemoryPerRun, 1L, tangents / 2L)

[<Theory>]
[<InlineData(1)>]
[<InlineData(2)>]
let ``runs allocate nothing once they have been through`` threads =
    let input, output = dense [ 20; 70; 60; 1 ]
    let graph = PathGraph.curvatures 2 9 None input output
    let plan = Plan.Compile(graph.Inputs, graph.Outputs, Precision.Double, threads)
    let values = valuesFor graph
    let results = plan.Run values

    let measure () =
        let before = GC.GetAllocatedBytesForCurrentThread()

        for _ in 1..20 do
            plan.Run(values, results)

        GC.GetAllocatedBytesForCurrentThread() - before

    // The pool of threads may allocate when it is first used.
    measure () |> ignore
    Assert.Equal(0L, Seq.min (Seq.init 5 (fun _ -> measure ())))

[<Theory>]
[<InlineData(2)>]
[<InlineData(4)>]
let ``several threads on one run compute the same bits`` threads =
    let input, output = dense [ 60; 130; 110; 1 ]
    let graph = PathGraph.curvatures 1 16 None input output
    let values = valuesFor graph
    let alone = Plan.Compile(graph.Inputs, graph.Outputs).Run values
    let plan = Plan.Compile(graph.Inputs, graph.Outputs, Precision.Double, threads)

    for _ in 1..10 do
        Array.iter2 sameBits alone (plan.Run values)

[<Fact>]
let ``plans of random graphs compute what plain loops do, in either precision`` () =
    holdsFor 100 (RandomGraphs.graphs true) (fun case ->
        let input = Node.input "x" [| case.Length |]
        let x = uniform (Random case.Seed) case.Length
        let output = (RandomGraphs.toFunction case (Tensor input)).Node
        let graph = Vjp.grad input output
        let expected = plainValueWith [ input, x ] graph
        let scale = expected |> Array.fold (fun largest value -> max largest (abs value)) 1.0
        let run precision = Plan.Compile([ input ], [ graph ], precision, 1).Run([| x |]).[0]
        close (1e-12 * scale) expected (run Precision.Double)

        // Cancellation may cost digits of single precision that the size of the result does not show.
        Array.iter2
            (fun (e: float) a -> Assert.InRange(abs (e - a), 0.0, 1e-2 * scale))
            expected
            (run Precision.Single))

let private rowsOf (model: Model) count : PathTask[] = [|
    for row in 0 .. count - 1 ->
        let random = Random row
        { Row = row; Input = uniform random model.InputSize; Baseline = Array.zeroCreate model.InputSize }
|]

let private modelOf sizes =
    let input, output = dense sizes
    Model.ofGraph (GraphFunction(input, output, (fun _ -> None)))

[<Theory>]
[<InlineData(1)>]
[<InlineData(2)>]
[<InlineData(4)>]
let ``one row explained by several threads is the same bits`` threads =
    let model = modelOf [ 40; 90; 80; 1 ]
    let tasks = rowsOf model 1
    let alone = IntegratedHessians.explainRows PathOptions.defaults model tasks |> Array.exactlyOne

    let together =
        RowStream.explain
            threads
            (fun options -> IntegratedHessians.explainRows options model)
            PathOptions.defaults
            tasks
        |> Seq.exactlyOne

    sameBits (interactions alone) (interactions together)
    Assert.Equal(alone.Certificate, together.Certificate)

[<Fact>]
let ``rows are divided among threads, and threads among rows`` () =
    let divide threads rows = RowStream.divide threads (MemoryBudget(1L <<< 32)) 30 rows
    let few = divide 8 2
    Assert.Equal((2, 4, 1), (few.Workers, few.ThreadsEach, few.RowsEach))
    let many = divide 2 1000
    Assert.Equal((2, 1, 16), (many.Workers, many.ThreadsEach, many.RowsEach))

[<Fact>]
let ``points of a path that do not fit the memory are divided among runs`` () =
    let model = modelOf [ 30; 50; 40; 30; 1 ]
    let task = rowsOf model 1
    let options = { PathOptions.defaults with Tolerance = 1e-9 }
    let whole = IntegratedHessians.explainRows options model task |> Array.exactlyOne
    let little = { options with Memory = MemoryBudget 300_000L }
    let divided = IntegratedHessians.explainRows little model task |> Array.exactlyOne
    Assert.True(divided.Certificate.Satisfied)
    close 1e-14 (interactions whole) (interactions divided)

[<Fact>]
let ``memory that is taken makes others wait, and who is alone never waits`` () =
    let budget = MemoryBudget 100L
    budget.Enter 1000L
    let other = Task.Run(fun () -> budget.Enter 10L)
    Assert.False(other.Wait 50)
    budget.Leave 1000L
    Assert.True(other.Wait 10_000)
    budget.Enter 90L

    Assert.Throws<ArgumentException>(fun () -> MemoryBudget 0L |> ignore) |> ignore

[<Fact>]
let ``single precision tells in the certificate what it costs`` () =
    let model = modelOf [ 30; 64; 32; 1 ]
    let tasks = rowsOf model 6
    let exact = IntegratedHessians.explainRows { PathOptions.defaults with Tolerance = 1e-11 } model tasks

    let single tolerance =
        IntegratedHessians.explainRows
            { PathOptions.defaults with Precision = Precision.Single; Tolerance = tolerance }
            model
            tasks

    for expected, actual in Array.zip exact (single 1e-4) do
        let largest = interactions expected |> Array.fold (fun largest value -> max largest (abs value)) 0.0

        let error =
            Array.map2 (fun e a -> abs (e - a)) (interactions expected) (interactions actual) |> Array.max

        Assert.True(actual.Certificate.Satisfied)
        // It is single precision, and the certificate knows.
        Assert.InRange(error, 1e-9 * largest, 1e-5 * largest)
        Assert.InRange(actual.Certificate.ErrorEstimate, error / 3.0, 1e-4 * actual.Certificate.Scale)

    for explanation in single 1e-12 do
        Assert.False explanation.Certificate.Satisfied

[<Fact>]
let ``gradients in single precision are measured by values in double`` () =
    let model = modelOf [ 10; 20; 1 ]
    let options = { PathOptions.defaults with Precision = Precision.Single; Tolerance = 1e-4 }
    let exact = IntegratedGradients.explainRows PathOptions.defaults model (rowsOf model 3)

    for expected, actual in Array.zip exact (IntegratedGradients.explainRows options model (rowsOf model 3)) do
        Assert.True actual.Certificate.Satisfied
        close (1e-5 * expected.Certificate.Scale) expected.Attributions actual.Attributions
        Assert.InRange(actual.Certificate.ErrorEstimate, actual.Certificate.CompletenessResidual, infinity)

[<Fact>]
let ``single precision of a model that is no graph is refused`` () =
    let oracle = Model.ofDifferentiable (modelOf [ 3; 4; 1 ]).Function
    let options = { PathOptions.defaults with Precision = Precision.Single }

    let problem =
        Assert.Throws<ArgumentException>(fun () ->
            IntegratedHessians.explainRows options oracle (rowsOf oracle 1) |> ignore)

    Assert.Contains("single precision", problem.Message)

type private Counting(parts: int[], failsAt: int) =
    inherit DividedWork()

    override _.Run part =
        if part = failsAt then raise (InvalidOperationException "part failed")
        Interlocked.Increment &parts[part] |> ignore

[<Fact>]
let ``a team does every part once, and raises what a part raises`` () =
    let team = Team 4

    for round in 1..2000 do
        let count = 1 + round % 7
        let parts = Array.zeroCreate<int> count
        team.Run(Counting(parts, -1), count)
        Assert.All(parts, (fun times -> Assert.Equal(1, times)))

    Assert.Throws<InvalidOperationException>(fun () -> team.Run(Counting(Array.zeroCreate 5, 3), 5))
    |> ignore

    let parts = Array.zeroCreate<int> 5
    team.Run(Counting(parts, -1), 5)
    Assert.All(parts, (fun times -> Assert.Equal(1, times)))

[<Fact>]
let ``plans of all precisions and instruction sets share a constant's node, not its packed elements`` () =
    let input, output = dense [ 9; 20; 13; 1 ]
    let gradient = Vjp.grad input output
    let x = uniform (Random 3) 9
    let expected = plainValueWith [ input, x ] gradient

    for set in [ Avx512; Avx2; AdvSimd; Portable ] do
        for precision in [ Precision.Double; Precision.Single; Precision.Double ] do
            let plan = Plan.Compile(Engine.create set precision, [ input ], [ gradient ], 1)
            let tolerance = if precision = Precision.Double then 1e-13 else 1e-5
            close tolerance expected (plan.Run([| x |]).[0])

[<Fact>]
let ``rows of an attention model are the same bits alone and together`` () =
    let random = Random 12
    let weights rows columns = Tensor.create [| rows; columns |] (uniform random (rows * columns))

    let attention (x: Tensor) =
        let tokens = Tensor.reshape [| 3; 4 |] x

        let q, k, v =
            Tensor.matmul tokens (weights 4 4), Tensor.matmul tokens (weights 4 4), Tensor.matmul tokens (weights 4 4)

        let mixed = Tensor.matmul (Tensor.softmax 1 (Tensor.matmul q (Tensor.transpose k))) v
        Tensor.sum (Tensor.sigmoid (mixed * tokens))

    let model = Model.ofFunction 12 attention
    let tasks = rowsOf model 13
    let explain = IntegratedHessians.explainRows PathOptions.defaults model
    let alone = tasks |> Array.map (fun task -> explain [| task |] |> Array.exactlyOne)

    for count in [ 2; 5; 13 ] do
        tasks
        |> Array.chunkBySize count
        |> Array.collect explain
        |> Array.iter2 (fun expected actual -> sameBits (interactions expected) (interactions actual)) alone
