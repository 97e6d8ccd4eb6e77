// Which features act together: mixed partial derivatives of a function of six features.
//
// Once in a clone:  dotnet tool restore
//                   dotnet build Interact.sln -c Release
//                   dotnet paket generate-load-scripts --framework net10.0 --type fsx
// Then:             dotnet fsi samples/mixed-partials.fsx

#load "../.paket/load/net10.0/main.group.fsx"
#r "../src/Interact.Core.fs/bin/Release/net10.0/Interact.Core.dll"

open Interact.Core

let model =
    Model.ofFunction 6 (fun x -> exp (x.[0] * x.[2] * x.[4]) + sin (x.[1] * x.[3]) + x.[5] * x.[5])

let rows = [| for i in 1..50 -> [| for k in 1..6 -> cos (float (i * k * k)) |] |]

// One set at one row.
let triple = MixedPartials.ofSets MixedPartials.defaults model [| [| 0; 2; 4 |] |] rows.[..0]
printfn "D of {0, 2, 4}: %g" triple.[0].Values.[0]

// All triples at all rows.
let triples = MixedPartials.allOfOrder MixedPartials.defaults model 3 rows
printfn "%A" (triples.Strongest 2)

// All pairs, and of triples those that the four strongest pairs become with one feature more.
let search = { MixedPartials.searchDefaults with Parents = fun _ -> 4 }

for found in MixedPartials.search MixedPartials.defaults search model rows do
    printfn "order %d: %A" found.Order (found.Strongest 4)

// With u = x0 x2 x4 the derivative of exp(u) by all three is (1 + 3u + u²) exp(u).
let u = rows.[0].[0] * rows.[0].[2] * rows.[0].[4]

if abs (triple.[0].Values.[0] - (1.0 + 3.0 * u + u * u) * exp u) > 1e-13 then exit 1

// No other triple acts together, and derivatives that are zero are zero exactly.
if
    triples.Strongest 2 |> List.map (fun (set, strength) -> set = [| 0; 2; 4 |], strength > 0.0)
    <> [ true, true; false, false ]
then
    exit 1
