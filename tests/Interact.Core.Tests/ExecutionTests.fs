/// Kernels against plain loops at sizes that vectors do not fit, and results that are the same bits however the work is divided.
module Interact.Core.Tests.ExecutionTests

open System
open System.Threading.Tasks
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Tests.Generators
open Interact.Core.Tests.Numbers
open Xunit

/// None at all, one, around the lengths of vectors, odd, and more than fits a vector many times over.
let private sizes = [ 0; 1; 2; 3; 4; 5; 7; 8; 9; 15; 16; 17; 31; 33; 64; 100; 1027 ]

/// Numbers of all signs, well inside the domain of every function that has one.
let private argumentsFor f (random: Random) size =
    let raw = uniform random size

    match f with
    | Log
    | Log1p
    | Sqrt
    | Reciprocal
    | Power -> raw |> Array.map (fun v -> 1.5 + v)
    | Acosh -> raw |> Array.map (fun v -> 2.5 + v)
    | Asin
    | Acos
    | Atanh -> raw |> Array.map (fun v -> 0.9 * v)
    | _ -> raw |> Array.map (fun v -> 3.0 * v)

let functions = TheoryData<string>(elementwise |> List.map string)

let private checkAgainstPlain tolerance (operands: (Node * float[]) list) (node: Node) =
    close tolerance (plainValueWith operands node) (valueWith operands node)

[<Theory; MemberData(nameof functions)>]
let ``elementwise kernels are the plain loop at every size and stride`` name =
    let f = elementwise |> List.find (fun f -> string f = name)
    let random = Random 11

    let check shapes =
        let inputs = shapes |> List.map (Node.input "x")
        let operands = inputs |> List.map (fun input -> input, argumentsFor f random input.Size)
        // Kernels are accurate to 2 units in the last place; some plain functions, such as erf, only to 10.
        checkAgainstPlain 2.5e-15 operands (Node.elementwise f inputs)

    for size in sizes do
        match Elementwise.arity f with
        | 1 -> check [ [| size |] ]
        | 2 ->
            for shapes in
                [
                    [ [| size |]; [| size |] ]
                    [ [| size |]; [| 1 |] ]
                    [ [||]; [| size |] ]
                    [ [| 3; size |]; [| size |] ]
                    [ [| 3; 1 |]; [| 3; size |] ]
                    [ [| size; 1 |]; [| 1; 5 |] ]
                    [ [| 2; 1; size |]; [| 1; 3; 1 |] ]
                ] do
                check shapes
        | _ ->
            for shapes in [ [ [| size |]; [| size |]; [| 1 |] ]; [ [| 3; 1 |]; [| 3; size |]; [| size |] ] ] do
                check shapes

/// Rows, columns and depth of matrix products: every combination of small ones, and some large ones.
let private products =
    [ 65, 130, 257; 1, 301, 64; 301, 1, 64; 128, 128, 128 ]
    @ [
        for m in [ 0; 1; 2; 3; 5; 8; 9; 17 ] do
            for n in [ 0; 1; 2; 4; 7; 8; 9; 33 ] do
                for k in [ 0; 1; 2; 6; 8; 31 ] -> m, n, k
    ]

[<Fact>]
let ``matrix products are the plain loop at every size`` () =
    let random = Random 12

    for m, n, k in products do
        let a = Node.input "a" [| m; k |]
        let b = Node.input "b" [| k; n |]
        let operands = [ a, uniform random a.Size; b, uniform random b.Size ]
        checkAgainstPlain 1e-13 operands (Product.matmul a b)

        if m * n * k < 5000 then
            // Transposed operands and results, and weights on the summed axis, which take other ways through the kernels.
            let turned (node: Node) = node |> Node.transpose [| 1; 0 |]
            checkAgainstPlain 1e-13 operands (turned (Product.matmul a b))
            let c = Node.input "c" [| n; k |]
            let operands = [ a, snd operands.Head; c, uniform random c.Size ]
            checkAgainstPlain 1e-13 operands (Product.matmul a (turned c))
            checkAgainstPlain 1e-13 operands (Product.matmul c (turned a))

[<Fact>]
let ``batched matrix products are the plain loop`` () =
    let random = Random 13

    for batch in [ 0; 1; 2; 5 ] do
        for m, n, k in [ 1, 1, 1; 3, 4, 5; 8, 9, 7; 16, 33, 20 ] do
            let a = Node.input "a" [| batch; m; k |]
            let b = Node.input "b" [| batch; k; n |]
            let shared = Node.input "shared" [| k; n |]
            let operands = [ a, uniform random a.Size; b, uniform random b.Size; shared, uniform random shared.Size ]
            checkAgainstPlain 1e-13 operands (Product.matmul a b)
            checkAgainstPlain 1e-13 operands (Product.matmul a shared)
            checkAgainstPlain 1e-13 operands (Product.sum [| 0 |] (Product.matmul a b))

