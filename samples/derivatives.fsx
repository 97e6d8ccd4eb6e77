// Derivatives of functions on tensors: they nest to any depth, and every one is a graph again.
//
// Once in a clone:  dotnet tool restore
//                   dotnet build Interact.sln -c Release
//                   dotnet paket generate-load-scripts --framework net10.0 --type fsx
// Then:             dotnet fsi samples/derivatives.fsx

#load "../.paket/load/net10.0/main.group.fsx"
#r "../src/Interact.Core.fs/bin/Release/net10.0/Interact.Core.dll"

open Interact.Core

/// Prints a value beside what it should be, and stops where they differ.
let check what (found: Tensor) (expected: float[]) =
    let values = found.TryValue |> Option.defaultValue [||]
    printfn "%-34s %O" what found

    if values.Length <> expected.Length || Array.exists2 (fun a b -> abs (a - b) > 1e-12) values expected then
        eprintfn "expected %A" expected
        exit 1

// The third derivative of tanh.
let d3 = grad (grad (grad tanh))
let t = tanh 0.5
check "tanh''' at 0.5" (d3 (Tensor.scalar 0.5)) [| (1.0 - t * t) * (6.0 * t * t - 2.0) |]

// A function of a vector: gradient, Hessian, a mixed partial derivative of order 3.
let f (x: Tensor) = exp (x.[0] * x.[1]) * x.[2]
let x = Tensor.ofArray [| 0.5; 2.0; 3.0 |]
let e = exp 1.0
check "gradient" (grad f x) [| 6.0 * e; 1.5 * e; e |]
check "Hessian" (hessian f x) [| 12.0 * e; 6.0 * e; 2.0 * e; 6.0 * e; 0.75 * e; 0.5 * e; 2.0 * e; 0.5 * e; 0.0 |]
check "d³f/dx0 dx1 dx2" (mixed [ 0; 1; 2 ] f x) [| 2.0 * e |]

// Second derivatives along two directions only: DᵀHD, without the Hessian.
let directions = Tensor.create [| 2; 3 |] [| 1.0; 1.0; 0.0; 0.0; 0.0; 1.0 |]
check "DᵀHD" (curvature directions f x) [| 24.75 * e; 2.5 * e; 2.5 * e; 0.0 |]

// Inner derivatives do not mix up their variables with outer ones: d/dx (x · d/dy (x·y)) = 2x.
let nested = grad (fun (x: Tensor) -> x * grad (fun (y: Tensor) -> x * y) x)
check "derivative inside a derivative" (nested (Tensor.scalar 3.0)) [| 6.0 |]

// Gradients of many rows at once.
let rows = Tensor.create [| 2; 3 |] [| 0.0; 1.0; 1.0; 1.0; 0.0; 2.0 |]
check "gradients of two rows" (vmap (grad f) rows) [| 1.0; 0.0; 1.0; 0.0; 2.0; 1.0 |]
