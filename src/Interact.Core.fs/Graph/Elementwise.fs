namespace Interact.Core

open System

/// Functions that act on each element by itself. Comparisons yield 1 where true and 0 elsewhere.
type Elementwise =
    | Negate
    | Reciprocal
    | Abs
    | Sign
    | Floor
    | Ceiling
    | Round
    | Exp
    | Expm1
    | Log
    | Log1p
    | Sqrt
    | Sin
    | Cos
    | Tan
    | Asin
    | Acos
    | Atan
    | Sinh
    | Cosh
    | Tanh
    | Asinh
    | Acosh
    | Atanh
    | Sigmoid
    | Softplus
    | Erf
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
    | Select

/// A formula in the operands and the result of an elementwise function: how a derivative is written down.
type Formula =
    | Operand of int
    | Result
    | Number of float
    | Apply of Elementwise * Formula list

    static member (~-)(p) = Apply(Negate, [ p ])
    static member (+)(p, q) = Apply(Add, [ p; q ])
    static member (-)(p, q) = Apply(Subtract, [ p; q ])
    static member (*)(p, q) = Apply(Multiply, [ p; q ])
    static member (/)(p, q) = Apply(Divide, [ p; q ])
    static member (+)(p: float, q) = Number p + q
    static member (-)(p: float, q) = Number p - q
    static member (-)(p, q: float) = p - Number q
    static member (*)(p: float, q) = Number p * q
    static member (/)(p: float, q) = Number p / q

/// The value of an elementwise function, by its number of operands.
[<NoEquality; NoComparison>]
type ScalarFunction =
    | Unary of (float -> float)
    | Binary of (float -> float -> float)
    | Ternary of (float -> float -> float -> float)

/// Everything there is to know of an elementwise function: its value, and its partial derivative by each operand.
/// Both directions of differentiation and all higher orders follow from these.
[<NoEquality; NoComparison>]
type ElementwiseRule = { Value: ScalarFunction; Partials: Formula list }

