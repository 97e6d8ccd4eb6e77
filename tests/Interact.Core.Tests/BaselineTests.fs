/// Where paths start: medians and blurred images against their definitions.
module Interact.Core.Tests.BaselineTests

open System
open Interact.Core
open Interact.Core.Tests.Numbers
open Xunit

let private baselineOf baseline rows row =
    let task = PathTasks.create baseline rows row row |> Array.exactlyOne
    task.Baseline

[<Fact>]
let ``medians are the middle of each column, or between the two middle ones`` () =
    let odd = [| [| 3.0; -1.0 |]; [| 1.0; 5.0 |]; [| 2.0; 100.0 |] |]
    close 0.0 [| 2.0; 5.0 |] (baselineOf Median odd 1)
    let even = Array.append odd [| [| 10.0; 7.0 |] |]
    close 0.0 [| 2.5; 6.0 |] (baselineOf Median even 0)

let private shape = [| 1; 2; 9; 11 |]

let private blurred sigma image = baselineOf (Blurred(shape, sigma)) [| image |] 0

[<Fact>]
let ``a blurred image of one colour is itself`` () =
    let image = Array.init 198 (fun i -> if i < 99 then 0.7 else -2.0)
    close 1e-14 image (blurred 1.5 image)

[<Fact>]
let ``a blurred pixel is a Gaussian of the distance from it, in its own channel`` () =
    let sigma = 0.6
    let image = Array.init 198 (fun i -> if i = 99 + 4 * 11 + 5 then 1.0 else 0.0)
    let found = blurred sigma image
    let weight distance = exp (-0.5 * (float distance / sigma) ** 2.0)
    let total = Seq.sumBy weight [ -3 .. 3 ]

    let expected =
        Array.init 198 (fun i ->
            let row, column = i % 99 / 11, i % 11
            let near = abs (row - 4) <= 3 && abs (column - 5) <= 3
            if i >= 99 && near then weight (row - 4) * weight (column - 5) / (total * total) else 0.0)

    close 1e-14 expected found

[<Fact>]
let ``what is no image is not blurred, nor any by nothing`` () =
    for shape, sigma, expected in
        [ [| 1; 30 |], 1.0, "is no image"; shape, 0.0, "sigma is 0"; shape, 12.0, "sigma is 12" ] do
        let blur () = baselineOf (Blurred(shape, sigma)) [| Array.zeroCreate (Shape.size shape) |] 0 |> ignore
        Assert.Contains(expected, Assert.ThrowsAny<ArgumentException>(blur).Message)
