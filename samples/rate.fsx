// Which variables are central in the posterior of a Bayesian regression, from draws of its coefficients; see docs/rate.md.
#load "../.paket/load/net10.0/main.group.fsx"
#r "../src/Interact.Core.fs/bin/Release/net10.0/Interact.Core.dll"

open System
open Interact.Core

// Two hundred draws of five coefficients: dose and age are determined together, the others by themselves.
let names = [| "dose"; "age"; "weight"; "height"; "noise" |]
let random = Random 1

let normal () = sqrt (-2.0 * log (1.0 - random.NextDouble())) * cos (2.0 * Math.PI * random.NextDouble())

let draws =
    Array.init 200 (fun _ ->
        let shared = normal ()

        [|
            1.0 + shared
            0.8 - 0.9 * shared + 0.3 * normal ()
            0.5 + normal ()
            0.5 + normal ()
            normal ()
        |])

let result = Rate.explain Rate.defaults (EffectSizes.ofDraws draws)

for rate, name in Array.zip result.Rates names |> Array.sortDescending do
    printfn "%-8s %.3f%s" name rate (if rate > result.UniformRate then " *" else "")

printfn "effective sample size %.0f%%" result.EffectiveSampleSize

// The others, given that dose has no effect.
let others = Rate.explain { Rate.defaults with Given = [| 0 |] } (EffectSizes.ofDraws draws)
printfn "without dose: %.0f%%" others.EffectiveSampleSize
