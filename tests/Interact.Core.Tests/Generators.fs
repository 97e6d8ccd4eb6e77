/// Random functions, points and graphs for properties. All are plain data that FsCheck prints and shrinks.
module internal Interact.Core.Tests.Generators

open System
open FsCheck
open FsCheck.FSharp
open Interact.Core
open Interact.Core.Tests.Numbers

/// The property on as many random cases, the same ones in every run, so that a failure can be repeated.
let holdsFor (cases: int) (arbitrary: Arbitrary<'Case>) (property: 'Case -> unit) =
    let replay = { Rnd = Rnd(20210104UL, 20170612UL ||| 1UL); Size = None }
    let config = Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(Some replay)
    Check.One(config, Prop.forAll arbitrary property)

/// An elementwise function of one operand as a smooth function of any number; None where it has kinks or steps, or more operands.
let smooth (f: Elementwise) : (Tensor -> Tensor) option =
    let apply (z: Tensor) = Tensor(Node.elementwise f [ z.Node ])

    match f with
    | Negate
    | Sin
    | Cos
    | Atan
    | Tanh
    | Asinh
    | Sigmoid
    | Softplus
    | Erf -> Some apply
    | Exp
    | Expm1
    | Tan
    | Sinh
    | Cosh -> Some(tanh >> apply)
    | Asin
    | Acos
    | Atanh -> Some(fun z -> apply (0.9 * tanh z))
    | Log
    | Sqrt
    | Reciprocal -> Some(fun z -> apply (z * z + 1.0))
    | Log1p -> Some(fun z -> apply (z * z))
    | Acosh -> Some(fun z -> apply (z * z + 1.5))
    | Abs
    | Sign
    | Floor
    | Ceiling
    | Round
    | Relu
    | StopGradient
    | Add
    | Subtract
    | Multiply
    | Divide
    | Power
    | Max
    | Min
    | Less
    | LessOrEqual
    | Equal
    | Select -> None

/// Every elementwise function.
let elementwise: Elementwise list = [
    for case in Reflection.FSharpType.GetUnionCases typeof<Elementwise> ->
        unbox (Reflection.FSharpValue.MakeUnion(case, [||]))
]

let private activations = elementwise |> List.filter (smooth >> Option.isSome)

/// A smooth function of several numbers, written as a formula.
type Expression =
    | Variable of int
    | Literal of float
    | Activate of Elementwise * Expression
    | Plus of Expression * Expression
    | Times of Expression * Expression
    /// a / (1 + b²)
    | Over of Expression * Expression
    /// (1 + a²)^tanh b
    | Raise of Expression * Expression
    /// ln(exp a + exp b)
    | SmoothMax of Expression * Expression

/// The expression at a vector.
let rec evaluate (expression: Expression) (x: Tensor) : Tensor =
    let at e = evaluate e x

    match expression with
    | Variable i -> x[i % x.Shape[0]]
    | Literal value -> Tensor.scalar value
    | Activate(f, e) -> Option.get (smooth f) (at e)
    | Plus(a, b) -> at a + at b
    | Times(a, b) -> at a * at b
    | Over(a, b) ->
        let b = at b
        at a / (b * b + 1.0)
    | Raise(a, b) ->
        let a = at a
        (a * a + 1.0) ** tanh (at b)
    | SmoothMax(a, b) -> Tensor.stack [ at a; at b ] |> Tensor.logSumExp 0 |> Tensor.sum

/// A dense network with the given numbers of units, each layer with its activation, and weights drawn from the seed.
type Network = { Layers: (int * Elementwise) list; Seed: int }

let private forward (network: Network) (x: Tensor) : Tensor =
    let random = Random network.Seed

    let dense (h: Tensor) units =
        let inputs = h.Shape[0]
        let weights = uniform random (units * inputs) |> Array.map (fun w -> w * 1.5 / sqrt (float inputs))
        Tensor.matmul (Tensor.create [| units; inputs |] weights) h + Tensor.ofArray (uniform random units)

    let hidden =
        (x, network.Layers) ||> List.fold (fun h (units, f) -> Option.get (smooth f) (dense h units))

    dense hidden 1