[<Fact>]
let ``an inner product of nothing is zero`` () =
    let a = Node.input "a" [| 2; 0 |]
    let b = Node.input "b" [| 0; 3 |]
    Assert.Equal<float[]>(Array.zeroCreate 6, valueWith [ a, [||]; b, [||] ] (Product.matmul a b))
    Assert.Equal<float[]>([| 0.0; 0.0 |], valueWith [ a, [||] ] (Product.sum [| 1 |] a))

/// All orders of the items.
let rec private permutations items =
    match items with
    | [] -> [ [] ]
    | _ -> [
        for item in items do
            for rest in permutations (List.except [ item ] items) -> item :: rest
      ]

/// All selections of the items.
let private subsets (items: int[]) = [
    for mask in 0 .. (1 <<< items.Length) - 1 -> items |> Array.filter (fun i -> mask &&& (1 <<< i) <> 0)
]

[<Fact>]
let ``maps of elements are the plain loop`` () =
    let random = Random 14

    for shape in [ [| 2; 3; 4; 5 |]; [| 1; 7; 1; 3 |]; [| 17; 1; 1; 9 |]; [| 2; 0; 3; 1 |] ] do
        let x = Node.input "x" shape
        let operands = [ x, uniform random x.Size ]
        let check (node: Node) = checkAgainstPlain 1e-14 operands node

        for permutation in permutations [ 0..3 ] do
            check (x |> Node.transpose (Array.ofList permutation))

        for axes in subsets [| 0..3 |] do
            check (Product.sum axes x)
            if x.Size > 0 then check (Node.maximum axes x)

        for axis in 0..3 do
            let size = shape[axis]
            check (Node.concat axis [ x; x; x ])
            check (x |> Node.gather axis (Array.init 6 (fun _ -> random.Next(size + 1) - 1)))
            check (x |> Node.scatter axis (Array.init size (fun _ -> random.Next 4 - 1)) 3)
            let once = x |> Node.gather axis [| -1 |]
            check (once |> Node.broadcast (shape |> Array.mapi (fun a n -> if a = axis then 4 else n)))

[<Fact>]
let ``runs leave their inputs and earlier results alone`` () =
    let x = Node.input "x" [| 5 |]
    let plan = Plan.Compile([ x ], [ x; Node.elementwise Exp [ x ]; x |> Node.reshape [| 5; 1 |] ])
    let given = [| 1.0; 2.0; 3.0; 4.0; 5.0 |]
    let first = plan.Run [| given |]
    let kept = first |> Array.map Array.copy
    first[0][0] <- 100.0
    let second = plan.Run [| Array.map ((+) 1.0) given |]
    Assert.Equal<float[]>([| 1.0; 2.0; 3.0; 4.0; 5.0 |], given)
    Assert.Equal<float[]>(kept[1], first[1])
    Assert.Equal<float[]>(kept[2], first[2])
    Assert.Equal<float[]>(given |> Array.map (fun v -> exp (v + 1.0)), second[1])

[<Fact>]
let ``values and results in pieces are those in one piece`` () =
    let input = Node.input "x" [| 6 |]
    let scale = Node.input "scale" [| 1 |]

    let plan =
        Plan.Compile(
            [ input; scale ],
            [ Node.multiply (Node.elementwise Exp [ input ]) scale; Node.elementwise Tanh [ input ] ]
        )

    let values = [| -1.0; 0.5; 0.25; 2.0; -0.75; 0.0 |]
    let first = [| Array.zeroCreate 4; Array.zeroCreate 2 |]
    // Of the second output the beginning alone.
    let second = [| Array.zeroCreate 1; Array.zeroCreate 2 |]
    plan.RunInPieces([| [| values[..0]; values[1..4]; values[5..] |]; [| [| 3.0 |] |] |], [| first; second |])
    close 1e-15 (values |> Array.map (fun x -> 3.0 * exp x)) (Array.concat first)
    close 1e-15 (values[..2] |> Array.map tanh) (Array.concat second)

    for pieces, wanted in [ [| values[..4] |], first; [| values |], [| Array.zeroCreate 7 |] ] do
        Assert.Throws<ArgumentException>(fun () ->
            plan.RunInPieces([| pieces; [| [| 3.0 |] |] |], [| wanted; second |]))
        |> ignore

