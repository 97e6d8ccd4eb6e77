/// Random graphs of all primitives, each node with the value that plain loops give it: what smart constructors, transformations and
/// plans are compared with.
module internal Interact.Core.Tests.RandomGraphs

open System
open FsCheck
open FsCheck.FSharp
open Interact.Core
open Interact.Core.Tests.Generators
open Interact.Core.Tests.Numbers

/// A graph drawn from a seed, of a number of steps, on an input of a number of elements; only smooth functions where so wanted.
/// The steps of a shorter graph are the first ones of a longer one of the same seed.
type GraphCase = { Seed: int; Steps: int; Length: int; IsSmooth: bool }

/// A node, and its value for the input's by plain loops, each step as it was asked for: without simplification or sharing.
type Traced = { Node: Node; Value: float[] }

let private largestSize = 48

/// The primitive on operands: by the smart constructor, and by its plain loop.
let private perform (primitive: Primitive) (operands: Traced list) : Traced =
    let rank = operands |> Seq.map _.Node.Rank |> Seq.max

    let shapes =
        operands
        |> List.map (fun operand ->
            match primitive with
            | Elementwise _ -> Shape.padLeft rank operand.Node.Shape
            | _ -> operand.Node.Shape)

    let node = Graph.apply primitive (operands |> Seq.map _.Node |> Array.ofSeq)

    {
        Node = node
        Value =
            List.zip shapes (operands |> List.map _.Value)
            |> Array.ofList
            |> Primitive.value primitive node.Shape
    }

let private apply1 f operand = perform (Elementwise f) [ operand ]
let private apply2 f a b = perform (Elementwise f) [ a; b ]
let private reshape (shape: Shape) operand = perform (Structural(Reshape shape)) [ operand ]
let private constant (value: float) = { Node = Node.scalar value; Value = [| value |] }

