/// Plans whose points are lanes of vectors, windows that are never copied, and the order of steps: right values, and what is promised.
module Interact.Core.Tests.LanePlanTests

open System
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Transform
open Interact.Core.Tests.Generators
open Interact.Core.Tests.Numbers
open Xunit

let private double = Engine.best Precision.Double
let private single = Engine.best Precision.Single

/// The value of a function at many points, and of a plan in which these are lanes.
let private inLanes (engine: Engine) (count: int) (input: Node) (output: Node) (x: float[]) =
    let points = Node.input "points" (Array.append [| count |] input.Shape)
    let all = Vmap.apply [ input, points ] output
    plainValueWith [ points, x ] all, Plan.Compile(engine, [ points, 0 ], [ points ], [ all ], 1).Run([| x |]).[0]

[<Fact>]
let ``lanes of random graphs compute what plain loops do, in either precision`` () =
    holdsFor 200 (RandomGraphs.graphs true) (fun case ->
        let input = Node.input "x" [| case.Length |]
        let output = (RandomGraphs.toFunction case (Tensor input)).Node |> Vjp.grad input
        let x = uniform (Random case.Seed) (16 * case.Length)
        let expected, found = inLanes double 16 input output x
        let scale = expected |> Array.fold (fun largest value -> max largest (abs value)) 1.0
        close (1e-12 * scale) expected found
        let expected, found = inLanes single 16 input output x

        // Cancellation may cost digits of single precision that the size of the result does not show.
        Array.iter2 (fun (e: float) a -> Assert.InRange(abs (e - a), 0.0, 1e-2 * scale)) expected found)

/// A convolution of 2 x 7 x 6 with strides 2 and 1, dilations 1 and 2 and zeros at the edges, by windows; then tanh and a weighted sum.
let private convolution (x: Node) =
    let window count stride size dilation = [|
        for place in 0 .. count - 1 do
            for k in 0 .. size - 1 -> place * stride + k * dilation
    |]

    let padded size = [| -1; yield! [ 0 .. size - 1 ]; -1 |]
    let random = Random 3

    let patches =
        x
        |> Node.reshape [| 2; 7; 6 |]
        |> Node.gather 1 (padded 7)
        |> Node.gather 2 (padded 6)
        |> Node.gather 1 (window 4 2 3 1)
        |> Node.gather 2 (window 6 1 2 2)
        |> Node.reshape [| 2; 4; 3; 6; 2 |]

    let kernels = Node.constant [| 3; 2; 3; 2 |] (uniform random 36)

    let convolved =
        Product.contract
            { Left = [| 0; 1; 2; 3 |]; Right = [| 1; 4; 2; 5; 3 |]; Output = [| 0; 4; 5 |] }
            kernels
            patches

    let weights = Node.constant [| 3; 4; 6 |] (uniform random 72)
    Product.dot weights (Node.elementwise Tanh [ convolved ])

/// The convolution by its definition.
let private convolved (x: float[]) =
    let random = Random 3
    let kernels = uniform random 36
    let weights = uniform random 72

    let at channel row column =
        if row < 0 || row > 6 || column < 0 || column > 5 then 0.0 else x[(channel * 7 + row) * 6 + column]

    Seq.sum (
        seq {
            for filter in 0..2 do
                for row in 0..3 do
                    for column in 0..5 do
                        let sum =
                            Seq.sum (
                                seq {
                                    for channel in 0..1 do
                                        for down in 0..2 do
                                            for right in 0..1 do
                                                kernels[((filter * 2 + channel) * 3 + down) * 2 + right]
                                                * at channel (2 * row + down - 1) (column + 2 * right - 1)
                                }
                            )

                        weights[(filter * 4 + row) * 6 + column] * tanh sum
        }
    )

[<Fact>]
let ``windows of a convolution give what its definition does, and no copy of them is made`` () =
    let input = Node.input "x" [| 84 |]
    let x = uniform (Random 4) (8 * 84)
    let output = convolution input
    let expected = x |> Array.chunkBySize 84 |> Array.map convolved
    let _, found = inLanes double 8 input output x
    close 1e-13 expected found
    close 1e-13 expected[..0] (Plan.Compile([ input ], [ output ]).Run([| x[..83] |]).[0])

    // Of the gathers only those are carried out that put zeros at the edges.
    let points = Node.input "points" [| 8; 84 |]
    let plan = Plan.Compile(double, [ points, 0 ], [ points ], [ Vmap.apply [ input, points ] output ], 1)
    let gathers = plan.Profile [| x |] |> Array.filter (fun step -> step.Step.StartsWith "gather")
    Assert.Equal(2, gathers.Length)