/// A smooth function of several numbers.
type SmoothFunction =
    | Formula of Expression
    | Dense of Network

/// The function on tensors: a vector to a scalar.
let apply (f: SmoothFunction) (x: Tensor) : Tensor =
    match f with
    | Formula expression -> evaluate expression x
    | Dense network -> forward network x |> Tensor.sum

/// A function, and a path from a baseline to an input.
type Problem = { Function: SmoothFunction; Baseline: float[]; Input: float[] }

module Problem =

    let model (problem: Problem) : Model = Model.ofFunction problem.Input.Length (apply problem.Function)
    let task (problem: Problem) : PathTask = { Row = 0; Input = problem.Input; Baseline = problem.Baseline }

let rec private expressions depth : Gen<Expression> =
    let leaf =
        Gen.frequency [
            5, Gen.choose (0, 7) |> Gen.map Variable
            1, Gen.choose (-12, 12) |> Gen.map (fun k -> Literal(float k / 8.0))
        ]

    if depth = 0 then
        leaf
    else
        let inner = expressions (depth - 1)
        let pair make = Gen.map2 (fun a b -> make (a, b)) inner inner

        Gen.frequency [
            1, leaf
            4, Gen.map2 (fun f e -> Activate(f, e)) (Gen.elements activations) inner
            2, pair Plus
            3, pair Times
            1, pair Over
            1, pair Raise
            1, pair SmoothMax
        ]

let private networks: Gen<Network> =
    gen {
        let! depth = Gen.choose (1, 3)
        let! layers = Gen.zip (Gen.choose (1, 6)) (Gen.elements activations) |> Gen.listOfLength depth
        let! seed = Gen.choose (0, 1_000_000)
        return { Layers = layers; Seed = seed }
    }

let rec private shrinkExpression (expression: Expression) : Expression seq =
    let both make a b =
        Seq.concat [
            Seq.ofList [ a; b ]
            shrinkExpression a |> Seq.map (fun a -> make (a, b))
            shrinkExpression b |> Seq.map (fun b -> make (a, b))
        ]

    match expression with
    | Variable _
    | Literal _ -> Seq.empty
    | Activate(f, e) -> Seq.append [ e ] (shrinkExpression e |> Seq.map (fun e -> Activate(f, e)))
    | Plus(a, b) -> both Plus a b
    | Times(a, b) -> both Times a b
    | Over(a, b) -> both Over a b
    | Raise(a, b) -> both Raise a b
    | SmoothMax(a, b) -> both SmoothMax a b

let private shrinkNetwork (network: Network) : Network seq =
    seq {
        for i in 0 .. network.Layers.Length - 1 do
            let units, f = network.Layers[i]
            if network.Layers.Length > 1 then { network with Layers = List.removeAt i network.Layers }
            if units > 1 then { network with Layers = List.updateAt i (1, f) network.Layers }
    }

let private shrinkFunction f =
    match f with
    | Formula expression -> shrinkExpression expression |> Seq.map Formula
    | Dense network -> shrinkNetwork network |> Seq.map Dense

/// Formulas and networks alike.
let functions: Arbitrary<SmoothFunction> =
    Arb.fromGenShrink (
        Gen.oneof [ Gen.choose (1, 4) |> Gen.bind expressions |> Gen.map Formula; networks |> Gen.map Dense ],
        shrinkFunction
    )

/// Points with coordinates in -2..2, multiples of 1/16 so that they can be read.
let points length : Gen<float[]> = Gen.choose (-32, 32) |> Gen.map (fun k -> float k / 16.0) |> Gen.arrayOfLength length

/// Functions of one to five numbers, with a baseline and an input.
let problems: Arbitrary<Problem> =
    let problem =
        gen {
            let! f = functions.Generator
            let! length = Gen.choose (1, 5)
            let! baseline = points length
            let! input = points length
            return { Function = f; Baseline = baseline; Input = input }
        }

    Arb.fromGenShrink (
        problem,
        fun problem -> shrinkFunction problem.Function |> Seq.map (fun f -> { problem with Function = f })
    )
