/// The inner loops: each works on one run of elements, and replaces the plain loop given in its description.
/// Kernels are chosen here and nowhere else.
module internal Interact.Core.Execution.Kernels

open System
open System.Numerics.Tensors
open Interact.Core

/// A function of one run: r[i] = f(x[i]).
type UnaryKernel = delegate of x: ReadOnlySpan<float> * r: Span<float> -> unit

/// A function of two runs: r[i] = f(x[i], y[i]).
type BinaryKernel = delegate of x: ReadOnlySpan<float> * y: ReadOnlySpan<float> * r: Span<float> -> unit

/// A function of a run and a number: r[i] = f(x[i], y).
type BinaryScalarKernel = delegate of x: ReadOnlySpan<float> * y: float * r: Span<float> -> unit

let private plainUnary (f: float -> float) =
    UnaryKernel(fun x r ->
        for i in 0 .. x.Length - 1 do
            r[i] <- f x[i])

let private plainBinary (f: float -> float -> float) =
    let f = OptimizedClosures.FSharpFunc<_, _, _>.Adapt f

    BinaryKernel(fun x y r ->
        for i in 0 .. x.Length - 1 do
            r[i] <- f.Invoke(x[i], y[i]))

/// The kernel of a function of one operand.
let unary (f: Elementwise) (value: float -> float) : UnaryKernel =
    match f with
    | Negate -> UnaryKernel(fun x r -> TensorPrimitives.Negate(x, r))
    | Sqrt -> UnaryKernel(fun x r -> TensorPrimitives.Sqrt(x, r))
    | StopGradient -> UnaryKernel(fun x r -> x.CopyTo r)
    | _ -> plainUnary value

/// The kernel of a function of two operands, both runs.
let binary (f: Elementwise) (value: float -> float -> float) : BinaryKernel =
    match f with
    | Add -> BinaryKernel(fun x y r -> TensorPrimitives.Add(x, y, r))
    | Subtract -> BinaryKernel(fun x y r -> TensorPrimitives.Subtract(x, y, r))
    | Multiply -> BinaryKernel(fun x y r -> TensorPrimitives.Multiply(x, y, r))
    | Divide -> BinaryKernel(fun x y r -> TensorPrimitives.Divide(x, y, r))
    | _ -> plainBinary value

/// The kernel of a function of two operands, the second one number for the whole run.
let binaryByScalar (f: Elementwise) (value: float -> float -> float) : BinaryScalarKernel =
    match f with
    | Add -> BinaryScalarKernel(fun x y r -> TensorPrimitives.Add(x, y, r))
    | Subtract -> BinaryScalarKernel(fun x y r -> TensorPrimitives.Subtract(x, y, r))
    | Multiply -> BinaryScalarKernel(fun x y r -> TensorPrimitives.Multiply(x, y, r))
    | Divide -> BinaryScalarKernel(fun x y r -> TensorPrimitives.Divide(x, y, r))
    | _ ->
        let f = OptimizedClosures.FSharpFunc<_, _, _>.Adapt value

        BinaryScalarKernel(fun x y r ->
            for i in 0 .. x.Length - 1 do
                r[i] <- f.Invoke(x[i], y))

/// The kernel of a function of two operands, the first one number for the whole run: r[i] = f(y, x[i]).
let scalarByRun (f: Elementwise) (value: float -> float -> float) : BinaryScalarKernel =
    match f with
    | Add
    | Multiply -> binaryByScalar f value
    | Subtract -> BinaryScalarKernel(fun x y r -> TensorPrimitives.Subtract(y, x, r))
    | Divide -> BinaryScalarKernel(fun x y r -> TensorPrimitives.Divide(y, x, r))
    | _ ->
        let f = OptimizedClosures.FSharpFunc<_, _, _>.Adapt value

        BinaryScalarKernel(fun x y r ->
            for i in 0 .. x.Length - 1 do
                r[i] <- f.Invoke(y, x[i]))

/// r[i] += x[i].
let accumulate (x: ReadOnlySpan<float>) (r: Span<float>) =
    TensorPrimitives.Add((Span<float>.op_Implicit r: ReadOnlySpan<float>), x, r)

/// Sum of a run, from the first to the last element: the order never depends on where the run lies in memory.
let sum (x: ReadOnlySpan<float>) =
    let mutable total = 0.0

    for i in 0 .. x.Length - 1 do
        total <- total + x[i]

    total