[<Fact>]
let ``windows that something else reads are laid out`` () =
    let input = Node.input "x" [| 9 |]
    let picked = [| 0; 1; 2; 2; 3; 4; 4; 5; 6 |]
    let windows = Node.gather 0 picked input
    let sums = windows |> Node.reshape [| 3; 3 |] |> Product.sum [| 1 |]
    let further = windows |> Node.gather 0 [| 8; 0; 8; 3 |]
    let whole = windows |> Node.reshape [| 9; 1 |]
    let x = uniform (Random 6) 9
    let results = Plan.Compile([ input ], [ windows; sums; further; whole ]).Run [| x |]
    let expected = picked |> Array.map (fun i -> x[i])
    close 0.0 expected results[0]
    close 1e-15 (expected |> Array.chunkBySize 3 |> Array.map Array.sum) results[1]
    close 0.0 [| expected[8]; expected[0]; expected[8]; expected[3] |] results[2]
    close 0.0 expected results[3]

[<Fact>]
let ``gradients and second derivatives at any number of points are those of each point`` () =
    let input = Node.input "x" [| 84 |]
    let output = convolution input |> Node.reshape [| 1 |]
    Assert.True(Lanes.mostDirections 8 input output >= 84)
    let evaluated = GraphFunction(input, output, (fun _ -> None)) :> IDifferentiable
    let random = Random 9
    let baseline, displacement = uniform random 84, uniform random 84
    let scalar = output |> Node.reshape [||]
    let gradient = Vjp.grad input scalar
    let hessian = Curvature.hessian input scalar

    for count in [ 1; 3; 4; 8; 13; 16 ] do
        let nodes = Array.init count (fun i -> (float i + 0.5) / float count)
        let weights = uniform random count
        let points = { Baseline = baseline; Displacement = displacement; Output = [| 1.0 |]; Nodes = nodes }
        let at t = Array.map2 (fun b d -> b + t * d) baseline displacement
        let each = nodes |> Array.map (fun t -> Run.once [ input, at t ] [ gradient; hessian ])
        let gradients = each |> Array.collect (fun results -> results[0])

        let curvature =
            Array.init (84 * 84) (fun i ->
                Seq.sum (Seq.map2 (fun (w: float) (r: float[][]) -> w * r[1][i]) weights each))

        close 1e-12 gradients (evaluated.Gradients [| points |]).[0]

        let found =
            (evaluated.Curvatures [| { Points = points; Weights = weights; Directions = EachFeature } |]).[0]

        close 1e-12 gradients found.Gradients
        close 1e-12 curvature found.Curvature

[<Fact>]
let ``dense networks make matrices, networks with several axes lanes`` () =
    let input = Node.input "x" [| 1; 6 |]
    let weights = Node.constant [| 6; 5 |] (uniform (Random 1) 30)
    Assert.Equal(0, Lanes.mostDirections 8 input (Node.elementwise Tanh [ Product.matmul input weights ]))
    let tokens = Node.input "x" [| 4; 6 |]
    let small = Node.elementwise Tanh [ Product.matmul tokens weights ]
    // 16 MiB hold so many values of 4 x 5 doubles at 8 points.
    Assert.Equal(16 * 1024 * 1024 / (4 * 5 * 8 * 8), Lanes.mostDirections 8 tokens small)

/// A step that only says what it reads and writes.
type private NamedStep(name: string, reads, writes) =
    inherit Step(reads, writes)
    override _.Describe = name

    override _.Bind() = {
        new BoundStep() with
            override _.Run(_, _, _, _) = ()
    }

[<Fact>]
let ``steps come after what they read, and values that are large wait until they are needed`` () =
    // Two values of 100 elements are made from one input, each is reduced to one element; then these are added.
    let steps: Step[] = [|
        NamedStep("expand a", [| 0 |], [| 1 |])
        NamedStep("expand b", [| 0 |], [| 2 |])
        NamedStep("reduce a", [| 1 |], [| 3 |])
        NamedStep("reduce b", [| 2 |], [| 4 |])
        NamedStep("add", [| 3; 4 |], [| 5 |])
    |]

    let order = Schedule.order steps [| 10; 100; 100; 1; 1; 1 |] (fun buffer -> buffer = 0 || buffer = 5)
    let names = order |> Array.map _.Describe
    let place name = Array.findIndex ((=) name) names
    Assert.Equal(5, names.Length)
    Assert.Equal(1, abs (place "reduce a" - place "expand a"))
    Assert.Equal(1, abs (place "reduce b" - place "expand b"))
    Assert.Equal("add", Array.last names)

[<Fact>]
let ``a sum goes inside a transposition, where it meets the product`` () =
    let random = Random 12
    let a, b = Node.input "a" [| 5; 3; 4 |], Node.input "b" [| 5; 6; 4 |]

    let product =
        Product.contract { Left = [| 0; 1; 3 |]; Right = [| 0; 2; 3 |]; Output = [| 0; 1; 2 |] } a b

    let turned = product |> Node.transpose [| 0; 2; 1 |]
    let sum = turned |> Product.sum [| 0 |]
    let direct = product |> Product.sum [| 0 |] |> Node.transpose [| 1; 0 |]
    Assert.Same(direct, sum)
    let x, y = uniform random a.Size, uniform random b.Size

    let expected =
        Array.init 18 (fun at ->
            let j, i = at / 3, at % 3

            Seq.sum (
                seq {
                    for batch in 0..4 do
                        for k in 0..3 -> x[(batch * 3 + i) * 4 + k] * y[(batch * 6 + j) * 4 + k]
                }
            ))

    close 1e-13 expected (Run.once [ a, x; b, y ] [ sum ]).[0]

