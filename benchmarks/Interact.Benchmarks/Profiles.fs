/// Where the time of second derivatives goes, work by work: what bounds those that do not come near the machine's peak.
module Interact.Benchmarks.Profiles

open Interact.Core.Execution

let private nodes = 16

/// Steps shown of each work.
let private shown = 5

let private giga multiplyAdds seconds = Document.number (2.0 * multiplyAdds / seconds / 1e9)

let private isProduct (step: StepTime) = step.MultiplyAdds > 0.0
let private isElementwise (step: StepTime) = step.Step.StartsWith "tile"

/// Measures, prints, and writes the section.
let run (path: string) =
    let peak = Peak.measure Peak.Double 1

    let profiles =
        Works.named None
        |> List.map (fun work ->
            let directions = work.Groups |> Option.map (fun _ -> work.Parts)
            work, Engine.profile work.Model directions nodes)

    let lines =
        [
            $"{Machine.date}; {Machine.description}. One row at {nodes} nodes on one thread; the peak is {Document.number (peak / 1e9)} Gflop/s, a multiply-add counted as two."
            ""
        ]
        @ Document.table [
            "work"
            "ms"
            "multiply-adds, 1e6"
            "Gflop/s"
            "of the peak"
            "steps"
            "in products"
            "their Gflop/s"
            "elementwise"
            "sums and moves"
            "MB a run"
        ] [
            for work, profile in profiles do
                let seconds steps = steps |> Array.sumBy (fun (step: StepTime) -> step.Seconds)
                let total = seconds profile.Steps
                let products = profile.Steps |> Array.filter isProduct
                let elementwise = profile.Steps |> Array.filter isElementwise
                let share steps = Document.percent (seconds steps / total)

                [
                    work.Title
                    Document.number (1000.0 * total)
                    Document.number (profile.MultiplyAdds / 1e6)
                    giga profile.MultiplyAdds total
                    Document.percent (2.0 * profile.MultiplyAdds / total / peak)
                    string profile.Steps.Length
                    share products
                    giga profile.MultiplyAdds (seconds products)
                    share elementwise
                    Document.percent (1.0 - (seconds products + seconds elementwise) / total)
                    Document.number (float profile.Memory / 1e6)
                ]
        ]
        @ [ ""; "The steps of each that take longest:"; "" ]
        @ Document.table [ "work"; "step"; "share"; "Gflop/s" ] [
            for work, profile in profiles do
                let total = profile.Steps |> Array.sumBy _.Seconds

                for step in profile.Steps |> Array.sortByDescending _.Seconds |> Array.truncate shown do
                    [
                        work.Title
                        step.Step
                        Document.percent (step.Seconds / total)
                        if isProduct step then giga step.MultiplyAdds step.Seconds else ""
                    ]
        ]

    lines |> List.iter (printfn "%s")
    Document.write path "profiles" lines