/// The table of elementwise functions: the one place where each is defined.
///
/// Policy at kinks: ReLU'(0) = 0 and |·|'(0) = 0; where the operands of max or min tie, each takes half;
/// steps (sign, floor, rounding, comparisons) have derivative 0; d xᵖ/dp at x = 0 is 0.
[<RequireQualifiedAccess>]
module Elementwise =

    let private x = Operand 0
    let private a = Operand 0
    let private b = Operand 1
    let private y = Result
    let private apply f operands = Apply(f, operands)
    let private less p q = Apply(Less, [ p; q ])
    let private equal p q = Apply(Equal, [ p; q ])
    let private select condition p q = Apply(Select, [ condition; p; q ])
    let private truth (condition: bool) = if condition then 1.0 else 0.0

    let private unary value derivative = { Value = Unary value; Partials = [ derivative ] }

    let private binary value byFirst bySecond = { Value = Binary value; Partials = [ byFirst; bySecond ] }

    /// Value and partial derivatives of each function.
    let rule =
        function
        | Negate -> unary (~-) (Number -1.0)
        | Reciprocal -> unary (fun x -> 1.0 / x) (-(y * y))
        | Abs -> unary Math.Abs (apply Sign [ x ])
        | Sign -> unary (fun x -> if Double.IsNaN x then x else float (Math.Sign x)) (Number 0.0)
        | Floor -> unary Math.Floor (Number 0.0)
        | Ceiling -> unary Math.Ceiling (Number 0.0)
        | Round -> unary (fun x -> Math.Round(x, MidpointRounding.ToEven)) (Number 0.0)
        | Exp -> unary Math.Exp y
        | Expm1 -> unary SpecialFunctions.expm1 (y + Number 1.0)
        | Log -> unary Math.Log (apply Reciprocal [ x ])
        | Log1p -> unary SpecialFunctions.log1p (apply Reciprocal [ 1.0 + x ])
        | Sqrt -> unary Math.Sqrt (0.5 / y)
        | Sin -> unary Math.Sin (apply Cos [ x ])
        | Cos -> unary Math.Cos (-(apply Sin [ x ]))
        | Tan -> unary Math.Tan (1.0 + y * y)
        | Asin -> unary Math.Asin (1.0 / apply Sqrt [ 1.0 - x * x ])
        | Acos -> unary Math.Acos (-1.0 / apply Sqrt [ 1.0 - x * x ])
        | Atan -> unary Math.Atan (1.0 / (1.0 + x * x))
        | Sinh -> unary Math.Sinh (apply Cosh [ x ])
        | Cosh -> unary Math.Cosh (apply Sinh [ x ])
        | Tanh -> unary Math.Tanh (1.0 - y * y)
        | Asinh -> unary Math.Asinh (1.0 / apply Sqrt [ 1.0 + x * x ])
        | Acosh -> unary Math.Acosh (1.0 / apply Sqrt [ x * x - 1.0 ])
        | Atanh -> unary Math.Atanh (1.0 / (1.0 - x * x))
        | Sigmoid -> unary SpecialFunctions.sigmoid (y * (1.0 - y))
        | Softplus -> unary SpecialFunctions.softplus (apply Sigmoid [ x ])
        | Erf -> unary SpecialFunctions.erf (2.0 / Math.Sqrt Math.PI * apply Exp [ -(x * x) ])
        | Relu -> unary (fun x -> if x < 0.0 then 0.0 else x) (less (Number 0.0) x)
        | StopGradient -> unary id (Number 0.0)
        | Add -> binary (+) (Number 1.0) (Number 1.0)
        | Subtract -> binary (-) (Number 1.0) (Number -1.0)
        | Multiply -> binary (*) b a
        | Divide -> binary (/) (apply Reciprocal [ b ]) (-(y / b))
        | Power ->
            // At a = b = 0 the exponent 0 instead of -1 keeps 0·0⁻¹ out, and 1 instead of a keeps ln 0 out; not by choosing the result,
            // as then what was kept out would come back in the derivatives of these.
            let both = equal a (Number 0.0) * equal b (Number 0.0)

            binary
                (fun a b -> Math.Pow(a, b))
                (b * apply Power [ a; b - 1.0 + both ])
                (y * apply Log [ select a a (Number 1.0) ])
        | Max -> binary (fun a b -> Math.Max(a, b)) (less b a + 0.5 * equal a b) (less a b + 0.5 * equal a b)
        | Min -> binary (fun a b -> Math.Min(a, b)) (less a b + 0.5 * equal a b) (less b a + 0.5 * equal a b)
        | Less -> binary (fun a b -> truth (a < b)) (Number 0.0) (Number 0.0)
        | LessOrEqual -> binary (fun a b -> truth (a <= b)) (Number 0.0) (Number 0.0)
        | Equal -> binary (fun a b -> truth (a = b)) (Number 0.0) (Number 0.0)
        | Select -> {
            Value = Ternary(fun condition a b -> if condition <> 0.0 then a else b)
            Partials = [
                Number 0.0
                select (Operand 0) (Number 1.0) (Number 0.0)
                select (Operand 0) (Number 0.0) (Number 1.0)
            ]
          }

    /// Value of a function of as many operands as it has.
    let evaluate (f: Elementwise) (operands: float[]) =
        match (rule f).Value with
        | Unary value -> value operands[0]
        | Binary value -> value operands[0] operands[1]
        | Ternary value -> value operands[0] operands[1] operands[2]

    /// Number of operands.
    let arity (f: Elementwise) = (rule f).Partials.Length

    /// The formula with operands and result replaced by formulas.
    let rec private replace (operands: Formula list) (result: Formula) (formula: Formula) =
        match formula with
        | Operand i -> operands[i]
        | Result -> result
        | Number _ -> formula
        | Apply(f, arguments) -> Apply(f, arguments |> List.map (replace operands result))

    /// The derivative by one operand of a formula in the operands and the result of f.
    let rec private differentiate (f: Elementwise) (by: int) (formula: Formula) : Formula =
        match formula with
        | Operand i -> Number(if i = by then 1.0 else 0.0)
        | Result -> (rule f).Partials[by]
        | Number _ -> Number 0.0
        | Apply(g, arguments) ->
            arguments
            |> List.mapi (fun i argument ->
                replace arguments formula (rule g).Partials[i] * differentiate f by argument)
            |> List.reduce (+)

    /// The second partial derivative of f by two of its operands.
    let second (f: Elementwise) (first: int) (second: int) : Formula = differentiate f second (rule f).Partials[first]