[<Fact>]
let ``constants of one array and shape are one node, however large`` () =
    let values = uniform (Random 2) 200
    let node = Node.constant [| 200 |] values
    Assert.Same(node |> Node.reshape [| 10; 20 |], node |> Node.reshape [| 10; 20 |])
    Assert.Same(node, Node.constant [| 200 |] values)
    Assert.NotSame(node, Node.constant [| 200 |] (Array.copy values))

[<Fact>]
let ``sums of what is larger than its factors never form it, whatever moves lie between`` () =
    let random = Random 15
    let a, b = Node.input "a" [| 3; 1; 6; 4 |], Node.input "b" [| 1; 5; 6; 1 |]
    let x, y = uniform random a.Size, uniform random b.Size
    let product = Node.multiply (Node.multiply a b) a
    let windows = [| 0; 1; 2; 1; 2; 3; 2; 3; 4 |]

    let moved =
        product
        |> Node.gather 2 [| -1; 0; 1; 2; 3; 4; 5; -1 |]
        |> Node.gather 2 windows
        |> Node.reshape [| 3; 5; 3; 3; 2; 2 |]
        |> Node.transpose [| 1; 0; 2; 3; 4; 5 |]

    let sum = moved |> Product.sum [| 3; 5 |]

    let isWhole (node: Node) = node.Size >= product.Size
    Assert.DoesNotContain(Graph.nodes [ sum ], isWhole)

    let value i j k l = if k < 0 || k > 5 then 0.0 else x[(i * 6 + k) * 4 + l] ** 2.0 * y[j * 6 + k]

    let expected =
        Array.init (5 * 3 * 3 * 2) (fun at ->
            let j, i, place, half = at / 18, at / 6 % 3, at / 2 % 3, at % 2

            Seq.sum (
                seq {
                    for k in 0..2 do
                        for inner in 0..1 -> value i j (windows[3 * place + k] - 1) (2 * half + inner)
                }
            ))

    close 1e-13 expected (Run.once [ a, x; b, y ] [ sum ]).[0]

/// A plan with lanes against plain loops.
let private checkLanes lanes inputs (output: Node) =
    let random = Random 21
    let values = inputs |> List.map (fun (input: Node) -> uniform random input.Size)
    let expected = plainValueWith (List.zip inputs values) output
    close 1e-12 expected (Plan.Compile(double, lanes, inputs, [ output ], 1).Run(Array.ofList values).[0])

[<Fact>]
let ``values with lanes along two axes are right`` () =
    for k in [ 1; 2; 3 ] do
        let a, b, c = Node.input "a" [| 8; 1; k |], Node.input "b" [| 1; 8; 1 |], Node.input "c" [| 1; 8; k |]
        let tanh node = Node.elementwise Tanh [ node ]
        let left = Node.multiply (tanh a) (Node.multiply (tanh b) (tanh c))
        let m = Node.constant [| k; 5 |] (uniform (Random 4) (5 * k))

        Product.contract { Left = [| 0; 1; 2 |]; Right = [| 2; 3 |]; Output = [| 0; 1; 3 |] } left m
        |> checkLanes [ a, 0; b, 1; c, 1 ] [ a; b; c ]

[<Fact>]
let ``a symmetric product of all pairs of lanes is right`` () =
    let x = Node.input "x" [| 8; 5 |]
    let t = Node.elementwise Tanh [ x ]

    Product.contract { Left = [| 0; 1 |]; Right = [| 2; 1 |]; Output = [| 0; 2 |] } t t
    |> checkLanes [ x, 0 ] [ x ]

[<Fact>]
let ``what a run holds does not depend on the number of threads, and scratch memory stays small`` () =
    let side = 2116
    let x, y = Node.input "x" [| 8; side |], Node.input "y" [| 8; side |]
    let tanh node = Node.elementwise Tanh [ node ]

    let sums =
        Product.contract { Left = [| 0; 1 |]; Right = [| 0; 2 |]; Output = [| 1; 2 |] } (tanh x) (tanh y)

    let plan threads = Plan.Compile(double, [ x, 0; y, 0 ], [ x; y ], [ sums ], threads)
    let alone = plan 1

    for threads in [ 4; 64 ] do
        let together = plan threads
        Assert.Equal(alone.MemoryOnOneThread, together.MemoryOnOneThread)
        Assert.InRange(together.MemoryPerRun, alone.MemoryPerRun, alone.MemoryPerRun + int64 threads * 4_000_000L)
