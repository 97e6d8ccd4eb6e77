/// Every primitive, one row each: its value, its first and second derivatives, and its batches.
module Interact.Core.Tests.PrimitiveTests

open System
open Microsoft.FSharp.Reflection
open Interact.Core
open Interact.Core.Tests.Laws
open Interact.Core.Tests.Numbers
open Xunit

/// Operands at which an elementwise function is smooth, and its value by another formula.
type Row = { Operands: float list list; Value: float[] -> float }

let private one points value = { Operands = [ points ]; Value = fun x -> value x[0] }
let private two a b value = { Operands = [ a; b ]; Value = fun x -> value x[0] x[1] }
let private anywhere = [ -1.7; -0.4; 0.3; 2.1 ]
/// At least a half from anywhere above, so that every pair of the two is away from kinks and steps.
let private aside = [ -1.05; 0.95; 1.5; -2.4 ]

let private betweenSteps = [ -1.7; -0.3; 0.3; 1.3 ]
let private positive = [ 0.4; 0.9; 1.6; 5.0 ]
let private inside = [ -0.7; -0.2; 0.4; 0.65 ]
let private truth condition = if condition then 1.0 else 0.0

/// The error function as an integral, by Simpson's rule.
let private erfIntegral x =
    let n = 2000
    let h = x / float n
    let g k = exp -(float k * h * float k * h)
    let inner = Seq.sum (seq { for k in 1 .. n - 1 -> (if k % 2 = 1 then 4.0 else 2.0) * g k })
    2.0 / sqrt Math.PI * h / 3.0 * (g 0 + inner + g n)

let internal row (f: Elementwise) : Row =
    match f with
    | Negate -> one anywhere (fun x -> 0.0 - x)
    | Reciprocal -> one [ -1.7; -0.5; 0.6; 2.1 ] (fun x -> x ** -1.0)
    | Abs -> one anywhere (fun x -> sqrt (x * x))
    | Sign -> one anywhere (fun x -> x / abs x)
    | Floor -> one betweenSteps (fun x -> ceil x - 1.0)
    | Ceiling -> one betweenSteps (fun x -> floor x + 1.0)
    | Round -> one betweenSteps (fun x -> floor (x + 0.5))
    | Exp -> one anywhere (fun x -> Math.E ** x)
    | Expm1 -> one anywhere (fun x -> 2.0 * exp (x / 2.0) * sinh (x / 2.0))
    | Log -> one positive (fun x -> log10 x * log 10.0)
    | Log1p -> one [ -0.5; -0.1; 0.3; 4.0 ] (fun x -> 2.0 * Math.Atanh(x / (2.0 + x)))
    | Sqrt -> one positive (fun x -> x ** 0.5)
    | Sin -> one anywhere (fun x -> cos (x - Math.PI / 2.0))
    | Cos -> one anywhere (fun x -> sin (x + Math.PI / 2.0))
    | Tan -> one [ -1.0; -0.3; 0.4; 1.1 ] (fun x -> sin x / cos x)
    | Asin -> one inside (fun x -> atan (x / sqrt (1.0 - x * x)))
    | Acos -> one inside (fun x -> Math.PI / 2.0 - atan (x / sqrt (1.0 - x * x)))
    | Atan -> one anywhere (fun x -> asin (x / sqrt (1.0 + x * x)))
    | Sinh -> one anywhere (fun x -> (exp x - exp -x) / 2.0)
    | Cosh -> one anywhere (fun x -> (exp x + exp -x) / 2.0)
    | Tanh -> one anywhere (fun x -> (exp (2.0 * x) - 1.0) / (exp (2.0 * x) + 1.0))
    | Asinh -> one anywhere (fun x -> log (x + sqrt (x * x + 1.0)))
    | Acosh -> one [ 1.3; 1.9; 4.0 ] (fun x -> log (x + sqrt (x * x - 1.0)))
    | Atanh -> one inside (fun x -> 0.5 * log ((1.0 + x) / (1.0 - x)))
    | Sigmoid -> one anywhere (fun x -> (1.0 + tanh (x / 2.0)) / 2.0)
    | Softplus -> one anywhere (fun x -> log (1.0 + exp x))
    | Erf -> one [ -2.9; -0.4; 0.3; 3.2 ] erfIntegral
    | Relu -> one anywhere (fun x -> (x + abs x) / 2.0)
    | StopGradient -> one anywhere id
    | Add -> two anywhere aside (fun a b -> a - -b)
    | Subtract -> two anywhere aside (fun a b -> a + -b)
    | Multiply -> two anywhere aside (fun a b -> a / (1.0 / b))
    | Divide -> two anywhere aside (fun a b -> a * (1.0 / b))
    | Power -> two [ 0.4; 0.9; 1.6; 2.5 ] [ 0.7; -2.0; 1.1; 3.0 ] (fun a b -> exp (b * log a))
    | Max -> two anywhere aside (fun a b -> (a + b + abs (a - b)) / 2.0)
    | Min -> two anywhere aside (fun a b -> (a + b - abs (a - b)) / 2.0)
    | Less -> two anywhere aside (fun a b -> truth (b > a))
    | LessOrEqual -> two anywhere aside (fun a b -> truth (b >= a))
    | Equal -> two anywhere aside (fun a b -> truth (a - b = 0.0))
    | Select -> {
        Operands = [ [ -1.0; 2.0; 1.0; 3.0 ]; anywhere; aside ]
        Value = fun x -> truth (x[0] <> 0.0) * x[1] + truth (x[0] = 0.0) * x[2]
      }

