/// Convolutions and poolings by plain loops over elements and places in windows.
module internal Interact.Core.Tests.Windows

open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

let size shape = List.fold (*) 1 shape

/// No two of the first hundred are closer than .01, and none is closer than .1 to 0.
let numbers count = [
    for i in 1..count ->
        let x = float (i * 37 % 101) / 25.0 - 2.0
        if x >= 0.0 then x + 0.15 else x - 0.1
]

/// How windows move: for each spatial axis kernel, stride, dilation, padding before and after.
type Axis = { Kernel: int; Stride: int; Dilation: int; Before: int; After: int }

let axis kernel = { Kernel = kernel; Stride = 1; Dilation = 1; Before = 0; After = 0 }

let attributes (axes: Axis list) = [
    Attr.ints "strides" (axes |> List.map _.Stride)
    Attr.ints "dilations" (axes |> List.map _.Dilation)
    Attr.ints "pads" (List.append (axes |> List.map _.Before) (axes |> List.map _.After))
]

let kernels (axes: Axis list) = axes |> List.map _.Kernel

/// The spatial indices that a window's place falls on.
let elementAt (axes: Axis list) (window: int list) (place: int list) =
    List.map3 (fun axis o k -> o * axis.Stride + k * axis.Dilation - axis.Before) axes window place

let isInside (space: int list) (index: int list) = List.forall2 (fun size i -> i >= 0 && i < size) space index

/// Y[n, m, o] = B[m] + Σ X[n, c, o·stride + k·dilation - before] W[m, c in the group, k]
let convolution
    groups
    (axes: Axis list)
    (xShape: int list)
    (x: float list)
    (wShape: int list)
    (w: float list)
    (bias: float list)
    outSpace
    =
    let inGroup, outGroup = wShape[1], wShape[0] / groups
    let space = List.skip 2 xShape

    tabulate (xShape[0] :: wShape[0] :: outSpace) (fun index ->
        let n, m, window = index[0], index[1], List.skip 2 index

        bias[m]
        + List.sum [
            for c in 0 .. inGroup - 1 do
                for place in coordinates (kernels axes) do
                    let element = elementAt axes window place

                    if isInside space element then
                        at xShape x (n :: (m / outGroup * inGroup + c) :: element) * at wShape w (m :: c :: place)
        ])

/// The transpose: every element of X is spread over a window of Y.
let spread
    groups
    (axes: Axis list)
    (xShape: int list)
    (x: float list)
    (wShape: int list)
    (w: float list)
    (bias: float list)
    outSpace
    =
    let inGroup, outGroup = wShape[0] / groups, wShape[1]

    tabulate (xShape[0] :: groups * outGroup :: outSpace) (fun index ->
        let n, m, target = index[0], index[1], List.skip 2 index

        bias[m]
        + List.sum [
            for c in 0 .. inGroup - 1 do
                for window in coordinates (List.skip 2 xShape) do
                    for place in coordinates (kernels axes) do
                        if elementAt axes window place = target then
                            let channel = m / outGroup * inGroup + c
                            at xShape x (n :: channel :: window) * at wShape w (channel :: m % outGroup :: place)
        ])

/// What is made of the elements of a window that are there, and of the number of its places that count.
let pooled
    (axes: Axis list)
    (xShape: int list)
    (x: float list)
    outSpace
    includesPadding
    (value: float list -> int -> float)
    =
    let space = List.skip 2 xShape

    let counts (axis: Axis) size i =
        if includesPadding then i >= -axis.Before && i < size + axis.After else i >= 0 && i < size

    tabulate (List.take 2 xShape @ outSpace) (fun index ->
        let places = coordinates (kernels axes) |> List.map (elementAt axes (List.skip 2 index))
        let inside = places |> List.filter (isInside space)

        let counted =
            places
            |> List.filter (List.forall2 (fun (axis, size) i -> counts axis size i) (List.zip axes space))

        value (inside |> List.map (fun element -> at xShape x (List.take 2 index @ element))) counted.Length)

/// The attribute that leaves the padding to the operator.
let same = Attr.string "auto_pad"
