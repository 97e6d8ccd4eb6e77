/// Resampling along one axis: where each element of the result lies on the operand, and with what weights it is read there.
module internal Interact.Core.Onnx.Interpolation

open System
open Interact.Core

/// How places of the result and of the operand correspond.
[<RequireQualifiedAccess>]
type Coordinates =
    | HalfPixel
    | HalfPixelSymmetric
    | PytorchHalfPixel
    | AlignCorners
    | Asymmetric
    /// Between two places given as parts of the axis.
    | Crop of first: float * last: float

/// Which element is nearest to a place.
[<RequireQualifiedAccess>]
type Rounding =
    | HalfDown
    | HalfUp
    | Floor
    | Ceiling
    /// Down where the axis grows, up where it shrinks.
    | AwayFromScale

/// What lies between elements.
[<RequireQualifiedAccess>]
type Kernel =
    | Nearest of Rounding
    | Linear
    /// Cubic with that derivative at the second neighbour.
    | Cubic of coefficient: float

/// How an axis is resampled.
type Resampling = {
    /// Elements of the operand.
    Size: int
    /// Elements of the result.
    Count: int
    /// Elements of the result for each of the operand, which need not lead to a whole number of them.
    Scale: float
    Coordinates: Coordinates
    Kernel: Kernel
    /// Whether kernels are stretched where the axis shrinks, so that all elements are read.
    Antialias: bool
    /// Whether places beyond the ends have no weight, instead of repeating the last element.
    ExcludesOutside: bool
}

/// Where an element of the result lies on the operand; None where it lies beyond a crop of it.
let private place (axis: Resampling) (i: int) : float option =
    let x, size = float i, float axis.Size
    // The product with the number of elements is not rounded where the scale is their quotient.
    let isQuotient = axis.Scale = float axis.Count / size
    let unscale value = if isQuotient then value * size / float axis.Count else value / axis.Scale
    let length = axis.Scale * size
    let length = if isQuotient then float axis.Count else length

    match axis.Coordinates with
    | Coordinates.HalfPixel -> Some(unscale (x + 0.5) - 0.5)
    | Coordinates.HalfPixelSymmetric ->
        let offset = size / 2.0 * (1.0 - float axis.Count / length)
        Some(offset + unscale (x + 0.5) - 0.5)
    | Coordinates.PytorchHalfPixel -> Some(if axis.Count > 1 then unscale (x + 0.5) - 0.5 else 0.0)
    | Coordinates.AlignCorners -> Some(if length = 1.0 then 0.0 else x * (size - 1.0) / (length - 1.0))
    | Coordinates.Asymmetric -> Some(unscale x)
    | Coordinates.Crop(first, last) ->
        let found =
            if length = 1.0 then
                (first + last) * (size - 1.0) / 2.0
            else
                first * (size - 1.0) + x * (last - first) * (size - 1.0) / (length - 1.0)

        if found < 0.0 || found > size - 1.0 then None else Some found

let private linear x = max 0.0 (1.0 - abs x)

let private cubic a x =
    let x = abs x

    if x <= 1.0 then ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
    elif x < 2.0 then ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a
    else 0.0

let private nearest rounding (axis: Resampling) (x: float) =
    let low = floor x

    let isUp =
        match rounding with
        | Rounding.HalfDown -> x - low > 0.5
        | Rounding.HalfUp -> x - low >= 0.5
        | Rounding.Floor -> false
        | Rounding.Ceiling -> x > low
        | Rounding.AwayFromScale -> axis.Scale < 1.0 && x > low

    Math.Clamp((if isUp then low + 1.0 else low), 0.0, float (axis.Size - 1)) |> int

/// Whether an element of the result lies on the operand, not beyond a crop of it.
let isInside (axis: Resampling) i = (place axis i).IsSome

/// Adds to a row the weights of the operand's elements around x; they sum to 1.
let private addWeights (axis: Resampling) reach (kernel: float -> float) x (row: Span<float>) =
    let stretch = if axis.Antialias then min axis.Scale 1.0 else 1.0
    let mutable total = 0.0

    for j in int64 (ceil (x - reach / stretch)) .. int64 (floor (x + reach / stretch)) do
        if not axis.ExcludesOutside || j >= 0L && j < int64 axis.Size then
            let nearest = int (Math.Clamp(j, 0L, int64 axis.Size - 1L))
            let weight = kernel (stretch * (float j - x))
            row[nearest] <- row[nearest] + weight
            total <- total + weight

    for j in 0 .. row.Length - 1 do
        row[j] <- row[j] / total

/// Row i holds the weights of the operand's elements in element i of the result, nothing beyond a crop.
let private weights context (axis: Resampling) reach kernel : float[] =
    let weights =
        Array.zeroCreate<float>(context |> NodeContext.counted (float axis.Count * float axis.Size))

    for i in 0 .. axis.Count - 1 do
        match place axis i with
        | Some x -> addWeights axis reach kernel x (weights.AsSpan(i * axis.Size, axis.Size))
        | None -> ()

    weights

/// The node resampled along an axis; 0 beyond a crop. The nearest element is a choice, all else a product with the matrix of weights.
let along context (axis: int) (resampling: Resampling) (node: Node) : Node =
    let weighted reach kernel =
        let labels = [| 0 .. node.Rank - 1 |]
        let result = node.Rank

        Product.contract
            {
                Left = labels
                Right = [| result; axis |]
                Output = labels |> Array.map (fun label -> if label = axis then result else label)
            }
            node
            (Node.constant [| resampling.Count; resampling.Size |] (weights context resampling reach kernel))

    match resampling.Kernel with
    | Kernel.Nearest rounding ->
        node
        |> Node.gather
            axis
            (Array.init resampling.Count (fun i ->
                match place resampling i with
                | Some x -> nearest rounding resampling x
                | None -> -1))
    | Kernel.Linear -> weighted 1.0 linear
    | Kernel.Cubic coefficient -> weighted 2.0 (cubic coefficient)
