namespace Interact.Core

open System

/// Graphs of the same function with other nodes, to see whether an explanation depends on how a function is written.
[<RequireQualifiedAccess>]
module Equivalent =

    let private unary f x = Node.elementwise f [ x ]
    let private binary f x y = Node.elementwise f [ x; y ]
    let private number (value: float) = Node.scalar value
    let private times factor x = Node.multiply (number factor) x
    let private plus term x = Node.add (number term) x
    let private half x = times 0.5 x

    /// The same function written in another way; None where no other way is as good.
    ///
    /// Each identity was chosen to hold to rounding wherever the original is finite, derivatives included, and to agree with it at
    /// kinks: exp z as (exp ½z)² and not 1/exp(-z), whose derivative is 0·∞ far to the left; σ(z) as exp(-softplus(-z)), which
    /// keeps its relative accuracy there; softplus z as z + softplus(-z), free of overflow; ReLU by choice and not as (z+|z|)/2,
    /// whose derivative at 0 is ½. A product is left alone: ((a+b)² - (a-b)²)/4 cancels.
    let private another (f: Elementwise) (operands: Node[]) : Node option =
        let z = operands[0]

        match f with
        | Subtract -> Some(Node.add z (unary Negate operands[1]))
        | Divide -> Some(Node.multiply z (unary Reciprocal operands[1]))
        | Tanh -> Some(unary Sigmoid (times 2.0 z) |> times 2.0 |> plus -1.0)
        | Sigmoid -> Some(unary Negate z |> unary Softplus |> unary Negate |> unary Exp)
        | Softplus -> Some(Node.add z (unary Softplus (unary Negate z)))
        | Exp ->
            let root = unary Exp (half z)
            Some(Node.multiply root root)
        | Expm1 -> Some(unary Exp z |> plus -1.0)
        | Log -> Some(unary Sqrt z |> unary Log |> times 2.0)
        | Log1p -> Some(plus 1.0 z |> unary Log)
        | Sqrt -> Some(binary Power z (number 0.5))
        | Sin -> Some(Node.multiply (unary Sin (half z)) (unary Cos (half z)) |> times 2.0)
        | Cos ->
            let sine = unary Sin (half z)
            Some(Node.multiply sine sine |> times -2.0 |> plus 1.0)
        | Tan -> Some(binary Divide (unary Sin z) (unary Cos z))
        | Asin -> Some(unary Negate (unary Acos z) |> plus (Math.PI / 2.0))
        | Acos -> Some(unary Negate (unary Asin z) |> plus (Math.PI / 2.0))
        | Sinh -> Some(binary Subtract (unary Exp z) (unary Exp (unary Negate z)) |> half)
        | Cosh -> Some(binary Add (unary Exp z) (unary Exp (unary Negate z)) |> half)
        | Atanh -> Some(binary Subtract (unary Log1p z) (unary Log1p (unary Negate z)) |> half)
        | Relu -> Some(Node.elementwise Select [ binary Less (number 0.0) z; z; number 0.0 ])
        | Abs -> Some(Node.add (unary Relu z) (unary Relu (unary Negate z)))
        // Beside a constant 0 the other one becomes a ReLU, which has another derivative where the two tie.
        | Max
        | Min when operands |> Array.exists Node.isZero -> None
        | Max -> Some(unary Negate (binary Min (unary Negate z) (unary Negate operands[1])))
        | Min -> Some(unary Negate (binary Max (unary Negate z) (unary Negate operands[1])))
        | Negate
        | Reciprocal
        | Sign
        | Floor
        | Ceiling
        | Round
        | Atan
        | Asinh
        | Acosh
        | Erf
        | StopGradient
        | Add
        | Multiply
        | Power
        | Less
        | LessOrEqual
        | Equal
        | Select -> None

    /// The outputs with every node written in another way where there is one.
    let rewrite (outputs: Node list) : Node list =
        outputs
        |> Graph.rewrite (fun node operands ->
            match node.Primitive with
            | Elementwise f -> another f operands
            | Input _
            | Constant _
            | Structural _
            | Contract _
            | Maximum _
            | Concat _ -> None)

    /// The function computed by another graph; None where none of its nodes can be written in another way.
    let tryRewrite (graph: GraphFunction) : GraphFunction option =
        let output = rewrite [ graph.Output ] |> List.head

        if obj.ReferenceEquals(output, graph.Output) then
            None
        else
            Some(GraphFunction(graph.Input, output, (fun _ -> None), graph.Held))