let functions = TheoryData<string>(Generators.elementwise |> List.map string)

let private named name = Generators.elementwise |> List.find (fun f -> string f = name)

let private operation f =
    let { Operands = operands } = row f

    {
        Build = Node.elementwise f
        Operands = operands |> List.map (fun points -> [| points.Length |], Array.ofList points)
    }

[<Theory; MemberData(nameof functions)>]
let ``an elementwise function has the value of its other formula`` name =
    let f = named name
    let row = row f

    for point in List.transpose row.Operands |> List.map Array.ofList do
        closeTo 1e-13 (row.Value point) (Elementwise.evaluate f point)

let private obeys f = if f = StopGradient then obeysAllButSlopes else obeysAll

[<Theory; MemberData(nameof functions)>]
let ``an elementwise function obeys every law`` name =
    let operation = operation (named name)

    Assert.Equal(
        name.ToLowerInvariant(),
        Primitive.name (operation.Build [ for s, _ in operation.Operands -> Node.input "x" s ]).Primitive
    )

    obeys (named name) operation

[<Theory; MemberData(nameof functions)>]
let ``an elementwise function obeys every law where its operands are repeated`` name =
    let f = named name

    /// Operands of 3 x 1 and 4, or one of 2 x 4.
    let shapes =
        match Elementwise.arity f with
        | 1 -> [ [| 2; 4 |] ]
        | 2 -> [ [| 3; 1 |]; [| 4 |] ]
        | _ -> [ [| 3; 1 |]; [| 4 |]; [| 2; 1; 1 |] ]

    let operands =
        (shapes, (row f).Operands)
        ||> List.map2 (fun shape points -> shape, Array.init (Shape.size shape) (fun i -> points[i % points.Length]))

    obeys f { Build = Node.elementwise f; Operands = operands }

