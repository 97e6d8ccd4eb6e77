namespace Interact.Core

open Interact.Core.Transform

/// Derivatives of functions on tensors. Each takes a function and gives a function of the same kind, so they nest to any depth:
/// grad (grad (grad f)) is the third derivative. Every application traces the function on a fresh input, so derivatives inside
/// derivatives never mix up their variables. Shapes that do not fit raise an ArgumentException.
[<AutoOpen>]
module Differentiation =

    /// The function traced on a fresh input, handed to a transformation, and put back in place of the actual argument.
    let private traced (f: Tensor -> Tensor) (x: Tensor) (transform: Node -> Node -> Node) : Tensor =
        let input = Node.input "x" x.Node.Shape
        let output = f (Tensor input)
        Graph.substitute [ input, x.Node ] [ transform input output.Node ] |> List.head |> Tensor

    let private requireShape name (given: Tensor) (wanted: Node) =
        Checks.require (given.Node.Shape = wanted.Shape) name (fun () ->
            $"{name} has shape {Shape.describe given.Node.Shape}; {Shape.describe wanted.Shape} is needed.")

    /// Value of f at x and its derivative along a tangent of x's shape.
    let jvp (f: Tensor -> Tensor) (x: Tensor) (tangent: Tensor) : Tensor * Tensor =
        requireShape (nameof tangent) tangent x.Node
        f x, traced f x (fun input output -> Jvp.apply input tangent.Node output)

    /// Value of f at x, and the function that takes a cotangent of the value's shape to one of x's shape.
    let vjp (f: Tensor -> Tensor) (x: Tensor) : Tensor * (Tensor -> Tensor) =
        let value = f x

        value,
        (fun cotangent ->
            requireShape (nameof cotangent) cotangent value.Node
            traced f x (fun input output -> Vjp.apply input output cotangent.Node))

    /// The gradient of a function with a scalar result: of x's shape.
    let grad (f: Tensor -> Tensor) (x: Tensor) : Tensor = traced f x Vjp.grad

    /// The second derivatives of a function with a scalar result: n x n for n elements of x in row-major order.
    let hessian (f: Tensor -> Tensor) (x: Tensor) : Tensor = traced f x Curvature.hessian

    /// The Hessian applied to a direction, without forming it: of x's shape.
    let hvp (f: Tensor -> Tensor) (x: Tensor) (direction: Tensor) : Tensor =
        requireShape (nameof direction) direction x.Node
        traced f x (fun input output -> Curvature.hvp input direction.Node output)

    /// DᵀHD for k directions, given along the first axis of an array of shape k x (shape of x): k x k.
    let curvature (directions: Tensor) (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        traced f x (Curvature.along directions.Node)

    /// The function on every element along the first axis.
    let vmap (f: Tensor -> Tensor) (batch: Tensor) : Tensor =
        Checks.require (batch.Node.Rank > 0) (nameof batch) (fun () -> "a scalar has no axis to map over.")
        let input = Node.input "x" batch.Node.Shape[1..]
        let output = f (Tensor input)
        Tensor(Vmap.apply [ input, batch.Node ] output.Node)

    /// The mixed partial derivative of a function with a scalar result by the given elements of x (flattened indices, with
    /// repetition): ∂ᵏf/∂x_i∂x_j… by nested forward differentiation. A scalar.
    let mixed (indices: int list) (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        let size = x.Node.Size

        for index in indices do
            Checks.within (nameof indices) 0 (size - 1) index

        traced f x (fun input output ->
            let unit index = Node.constant input.Shape (Array.init size (fun i -> if i = index then 1.0 else 0.0))

            (output, indices) ||> List.fold (fun derivative index -> Jvp.apply input (unit index) derivative))
