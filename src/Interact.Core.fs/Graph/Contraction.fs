namespace Interact.Core

open System.Collections.Generic

/// A product of two arrays summed over shared axes, in Einstein's notation: each axis carries a label; labels missing from the
/// result are summed. Matrix products, inner and outer products and batched products are all of this form.
/// No label stands twice in one operand, and every label stands in at least two of left, right and output.
type Contraction = { Left: int[]; Right: int[]; Output: int[] }

/// For contractions: shape, partial transposes, batching and value.
[<RequireQualifiedAccess>]
module Contraction =

    /// The same contraction with labels numbered by first appearance, so that equal contractions are equal values.
    let canonical (contraction: Contraction) : Contraction =
        let numbers = Dictionary<int, int>()

        let number label =
            match numbers.TryGetValue label with
            | true, known -> known
            | false, _ ->
                numbers[label] <- numbers.Count
                numbers[label]

        let output = contraction.Output |> Array.map number
        let left = contraction.Left |> Array.map number

        { Output = output; Left = left; Right = contraction.Right |> Array.map number }

    /// Size of every label.
    let sizes (contraction: Contraction) (left: Shape) (right: Shape) : Dictionary<int, int> =
        let sizes = Dictionary<int, int>()
        Array.iter2 (fun label size -> sizes[label] <- size) contraction.Left left
        Array.iter2 (fun label size -> sizes[label] <- size) contraction.Right right
        sizes

    /// Shape of the result.
    let shape (contraction: Contraction) (left: Shape) (right: Shape) : Shape =
        let sizes = sizes contraction left right
        contraction.Output |> Array.map (fun label -> sizes[label])

    /// Contracts a cotangent of the output with the right operand into a cotangent of the left one.
    let toLeft (contraction: Contraction) = {
        Left = contraction.Output
        Right = contraction.Right
        Output = contraction.Left
    }

    /// Contracts a cotangent of the output with the left operand into a cotangent of the right one.
    let toRight (contraction: Contraction) = {
        Left = contraction.Output
        Right = contraction.Left
        Output = contraction.Right
    }

    /// A label that the contraction does not use yet.
    let fresh (contraction: Contraction) =
        1 + Array.fold max -1 (Array.concat [ contraction.Left; contraction.Right; contraction.Output ])

    /// The contraction with a new leading axis on the result and on those operands that have one.
    let batched (left: bool) (right: bool) (contraction: Contraction) : Contraction =
        let label = fresh contraction
        let lead present labels = if present then Array.append [| label |] labels else labels

        {
            Left = lead left contraction.Left
            Right = lead right contraction.Right
            Output = lead true contraction.Output
        }

    /// The plain loop: the result of the contraction of two arrays.
    let value (contraction: Contraction) (left: Shape) (right: Shape) (a: float[]) (b: float[]) : float[] =
        let sizes = sizes contraction left right
        let labels = sizes.Keys |> Seq.toArray

        let stridesOf (operandLabels: int[]) shape =
            let strides = Shape.strides shape

            labels
            |> Array.map (fun label ->
                match Array.tryFindIndex ((=) label) operandLabels with
                | Some axis -> strides[axis]
                | None -> 0)

        let target = shape contraction left right
        let leftStrides = stridesOf contraction.Left left
        let rightStrides = stridesOf contraction.Right right
        let targetStrides = stridesOf contraction.Output target
        let result = Array.zeroCreate<float>(Shape.size target)

        Shape.iterate (labels |> Array.map (fun label -> sizes[label])) (fun index ->
            let position = Shape.offset targetStrides index

            result[position] <-
                result[position] + a[Shape.offset leftStrides index] * b[Shape.offset rightStrides index])

        result