/// A primitive other than the elementwise ones: its name, the shapes of its operands, and how it is made.
let private others: (string * Shape list * (Node list -> Node)) list = [
    "reshape", [ [| 2; 3 |] ], fun x -> Node.reshape [| 3; 2 |] x[0]
    "transpose", [ [| 2; 3; 4 |] ], fun x -> Node.transpose [| 2; 0; 1 |] x[0]
    "broadcast", [ [| 2; 1; 2 |] ], fun x -> Node.broadcast [| 3; 2; 4; 2 |] x[0]
    "sum", [ [| 2; 3; 4 |] ], fun x -> Product.sum [| 0; 2 |] x[0]
    "gather", [ [| 3; 4 |] ], fun x -> Node.gather 1 [| 2; -1; 0; 2; 3 |] x[0]
    "scatter", [ [| 3; 4 |] ], fun x -> Node.scatter 1 [| 2; -1; 0; 2 |] 5 x[0]
    "contract", [ [| 2; 3 |]; [| 3; 4 |] ], fun x -> Product.matmul x[0] x[1]
    "contract", [ [| 2; 3; 4 |]; [| 2; 4; 3 |] ], fun x -> Product.matmul x[0] x[1]
    "contract", [ [| 5 |]; [| 5 |] ], fun x -> Product.dot x[0] x[1]
    "contract",
    [ [| 2; 3; 4 |]; [| 4; 2; 5 |] ],
    fun x -> Product.contract { Left = [| 0; 1; 2 |]; Right = [| 2; 0; 3 |]; Output = [| 3; 1; 0 |] } x[0] x[1]
    "maximum", [ [| 2; 3; 4 |] ], fun x -> Node.maximum [| 0; 2 |] x[0]
    "concat", [ [| 2; 1; 2 |]; [| 2; 3; 2 |]; [| 2; 2; 2 |] ], fun x -> Node.concat 1 x
]

let structures = TheoryData<int>([ 0 .. others.Length - 1 ])

let private structure number =
    let name, shapes, build = others[number]
    let random = Random number

    // No two elements closer than a fifth, so that the largest one is the largest nearby too.
    let spread = [| for k in 0 .. (shapes |> List.sumBy Shape.size) - 1 -> 0.21 * float k - 2.0 |]
    random.Shuffle spread
    let starts = shapes |> List.scan (fun start shape -> start + Shape.size shape) 0

    name,
    {
        Build = build
        Operands = shapes |> List.mapi (fun i shape -> shape, Array.sub spread starts[i] (Shape.size shape))
    }

[<Theory; MemberData(nameof structures)>]
let ``a primitive of several elements obeys every law`` number =
    let name, operation = structure number
    let made = operation.Build [ for shape, _ in operation.Operands -> Node.input "x" shape ]
    Assert.Equal(name, Primitive.name made.Primitive)
    obeysAll operation

[<Fact>]
let ``every primitive has its row`` () =
    let cases (union: Type) = FSharpType.GetUnionCases union |> Seq.map _.Name.ToLowerInvariant() |> Set.ofSeq
    let leaves = set [ "input"; "constant" ]
    let families = set [ "elementwise"; "structural" ]
    let expected = cases typeof<Structural> + (cases typeof<Primitive> - leaves - families)
    Assert.Equal<Set<string>>(expected, others |> List.map (fun (name, _, _) -> name) |> Set.ofList)

let private slopeAt f (x: float) = numberOf (grad (fun x -> Tensor.sum (Tensor(Node.elementwise f [ x.Node ])))) [| x |]

[<Theory>]
[<InlineData("Relu", 0.0)>]
[<InlineData("Abs", 0.0)>]
[<InlineData("Sign", 0.0)>]
[<InlineData("Floor", 0.0)>]
[<InlineData("Ceiling", 0.0)>]
[<InlineData("Round", 0.0)>]
[<InlineData("StopGradient", 0.0)>]
let ``the derivative at a kink or step is the one written down`` name expected =
    Assert.Equal(expected, slopeAt (named name) 0.0)

[<Fact>]
let ``operands of max and min that tie take half of the derivative each`` () =
    for f in [ Tensor.max; Tensor.min ] do
        let slopes = [| 1.5; 1.5; 0.0; 0.0 |] |> valueOf (grad (fun x -> Tensor.sum (f x[0..1] x[2..3] * 2.0)))
        Assert.Equal(4.0, Array.sum slopes)

        let tied = [| 1.5; -1.0; 1.5; -1.0 |] |> valueOf (grad (fun x -> Tensor.sum (f x[0..1] x[2..3])))
        Assert.Equal<float[]>([| 0.5; 0.5; 0.5; 0.5 |], tied)

