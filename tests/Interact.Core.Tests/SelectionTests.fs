/// What is chosen by order, and lengths at zero, inside of networks: places have no derivative, what is at them has.
module Interact.Core.Tests.SelectionTests

open Interact.Core
open Interact.Core.Onnx
open Interact.Core.Tests.ModelFile
open Interact.Core.Tests.Numbers
open Interact.Core.Tests.OnnxBuilder
open Xunit

let private ofNodes (shape: int64 list) constants nodes =
    model 13 nodes [ Val.double "x" (shape |> List.map Fixed) ] [ "y" ] constants |> load

let private line = [ 4L ]
let private toDouble = Attr.int "to" (DataType.number DataType.Double)

[<Fact>]
let ``a place that the input chooses is a constant to derivatives`` () =
    // y = Σ place · x², the place of the largest element counted from 0.
    let f =
        ofNodes line [] [
            node "ArgMax" [ "x" ] [ "place" ] []
            node "Cast" [ "place" ] [ "factor" ] [ toDouble ]
            node "Mul" [ "x"; "x" ] [ "square" ] []
            node "Mul" [ "square"; "factor" ] [ "product" ] []
            node "ReduceSum" [ "product" ] [ "y" ] []
        ]

    let point = [| 1.0; -2.0; 5.0; 3.0 |]
    close 1e-15 [| 78.0 |] (Model.evaluate f point)
    close 1e-15 [| 4.0; -8.0; 20.0; 12.0 |] (Model.gradient f 0 point)
    close 1e-15 (Array.init 16 (fun i -> if i % 5 = 0 then 4.0 else 0.0)) (Model.hessian f 0 point |> flat)

[<Theory>]
[<InlineData(true)>]
[<InlineData(false)>]
let ``elements of any number are put in order`` largest =
    let random = System.Random 3

    for n in 1..40 do
        let point = Array.init n (fun _ -> float (random.Next 20))

        let f =
            ofNodes [ int64 n ] [ Init.int64s "n" [ 1 ] [ int64 n ] ] [
                node "TopK" [ "x"; "n" ] [ "y"; "" ] [ Attr.int "largest" (if largest then 1 else 0) ]
            ]

        Assert.Equal<float[]>(
            (if largest then Array.sortDescending point else Array.sort point),
            Model.evaluate f point
        )

[<Fact>]
let ``interactions count in exactly where the order of elements changes`` () =
    // The first, second and third of three, by the largest, the smallest and the sum; two of them change places on the path, twice.
    let weights = [| 1.0; -2.0; 0.5 |]

    let sorted =
        ofNodes [ 3L ] [ Init.int64s "k" [ 1 ] [ 3L ]; Init.doubles "w" [ 3 ] (List.ofArray weights) ] [
            node "TopK" [ "x"; "k" ] [ "ordered"; "" ] []
            node "Mul" [ "ordered"; "w" ] [ "product" ] []
            node "ReduceSum" [ "product" ] [ "y" ] []
        ]

    let known =
        Model.ofFunction 3 (fun x ->
            let largest = Tensor.max (Tensor.max x[0] x[1]) x[2]
            let smallest = Tensor.min (Tensor.min x[0] x[1]) x[2]

            weights[0] * largest
            + weights[1] * (x[0] + x[1] + x[2] - largest - smallest)
            + weights[2] * smallest)

    let explain model =
        IntegratedHessians.explain { PathOptions.defaults with Tolerance = 1e-11 } model [| 3.0; 0.5; 1.0 |] [|
            0.25
            2.0
            4.0
        |]

    let found, expected = explain sorted, explain known
    Assert.True(found.Certificate.Satisfied, $"{found.Certificate}")
    Assert.Equal(Some 2, found.Certificate.Kinks)
    close 1e-12 (flat expected.Interactions.Value) (flat found.Interactions.Value)

[<Fact>]
let ``the places that a pooling found can be computed with`` () =
    let f =
        ofNodes [ 1L; 1L; 4L ] [] [
            node "MaxPool" [ "x" ] [ "largest"; "place" ] [ Attr.ints "kernel_shape" [ 2 ]; Attr.ints "strides" [ 2 ] ]
            node "Cast" [ "place" ] [ "factor" ] [ toDouble ]
            node "Mul" [ "largest"; "factor" ] [ "product" ] []
            node "ReduceSum" [ "product" ] [ "y" ] []
        ]

    let point = [| 1.0; 2.0; 5.0; 3.0 |]
    close 1e-15 [| 12.0 |] (Model.evaluate f point)
    close 1e-15 [| 0.0; 1.0; 2.0; 0.0 |] (Model.gradient f 0 point)

[<Fact>]
let ``elements of a window that tie share the derivative`` () =
    let f =
        ofNodes [ 1L; 1L; 2L ] [] [
            // Each window has one of its elements twice: in its place and in the padding's.
            node "MaxPool" [ "x" ] [ "pooled" ] [ Attr.ints "kernel_shape" [ 2 ]; Attr.ints "pads" [ 1; 1 ] ]
            node "ReduceSum" [ "pooled" ] [ "y" ] []
        ]

    close 1e-15 [| 1.5; 1.5 |] (Model.gradient f 0 [| 4.0; 4.0 |])
    close 1e-15 [| 2.0; 1.0 |] (Model.gradient f 0 [| 4.0; 3.0 |])

[<Theory>]
[<InlineData("ReduceL2")>]
[<InlineData("LpNormalization")>]
[<InlineData("MeanVarianceNormalization")>]
[<InlineData("LpPool")>]
[<InlineData("GlobalLpPool")>]
let ``the derivative of a length is 0 where everything is 0`` operator =
    let attributes = [
        if operator = "LpPool" then Attr.ints "kernel_shape" [ 2; 1 ]
        if operator = "MeanVarianceNormalization" then Attr.ints "axes" [ 2 ]
    ]

    let f =
        ofNodes [ 1L; 1L; 2L; 1L ] [] [ node operator [ "x" ] [ "z" ] attributes; node "ReduceSum" [ "z" ] [ "y" ] [] ]

    let isZero = operator <> "MeanVarianceNormalization" && operator <> "LpNormalization"
    if isZero then close 1e-15 [| 0.0; 0.0 |] (Model.gradient f 0 [| 0.0; 0.0 |])
    Assert.All(Model.gradient f 0 [| 0.0; 0.0 |], (fun slope -> Assert.True(System.Double.IsFinite slope)))
    Assert.All(Model.hessian f 0 [| 0.0; 0.0 |] |> flat, (fun slope -> Assert.True(System.Double.IsFinite slope)))