[<Fact>]
let ``a plan runs on several threads at once`` () =
    let x = Node.input "x" [| 40 |]
    let outer = Product.matmul (x |> Node.reshape [| 40; 1 |]) (x |> Node.reshape [| 1; 40 |])
    let plan = Plan.Compile([ x ], [ Product.sum [| 0; 1 |] (Node.elementwise Tanh [ outer ]) ])
    let values = [| for k in 0..199 -> uniform (Random k) 40 |]
    let alone = values |> Array.map (fun value -> (plan.Run [| value |]).[0].[0])
    let together = Array.zeroCreate<float> values.Length

    Parallel.For(0, values.Length, (fun k -> together[k] <- (plan.Run [| values[k] |]).[0].[0]))
    |> ignore

    sameBits alone together

let private sameExplanation (expected: Explanation) (actual: Explanation) =
    sameBits expected.Attributions actual.Attributions
    sameBits (interactions expected) (interactions actual)
    Assert.Equal(expected.Certificate, actual.Certificate)
    Assert.Equal(expected.Row, actual.Row)

let private tasksOf (problem: Problem) count = [|
    for row in 0 .. count - 1 ->
        let random = Random row
        let length = problem.Input.Length
        let move (values: float[]) = Array.map2 (+) values (uniform random length)
        { Row = row; Input = move problem.Input; Baseline = move problem.Baseline }
|]

[<Fact>]
let ``a row's explanation is the same bits however many rows are explained together`` () =
    holdsFor 40 problems (fun problem ->
        let model = Problem.model problem
        let tasks = tasksOf problem 17
        let explain = IntegratedHessians.explainRows IntegratedHessians.defaults model
        let alone = tasks |> Array.map (fun task -> explain [| task |] |> Array.exactlyOne)

        for count in [ 2; 3; 5; 16; 17 ] do
            tasks |> Array.chunkBySize count |> Array.collect explain |> Array.iter2 sameExplanation alone)

[<Theory>]
[<InlineData(1)>]
[<InlineData(2)>]
[<InlineData(4)>]
let ``explanations come in order and are the same bits on any number of threads`` threads =
    let layers = [ 12, Tanh; 7, Softplus ]

    let problem = {
        Function = Dense { Layers = layers; Seed = 3 }
        Baseline = Array.zeroCreate 6
        Input = Array.create 6 1.0
    }

    let model = Problem.model problem
    let tasks = tasksOf problem 90
    let explain = IntegratedHessians.explainRows IntegratedHessians.defaults model
    let alone = tasks |> Array.map (fun task -> explain [| task |] |> Array.exactlyOne)
    let explain options = IntegratedHessians.explainRows options model

    RowStream.explain threads explain PathOptions.defaults tasks
    |> Array.ofSeq
    |> Array.iter2 sameExplanation alone

[<Fact>]
let ``a stream raises what the method raises once the row's turn comes`` () =
    let explain options (tasks: PathTask[]) =
        if tasks |> Array.exists (fun task -> task.Row = 40) then
            raise (NotFiniteException(40, "not finite"))

        tasks |> IntegratedGradients.explainRows options (Model.ofFunction 1 Tensor.sum)

    let tasks = seq { for row in 0..99 -> { Row = row; Input = [| 1.0 |]; Baseline = [| 0.0 |] } }
    let seen = ResizeArray<int>()

    let problem =
        Assert.Throws<NotFiniteException>(fun () ->
            for explanation in RowStream.explain 2 explain PathOptions.defaults tasks do
                seen.Add explanation.Row)

    Assert.Equal(40, problem.Row)
    Assert.InRange(seen.Count, 1, 40)
    Assert.Equal<int seq>(seq { 0 .. seen.Count - 1 }, seen)

    Assert.Throws<ArgumentException>(fun () ->
        RowStream.explain 0 explain PathOptions.defaults tasks |> Seq.length |> ignore)
    |> ignore

[<Fact>]
let ``a stream reads no further ahead than it has room for`` () =
    let mutable read = 0

    let tasks =
        seq {
            for row in 0..9_999 do
                read <- read + 1
                { Row = row; Input = [| 1.0 |]; Baseline = [| 0.0 |] }
        }

    let explain options = IntegratedGradients.explainRows options (Model.ofFunction 1 Tensor.sum)

    Assert.Equal(3, RowStream.explain 2 explain PathOptions.defaults tasks |> Seq.truncate 3 |> Seq.length)
    Assert.InRange(read, 3, 400)
