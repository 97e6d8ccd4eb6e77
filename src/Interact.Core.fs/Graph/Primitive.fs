namespace Interact.Core

open System

/// Elements that stay where and as they are, such as the single-precision weights of a file, until they are needed as doubles.
[<AbstractClass>]
type StoredElements internal (count: int) =
    /// Number of elements.
    member _.Count = count

    /// Writes all elements as doubles, in order.
    abstract CopyTo: target: Span<float> -> unit

    /// All elements as doubles, in an array of their own.
    member this.ToArray() : float[] =
        let values = Array.zeroCreate<float> count
        this.CopyTo(values.AsSpan())
        values

/// A constant array.
type Literal =
    /// Every element has this value.
    | Fill of float
    /// The elements in row-major order. Never changed once part of a graph.
    | Dense of float[]
    /// The elements in row-major order, kept elsewhere.
    | Stored of StoredElements
    /// The identity matrix.
    | Identity

/// The closed set of operations that a graph is made of.
type Primitive =
    /// A value that is supplied when the graph is run.
    | Input of name: string
    | Constant of Literal
    | Elementwise of Elementwise
    | Structural of Structural
    | Contract of Contraction
    /// The largest element over the given axes, ascending, which are removed. Ties share the derivative equally.
    | Maximum of axes: int[]
    /// The operands one after the other along an axis.
    | Concat of axis: int

/// Shape and value of every primitive, by plain loops: what folds constants, and what every kernel is tested against.
[<RequireQualifiedAccess>]
module Primitive =

    /// The name of a primitive as it stands in messages and printed graphs.
    let name (primitive: Primitive) =
        match primitive with
        | Input name -> name
        | Constant _ -> "constant"
        | Elementwise f -> (string f).ToLowerInvariant()
        | Structural map ->
            match map with
            | Reshape _ -> "reshape"
            | Transpose _ -> "transpose"
            | Broadcast _ -> "broadcast"
            | Sum _ -> "sum"
            | Gather _ -> "gather"
            | Scatter _ -> "scatter"
        | Contract _ -> "contract"
        | Maximum _ -> "maximum"
        | Concat _ -> "concat"

    /// The elements of a literal of the given shape.
    let literal (shape: Shape) (literal: Literal) : float[] =
        match literal with
        | Fill value -> Array.create (Shape.size shape) value
        | Dense values -> values
        | Stored elements -> elements.ToArray()
        | Identity ->
            let n = shape[0]
            Array.init (n * n) (fun i -> if i / n = i % n then 1.0 else 0.0)

    let private elementwise f (target: Shape) (operands: (Shape * float[])[]) =
        let strides = operands |> Array.map (fun (shape, _) -> Shape.broadcastStrides shape target)
        let arguments = Array.zeroCreate<float> operands.Length
        let result = Array.zeroCreate<float>(Shape.size target)
        let mutable position = 0

        Shape.iterate target (fun index ->
            for i in 0 .. operands.Length - 1 do
                arguments[i] <- (snd operands[i])[Shape.offset strides[i] index]

            result[position] <- Elementwise.evaluate f arguments
            position <- position + 1)

        result

    let private maximum axes (operand: Shape, values: float[]) =
        let result = Array.create (Shape.size (Shape.removeAxes axes operand)) Double.NegativeInfinity
        let write = Shape.broadcastStrides (Shape.keepAxes axes operand) operand
        let mutable position = 0

        Shape.iterate operand (fun index ->
            let target = Shape.offset write index
            result[target] <- Math.Max(result[target], values[position])
            position <- position + 1)

        result

    let private concat axis (operands: (Shape * float[])[]) =
        let outer = operands |> Array.map (fun (shape, _) -> Shape.size shape[.. axis - 1]) |> Array.head

        [|
            for i in 0 .. outer - 1 do
                for _, values in operands do
                    let run = values.Length / outer
                    yield! values[i * run .. (i + 1) * run - 1]
        |]

    /// The value of a primitive that computes, for operands given with their shapes. Inputs and constants do not compute.
    let value (primitive: Primitive) (target: Shape) (operands: (Shape * float[])[]) : float[] =
        match primitive with
        | Input name -> Checks.invalid (nameof primitive) $"input '{name}' has no value of its own."
        | Constant constant -> literal target constant
        | Elementwise f -> elementwise f target operands
        | Structural map -> operands[0] ||> Structural.value map
        | Contract contraction ->
            let left, a = operands[0]
            let right, b = operands[1]
            Contraction.value contraction left right a b
        | Maximum axes -> maximum axes operands[0]
        | Concat axis -> concat axis operands
