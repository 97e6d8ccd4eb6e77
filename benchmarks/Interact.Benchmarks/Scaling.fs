/// How cost grows with the number of rows and with the number of groups.
module Interact.Benchmarks.Scaling

open System.IO
open Interact.Core

let private rowCounts = [ 10; 30; 100; 300; 1000; 3000; 10_000 ]

/// Milliseconds a row, certified at the default tolerance, for more and more rows.
let private overRows () =
    let work = Works.small (List.max rowCounts)
    Clock.warmUp (fun () -> Ours.certified { work with Rows = work.Rows[..99] } 1e-6)

    [
        for count in rowCounts ->
            let part = { work with Rows = work.Rows[.. count - 1] }
            let atLeast = if count <= 1000 then 0.5 else 0.0

            let runs = [
                for _ in 1 .. (if count <= 1000 then 3 else 1) ->
                    fst (Clock.seconds atLeast (fun () -> Ours.certified part 1e-6))
            ]

            count, 1000.0 * Clock.median runs / float count
    ]

let private features, nodes = 512, 16

let private groupCounts = [ for exponent in 0..9 -> 1 <<< exponent ]

/// Milliseconds a row at 16 nodes, for more and more groups of the same 512 features.
let private overGroups () =
    let work = Works.large 2

    [
        for count in groupCounts ->
            let size = features / count

            let groups =
                Groups.create features [ for g in 0 .. count - 1 -> $"g{g}", [| g * size .. (g + 1) * size - 1 |] ]

            let byRule = Ours.byRule { work with Groups = Some groups }
            let run () = byRule (Rules.gauss nodes) |> ignore
            Clock.warmUp run
            let seconds = Clock.median [ for _ in 1..5 -> fst (Clock.seconds 0.1 run) ]
            count, 1000.0 * seconds / float work.Rows.Length
    ]

let private plot (folder: string) file title across lines =
    Plot.write (Path.Combine(folder, "images", file)) {
        Title = title
        Across = across
        Up = "milliseconds a row"
        Lines = lines
    }

let private points name measured : Plot.Line = {
    Name = name
    Points = [ for count, time in measured -> float count, time ]
}

/// Measures, prints, and writes the section and its images beside it.
let run (path: string) =
    let folder = Path.GetDirectoryName(Path.GetFullPath path) |> nonNull
    let rows = overRows ()
    let groups = overGroups ()

    plot folder "scaling-rows.svg" "dense 30-64-32-1, certified at 1e-6, two threads" "rows" [ points "Interact" rows ]

    plot folder "scaling-groups.svg" "dense 512-512-512-1, 16 nodes, two threads" "groups of the 512 features" [
        points "Interact" groups
    ]

    let lines =
        [
            $"{Machine.date}; {Machine.description}; two threads."
            ""
            "Cost of a row against the number of rows (dense 30-64-32-1, full matrix, certified at 1e-6):"
            ""
        ]
        @ Document.table [ "rows"; "ms a row" ] [ for count, time in rows -> [ string count; Document.number time ] ]
        @ [
            ""
            "![Milliseconds a row against the number of rows](images/scaling-rows.svg)"
            ""
            $"Cost of a row against the number of groups k (dense 512-512-512-1, {nodes} nodes; k = {features} is the full matrix):"
            ""
        ]
        @ Document.table [ "groups"; "ms a row" ] [
            for count, time in groups -> [ string count; Document.number time ]
        ]
        @ [ ""; "![Milliseconds a row against the number of groups](images/scaling-groups.svg)" ]

    lines |> List.iter (printfn "%s")
    Document.write path "scaling" lines
