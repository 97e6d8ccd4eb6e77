/// Graphs of tens of thousands of functions: nothing walks over them by recursion, and their derivatives are those of the formula.
module Interact.Core.Tests.DeepGraphTests

open System
open System.Threading
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Transform
open Xunit

let private unary f a = Node.elementwise f [ a ]

/// Runs work on a stack that a recursion by depth would overflow.
let private onSmallStack (work: unit -> 'T) : 'T =
    let mutable result = Error(InvalidOperationException() :> exn)

    let run () =
        result <-
            try
                Ok(work ())
            with error ->
                Error error

    let thread = Thread(run, 512 * 1024)
    thread.Start()
    thread.Join()

    match result with
    | Ok value -> value
    | Error error -> raise error

/// x -> sin(scale·x), over and over.
let private chain depth scale (input: Node) =
    Seq.fold (fun value _ -> Node.multiply (Node.scalar scale) value |> unary Sin) input (seq { 1..depth })

/// Value, first and second derivative of the chain at a number, by the recurrence of its derivatives.
let private derivatives depth scale (x: float) =
    Seq.fold
        (fun struct (y, first, second) _ ->
            let slope = scale * cos (scale * y)
            let bend = -scale * scale * sin (scale * y)
            struct (sin (scale * y), slope * first, bend * first * first + slope * second))
        (struct (x, 1.0, 0.0))
        (seq { 1..depth })

[<Fact>]
let ``a chain of thousands of functions has the second derivatives of its recurrence`` () =
    let depth, scale, points = 3000, 1.0005, [| 0.3; -0.7 |]

    let hessian =
        onSmallStack (fun () ->
            let input = Node.input "x" [| 2 |]
            let output = chain depth scale input |> Product.sum [| 0 |]
            let result = Curvature.hessian input output
            (Run.once [ input, points ] [ result ])[0])

    for i in 0..1 do
        let struct (_, _, second) = derivatives depth scale points[i]
        Assert.Equal(second, hessian[3 * i], 1e-9 * abs second)
        Assert.Equal(0.0, hessian[1 + i])

[<Fact>]
let ``a long chain takes work in proportion to its length`` () =
    let factors depth =
        let input = Node.input "x" [| 2 |]
        let output = chain depth 1.0005 input |> Product.sum [| 0 |]
        let hessian = Curvature.hessian input output
        let products = Products.find (Graph.nodes [ hessian ]) [ input ] [ hessian ]
        products.Values |> Seq.sumBy (fun product -> product.Left.Length + product.Right.Length)

    Assert.InRange(float (factors 400) / float (factors 200), 1.9, 2.1)

[<Fact>]
let ``a sum over tens of thousands of products is taken term by term without recursion`` () =
    let count = 10_000
    let row = [| 1.0; 2.0; 3.0 |]

    let total =
        onSmallStack (fun () ->
            let input = Node.input "x" [| 2; 3 |]

            let term i = Product.matmul input (Node.constant [| 3; 2 |] (Array.init 6 (fun j -> float (i + j))))

            let all = Seq.init count term |> Seq.reduce Node.add
            (Run.once [ input, Array.append row row ] [ all |> Product.sum [| 0 |] ])[0])

    // Column c of all matrices together is Σ i + 2r + c; both rows are alike.
    let indices = Seq.init count float |> Seq.sum

    for c in 0..1 do
        let expected =
            2.0 * (row |> Seq.mapi (fun r x -> x * (indices + float count * float (2 * r + c))) |> Seq.sum)

        Assert.Equal(expected, total[c], 1e-12 * expected)

[<Fact>]
let ``a tensor that thousands of functions use has the gradient of their sum`` () =
    let count, x = 5000, 0.4
    let factor i = float i / float count

    let gradient =
        onSmallStack (fun () ->
            let input = Node.input "x" [| 1 |]

            let output =
                Seq.init count (fun i -> Node.multiply (Node.scalar (factor i)) input |> unary Sin)
                |> Seq.reduce Node.add

            (Run.once [ input, [| x |] ] [ Vjp.grad input output ])[0])

    let expected = Seq.init count (fun i -> factor i * cos (factor i * x)) |> Seq.sum
    Assert.Equal(expected, gradient[0], 1e-12 * expected)

[<Fact>]
let ``a path through a long graph is integrated in runs of few points`` () =
    let depth, scale, row = 2200, 1.0001, [| 0.02; -0.012 |]

    // Features that do not meet: each adds what it does alone, and all of it stands on the diagonal.
    let model = Model.ofFunction 2 (fun x -> chain depth scale x.Node |> Product.sum [| 0 |] |> Tensor)

    let result =
        onSmallStack (fun () -> IntegratedHessians.explain IntegratedHessians.defaults model [| 0.0; 0.0 |] row)

    let interactions = result.Interactions.Value

    for i in 0..1 do
        let struct (alone, _, _) = derivatives depth scale row[i]
        Assert.Equal(alone, interactions[i, i], 1e-6 * abs alone)
        Assert.Equal(0.0, interactions[i, 1 - i])