[<Fact>]
let ``elements that tie for the maximum share the derivative equally`` () =
    let slopes = [| 2.0; -1.0; 2.0; 2.0; 0.0 |] |> valueOf (grad Tensor.maximum)
    close 1e-16 [| 1.0 / 3.0; 0.0; 1.0 / 3.0; 1.0 / 3.0; 0.0 |] slopes

[<Fact>]
let ``a maximum of equal infinite or undefined elements stays what it is`` () =
    let value = valueOf Tensor.maximum
    Assert.Equal<float[]>([| -infinity |], value [| -infinity; -infinity |])
    Assert.Equal<float[]>([| nan |], value [| 1.0; nan; 2.0 |])

/// a^b of two variables.
let private power (x: Tensor) = Tensor.sum (x[0..0] ** x[1..1])

[<Theory>]
[<InlineData(0.0, 0.0, 0.0, 0.0)>]
[<InlineData(0.0, 1.0, 1.0, 0.0)>]
[<InlineData(0.0, 2.0, 0.0, 0.0)>]
[<InlineData(0.0, 3.0, 0.0, 0.0)>]
[<InlineData(-2.0, 3.0, 12.0, Double.NaN)>]
let ``powers have the slopes written down also at zero and below`` a b byBase byExponent =
    close 1e-15 [| byBase; byExponent |] (valueOf (grad power) [| a; b |])

[<Fact>]
let ``powers with constant exponents have all derivatives at zero`` () =
    let exponents = Tensor.ofArray [| 0.0; 1.0; 2.0; 3.0 |]
    let powers (x: Tensor) = Tensor.sum (x[0] ** exponents)
    Assert.Equal<float[]>([| 1.0 |], valueOf (grad powers) [| 0.0 |])
    Assert.Equal<float[]>([| 2.0 |], valueOf (hessian powers) [| 0.0 |])
    Assert.Equal<float[]>([| 6.0 |], valueOf (mixed [ 0; 0; 0 ] powers) [| 0.0 |])

[<Fact>]
let ``a power differentiates by base and exponent where the exponent is zero`` () =
    closeTo 1e-15 0.5 (numberOf (mixed [ 0; 1 ] power) [| 2.0; 0.0 |])
    closeTo 1e-15 0.5 (numberOf (mixed [ 1; 0 ] power) [| 2.0; 0.0 |])

[<Fact>]
let ``special functions keep their accuracy where others lose it`` () =
    let at f x = Elementwise.evaluate f [| x |]
    let relative (expected: float) actual = Assert.InRange(abs (actual - expected) / abs expected, 0.0, 5e-16)
    relative 1e-20 (at Log1p 1e-20)
    relative -1e-20 (at Expm1 -1e-20)
    relative 9.9999500003333308e-06 (at Log1p 1e-5)
    relative 1.0000050000166667e-05 (at Expm1 1e-5)
    relative 0.84270079294971487 (at Erf 1.0)
    relative 0.99997790950300141 (at Erf 3.0)
    relative 1.1283791670955126e-10 (at Erf 1e-10)
    relative 4.2483542552915889e-18 (at Softplus -40.0)
    relative 4.2483542552915889e-18 (at Sigmoid -40.0)
    Assert.Equal(1.0, at Erf 7.0)
    Assert.Equal(-1.0, at Erf -7.0)

[<Fact>]
let ``infinite and undefined operands give the limits`` () =
    let at f x = Elementwise.evaluate f [| x |]

    for f in [ Exp; Expm1; Log; Log1p; Sqrt; Softplus; Relu; Abs; Floor ] do
        Assert.Equal(infinity, at f infinity)

    for f, limit in [ Sigmoid, 0.0; Softplus, 0.0; Relu, 0.0; Exp, 0.0; Expm1, -1.0; Erf, -1.0; Tanh, -1.0; Sign, -1.0 ] do
        Assert.Equal(limit, at f -infinity)

    for f in Generators.elementwise |> List.filter (fun f -> Elementwise.arity f = 1) do
        Assert.True(Double.IsNaN(at f nan), $"{f} of NaN")