type private Draw(random: Random) =
    member _.Below n = random.Next n
    member _.Of(items: 'T[]) = items[random.Next items.Length]
    member _.Chance p = random.NextDouble() < p
    member _.Number() = Math.Round(4.0 * random.NextDouble() - 2.0, 3)

    member this.Shuffled(items: 'T[]) =
        items |> Array.map (fun item -> random.NextDouble(), item) |> Array.sortBy fst |> Array.map snd

    member this.Some(items: 'T[]) = items |> Array.filter (fun _ -> this.Chance 0.5)

let private kinked = [| Abs; Relu; Sign; Floor; Ceiling; Round; StopGradient |]
let private comparisons = [| Less; LessOrEqual; Equal |]

/// A smooth function of one operand, kept within its domain.
let private activate f (z: Traced) =
    let squarePlus shift = apply2 Add (apply2 Multiply z z) (constant shift)

    match f with
    | Exp
    | Expm1
    | Tan
    | Sinh
    | Cosh -> apply1 f (apply1 Tanh z)
    | Asin
    | Acos
    | Atanh -> apply1 f (apply2 Multiply (constant 0.9) (apply1 Tanh z))
    | Log
    | Sqrt
    | Reciprocal -> apply1 f (squarePlus 1.0)
    | Log1p -> apply1 f (apply2 Multiply z z)
    | Acosh -> apply1 f (squarePlus 1.5)
    | _ -> apply1 f z

let private smoothOnes = elementwise |> List.filter (smooth >> Option.isSome) |> Array.ofList

let private factorisation (draw: Draw) size : Shape =
    let divisors = [|
        for d in 1..size do
            if size % d = 0 then d
    |]

    let first = draw.Of divisors
    if draw.Chance 0.5 then [| first; size / first |] else [| 1; first; 1; size / first |]

let private unaryStep (draw: Draw) isSmooth (x: Traced) =
    if isSmooth || draw.Chance 0.6 then activate (draw.Of smoothOnes) x else apply1 (draw.Of kinked) x

let private binaryStep (draw: Draw) isSmooth (x: Traced) (y: Traced) (z: Traced) =
    match draw.Below(if isSmooth then 5 else 9) with
    | 0 -> apply2 Add x y
    | 1 -> apply2 Subtract x y
    | 2 -> apply2 Multiply x (apply1 Tanh y)
    | 3 -> apply2 Divide x (apply2 Add (apply2 Multiply y y) (constant 1.0))
    | 4 -> apply2 Power (apply2 Add (apply2 Multiply x x) (constant 1.0)) (apply1 Tanh y)
    | 5 -> apply2 Max x y
    | 6 -> apply2 Min x y
    | 7 -> apply2 (draw.Of comparisons) x y
    | _ -> perform (Elementwise Select) [ apply2 Less x z; y; z ]

let private structuralStep (draw: Draw) (x: Traced) =
    let rank = x.Node.Rank
    let axes = [| 0 .. rank - 1 |]

    let pick axis =
        let size = x.Node.Shape[axis]
        Array.init (1 + draw.Below 4) (fun _ -> draw.Below(size + 1) - 1)

    match draw.Below(if rank = 0 then 2 else 6) with
    | 0 -> x |> reshape (factorisation draw x.Node.Size)
    | 1 ->
        let lifted = x |> reshape (Array.append [| 1 |] x.Node.Shape)
        perform (Structural(Broadcast(Array.append [| 1 + draw.Below 3 |] x.Node.Shape))) [ lifted ]
    | 2 -> perform (Structural(Transpose(draw.Shuffled axes))) [ x ]
    | 3 -> perform (Structural(Sum(draw.Some axes))) [ x ]
    | 4 ->
        let axis = draw.Of axes
        perform (Structural(Gather(axis, pick axis))) [ x ]
    | _ ->
        let axis = draw.Of axes
        let size = 1 + draw.Below 4
        let indices = Array.init x.Node.Shape[axis] (fun _ -> draw.Below(size + 1) - 1)
        perform (Structural(Scatter(axis, indices, size))) [ x ]

/// A contraction in which axes of one size may share a label. Labels that only one operand has stand in the output.
let private contractStep (draw: Draw) (x: Traced) (y: Traced) =
    let left = [| 0 .. x.Node.Rank - 1 |]
    let right = Array.init y.Node.Rank (fun axis -> 100 + axis)

    for axis in draw.Shuffled [| 0 .. right.Length - 1 |] do
        let fitting =
            left
            |> Array.filter (fun label -> x.Node.Shape[label] = y.Node.Shape[axis] && not (Array.contains label right))

        if fitting.Length > 0 && draw.Chance 0.8 then right[axis] <- draw.Of fitting

    let shared = left |> Array.filter (fun label -> Array.contains label right)
    let lone = Array.append left right |> Array.filter (fun label -> not (Array.contains label shared))
    let output = draw.Shuffled(Array.append (Array.distinct lone) (draw.Some shared))
    perform (Contract { Left = left; Right = right; Output = output }) [ x; y ]

let private step (draw: Draw) isSmooth (known: Traced[]) : Traced =
    let any () = draw.Of known

    let fitting (x: Traced) =
        known |> Array.filter (fun y -> Shape.tryBroadcast x.Node.Shape y.Node.Shape |> Option.isSome)

    match draw.Below 10 with
    | 0
    | 1
    | 2 -> unaryStep draw isSmooth (any ())
    | 3
    | 4 ->
        let x = any ()
        let y = draw.Of(fitting x)
        // The third operand of a choice has the shape of the first, so all three fit.
        binaryStep draw isSmooth x y (apply1 Negate x)
    | 5
    | 6
    | 7 -> structuralStep draw (any ())
    | 8 -> contractStep draw (any ()) (any ()) |> apply1 Tanh
    | _ ->
        let x = any ()

        if x.Node.Rank = 0 then
            x
        elif not isSmooth && draw.Chance 0.5 then
            perform (Maximum(draw.Some [| 0 .. x.Node.Rank - 1 |])) [ x ]
        else
            let axis = draw.Below x.Node.Rank
            perform (Concat axis) [ x; apply1 Sin x; x ]

/// All nodes of the case's graph, on an input node with the given value.
let trace (case: GraphCase) (input: Node) (x: float[]) : Traced[] =
    let draw = Draw(Random case.Seed)
    let weights = uniform (Random(case.Seed + 1)) 6

    let known =
        ResizeArray [
            { Node = input; Value = x }
            { Node = Node.constant [| 2; 3 |] weights; Value = weights }
            { Node = Node.identity 3; Value = Primitive.literal [| 3; 3 |] Identity }
            constant (draw.Number())
        ]

    for _ in 1 .. case.Steps do
        let next = step draw case.IsSmooth (known.ToArray())
        let isFinite = next.Value |> Array.forall Double.IsFinite
        if next.Node.Size <= largestSize && isFinite then known.Add next

    known.ToArray()

/// The last nodes of the graph, made into one number: Σ weight · tanh(element), so that all of them count.
let scalarise (case: GraphCase) (traced: Traced[]) : Node =
    let random = Random(case.Seed + 2)

    traced[max 0 (traced.Length - 8) ..]
    |> Seq.map (fun { Node = node } ->
        let weights = Node.constant node.Shape (uniform random node.Size)
        Product.dot weights (Node.elementwise Tanh [ node ]))
    |> Seq.reduce Node.add

/// The case as a function of a vector with a scalar result.
let toFunction (case: GraphCase) (x: Tensor) : Tensor =
    Array.zeroCreate case.Length |> trace case x.Node |> scalarise case |> Tensor

/// Random graphs, only smooth ones where so wanted.
let graphs isSmooth : Arbitrary<GraphCase> =
    let cases =
        gen {
            let! seed = Gen.choose (0, 1_000_000)
            let! steps = Gen.choose (1, 25)
            let! length = Gen.choose (1, 6)
            return { Seed = seed; Steps = steps; Length = length; IsSmooth = isSmooth }
        }

    let shrink case =
        Seq.concat [ seq { 1 .. case.Steps / 2 }; seq { case.Steps - 1 } ]
        |> Seq.filter (fun steps -> steps >= 1 && steps < case.Steps)
        |> Seq.map (fun steps -> { case with Steps = steps })

    Arb.fromGenShrink (cases, shrink)
