/// Comparisons of numbers, and derivatives by differences, for the tests of derivatives and integrals.
module internal Interact.Core.Tests.Numbers

open System
open Interact.Core
open Interact.Core.Execution
open Xunit

/// Each number is as expected, up to the tolerance times the larger of 1 and the largest expected one.
let close (tolerance: float) (expected: float[]) (actual: float[]) =
    Assert.Equal(expected.Length, actual.Length)
    let scale = expected |> Array.fold (fun largest value -> max largest (abs value)) 1.0

    Array.iteri2
        (fun i (e: float) (a: float) ->
            let same = e.Equals a || abs (e - a) <= tolerance * scale
            Assert.True(same, $"element {i} is {a:R}; {e:R} was expected, {abs (e - a) / scale:G3} away."))
        expected
        actual

/// The number is as expected, up to the tolerance times the larger of 1 and the expected one.
let closeTo tolerance (expected: float) (actual: float) = close tolerance [| expected |] [| actual |]

/// Each number is as expected, up to the tolerance times itself.
let relative (tolerance: float) (expected: float[]) (actual: float[]) =
    Assert.Equal(expected.Length, actual.Length)
    Array.iter2 (fun e a -> closeTo tolerance 1.0 (a / e)) expected actual

/// The arrays hold the same bits.
let sameBits (expected: float[]) (actual: float[]) =
    let bits = Array.map BitConverter.DoubleToInt64Bits
    Assert.Equal<int64[]>(bits expected, bits actual)

/// The matrix row by row.
let flat (matrix: float[,]) = matrix |> Seq.cast<float> |> Array.ofSeq

/// Interactions row by row.
let interactions (explanation: Explanation) = explanation.Interactions |> Option.get |> flat

/// A function on tensors as one on arrays, run by a plan.
let runner (length: int) (f: Tensor -> Tensor) : float[] -> float[] =
    let input = Node.input "x" [| length |]
    let plan = Plan.Compile([ input ], [ (f (Tensor input)).Node ])
    fun x -> (plan.Run [| x |])[0]

/// The value of a function on tensors at a point.
let valueOf (f: Tensor -> Tensor) (x: float[]) : float[] = runner x.Length f x

/// The value of a function with one number for a result.
let numberOf f x = Array.exactlyOne (valueOf f x)

/// The value of a node for the given values of inputs.
let valueWith (supplied: (Node * float[]) list) (node: Node) : float[] = Run.once supplied [ node ] |> Array.exactlyOne

/// The value of a node by the plain loops of all nodes below it.
let plainValueWith (supplied: (Node * float[]) list) (node: Node) : float[] =
    let values = Collections.Generic.Dictionary<Node, float[]>(HashIdentity.Reference)

    for input, value in supplied do
        values[input] <- value

    for node in Graph.nodes [ node ] do
        if not (values.ContainsKey node) then
            let operands = node.Operands |> Array.map (fun operand -> operand.Shape, values[operand])
            values[node] <- Primitive.value node.Primitive node.Shape operands

    values[node]

/// x + t·d.
let move (x: float[]) (d: float[]) (t: float) = Array.map2 (fun start step -> start + t * step) x d

let private combine (f: float -> float -> float) (a: float[]) (b: float[]) = Array.map2 f a b

/// Differences at h, h/2, h/4 and h/8 whose errors are even powers of h, extrapolated to 0 (Richardson): the error is of order h⁸.
let private extrapolate (difference: float -> float[]) =
    let h = 0.04
    let mutable table = [ for k in 0..3 -> difference (h / Math.Pow(2.0, float k)) ]
    let mutable power = 4.0

    while table.Length > 1 do
        table <-
            List.pairwise table
            |> List.map (fun (coarse, fine) -> combine (fun c f -> f + (f - c) / (power - 1.0)) coarse fine)

        power <- power * 4.0

    table.Head

/// The derivative of f(x + t·d) by t at 0, to about 1e-11 for functions that are analytic within a distance of .2.
let slope (f: float[] -> float[]) (x: float[]) (d: float[]) : float[] =
    extrapolate (fun h -> combine (fun up down -> (up - down) / (2.0 * h)) (f (move x d h)) (f (move x d -h)))

/// The second derivative of f(x + t·d) by t at 0, to about 1e-9 for such functions.
let bend (f: float[] -> float[]) (x: float[]) (d: float[]) : float[] =
    extrapolate (fun h ->
        let ends = combine (+) (f (move x d h)) (f (move x d -h))
        combine (fun ends middle -> (ends - 2.0 * middle) / (h * h)) ends (f x))

/// aᵀHb of a scalar function by differences, from ½((a+b)ᵀH(a+b) - aᵀHa - bᵀHb).
let bilinear (f: float[] -> float[]) (x: float[]) (a: float[]) (b: float[]) : float =
    let form d = (bend f x d)[0]
    (form (combine (+) a b) - form a - form b) / 2.0

/// Numbers uniform on (-1, 1).
let uniform (random: Random) (length: int) : float[] = Array.init length (fun _ -> 2.0 * random.NextDouble() - 1.0)

/// The inner product.
let inner (a: float[]) (b: float[]) = Array.fold2 (fun sum x y -> sum + x * y) 0.0 a b
