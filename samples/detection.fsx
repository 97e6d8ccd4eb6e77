// Which features act together in the whole of a model, over many rows; see docs/detection.md.
#load "../.paket/load/net10.0/main.group.fsx"
#r "../src/Interact.Core.fs/bin/Release/net10.0/Interact.Core.dll"

open Interact.Core

let rows = Array.init 200 (fun row -> Array.init 5 (fun i -> cos (float ((row + 1) * (2 * i + 1)))))

let model =
    Model.ofFunction 5 (fun x -> tanh (x.[0] * x.[1] * x.[2]) + 0.5 * sin (x.[2] * x.[3]) + x.[4] * x.[4])

let chosen = Representatives.choose (Representatives.Drawn(64, 0)) rows
let search = { MixedPartials.searchDefaults with Order = 3 }

for set in
    Detection.byMixedPartials MixedPartials.defaults search model rows chosen
    |> Ranking.withoutSubsets
    |> Seq.truncate 3 do
    printfn "%A: %.3f" set.Members set.Strength
