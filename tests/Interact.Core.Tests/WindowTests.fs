/// Laws of windows and of resampling, on random sizes.
module Interact.Core.Tests.WindowTests

open FsCheck.FSharp
open Interact.Core
open Interact.Core.Onnx
open Interact.Core.Tests.Generators
open Interact.Core.Tests.ModelFile
open Interact.Core.Tests.Numbers
open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase
open Interact.Core.Tests.Windows
open Xunit

let private axis =
    gen {
        let! kernel = Gen.choose (1, 3)
        let! stride = Gen.choose (1, 3)
        let! dilation = Gen.choose (1, 2)
        let! before = Gen.choose (0, kernel - 1)
        let! after = Gen.choose (0, kernel - 1)

        return { Kernel = kernel; Stride = stride; Dilation = dilation; Before = before; After = after }
    }

/// One or two axes, each with a size that at least one window fits.
let private windows =
    gen {
        let! rank = Gen.choose (1, 2)
        let! axes = Gen.listOfLength rank axis
        let! more = Gen.listOfLength rank (Gen.choose (0, 4))

        let size axis extra = max 1 ((axis.Kernel - 1) * axis.Dilation + 1 - axis.Before - axis.After) + extra

        return axes, List.map2 size axes more
    }
    |> Arb.fromGen

/// How many windows fit.
let private counts axes space =
    List.map2
        (fun axis size -> (size + axis.Before + axis.After - (axis.Kernel - 1) * axis.Dilation - 1) / axis.Stride + 1)
        axes
        space

let private groups = 2
let private xShapeOf space = [ 2; 4 ] @ space
let private wShapeOf axes = [ 6; 2 ] @ kernels axes

[<Fact>]
let ``convolutions are sums over windows of any size`` () =
    holdsFor 60 windows (fun (axes, space) ->
        let xShape, wShape = xShapeOf space, wShapeOf axes
        let x, w, bias = numbers (size xShape), numbers (size wShape), numbers 6

        check (
            row "Conv" 22 "" (Attr.int "group" groups :: attributes axes) [
                Reals(xShape, x)
                Reals(wShape, w)
                reals bias
            ] [ convolution groups axes xShape x wShape w bias (counts axes space) ]
        ))

/// The result of a node of one operand beside constant weights.
let private valueWith operator attributes (shape: int list) (elements: float list) (weights: Constant) =
    let f =
        model
            22
            [ node operator [ "x"; "w" ] [ "y" ] attributes ]
            [ Val.double "x" (shape |> List.map (int64 >> Fixed)) ] [ "y" ] [ weights ]
        |> load

    Model.evaluate f (Array.ofList elements)

[<Fact>]
let ``a transposed convolution is the transpose of the convolution`` () =
    holdsFor 60 windows (fun (axes, space) ->
        let xShape, wShape = xShapeOf space, wShapeOf axes
        let yShape = [ 2; 6 ] @ counts axes space
        let x, y = numbers (size xShape), numbers (size yShape) |> List.rev
        let weights = Init.doubles "w" wShape (numbers (size wShape))
        let given = Attr.int "group" groups :: attributes axes
        // What no window reaches at the end has to be added.
        let reached =
            List.map2 (fun axis count -> (count - 1) * axis.Stride + (axis.Kernel - 1) * axis.Dilation + 1) axes

        let rest = List.map3 (fun axis size reached -> size + axis.Before + axis.After - reached) axes space
        let added = Attr.ints "output_padding" (rest (reached (counts axes space)))
        let forward = valueWith "Conv" given xShape x weights
        let back = valueWith "ConvTranspose" (added :: given) yShape y weights
        closeTo 1e-12 (inner (Array.ofList y) forward) (inner back (Array.ofList x)))

[<Fact>]
let ``poolings see windows of any size`` () =
    let largest (elements: float list) _ = List.max elements
    let mean (elements: float list) count = List.sum elements / float count

    let isWhole (axes, space: int list) =
        coordinates (counts axes space)
        |> List.forall (fun window ->
            coordinates (kernels axes)
            |> List.exists (fun place -> isInside space (elementAt axes window place)))

    holdsFor 100 windows (fun (axes, space) ->
        if isWhole (axes, space) then
            let shape = [ 2; 2 ] @ space
            let x = numbers (size shape)

            for operator, includesPadding, value in
                [ "MaxPool", false, largest; "AveragePool", false, mean; "AveragePool", true, mean ] do
                let given = [
                    Attr.ints "kernel_shape" (kernels axes)
                    if includesPadding then Attr.int "count_include_pad" 1
                    yield! attributes axes
                ]

                check (
                    row operator 22 "" given [ Reals(shape, x) ] [
                        pooled axes shape x (counts axes space) includesPadding value
                    ]
                ))

[<Fact>]
let ``resampling keeps what is constant, and the identity keeps everything`` () =
    let resize attributes elements (count: int) =
        let f =
            model
                19
                [ node "Resize" [ "x"; ""; ""; "sizes" ] [ "y" ] attributes ]
                [ Val.double "x" [ Fixed(int64 (List.length elements)) ] ] [ "y" ] [
                    Init.int64s "sizes" [ 1 ] [ int64 count ]
                ]
            |> load

        Model.evaluate f (Array.ofList elements)

    let attributes =
        gen {
            let! mode = Gen.elements [ "nearest"; "linear"; "cubic" ]

            let! coordinates =
                Gen.elements [
                    "half_pixel"
                    "half_pixel_symmetric"
                    "pytorch_half_pixel"
                    "align_corners"
                    "asymmetric"
                ]

            let! antialias, excludes = Gen.two (Gen.choose (0, 1))
            let! rounding = Gen.elements [ "round_prefer_floor"; "round_prefer_ceil"; "floor"; "ceil" ]

            return [
                Attr.string "mode" mode
                Attr.string "coordinate_transformation_mode" coordinates
                Attr.string "nearest_mode" rounding
                Attr.int "antialias" antialias
                Attr.int "exclude_outside" excludes
            ]
        }

    let cases = Gen.zip3 attributes (Gen.choose (1, 9)) (Gen.choose (1, 9)) |> Arb.fromGen

    holdsFor 200 cases (fun (attributes, size, count) ->
        close 1e-12 (Array.create count 2.5) (resize attributes (List.replicate size 2.5) count)
        let elements = numbers size
        close 1e-12 (Array.ofList elements) (resize attributes elements size))
