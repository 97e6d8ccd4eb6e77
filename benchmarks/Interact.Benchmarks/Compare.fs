/// Whole explanations beside those of the rivals, in turn, in one sitting.
module Interact.Benchmarks.Compare

open System
open System.IO
open Interact.Core

/// What one side needs for a row, in milliseconds, and how far it is from the reference.
type private Side = { Milliseconds: float; Error: float; Note: string }

type private Measured = {
    Title: string
    Rows: int
    Nodes: int
    Ours: Side
    Functorch: Side option
    Formula: Side option
}

/// Nodes of the first table's first line.
let private orientation = 16

let private tolerance = 1e-10

/// Shorter runs are repeated up to this many seconds in every round.
let private atLeast = 0.3

let private milliseconds (rows: int) (seconds: float) = 1000.0 * seconds / float rows

/// Rounds of all sides in turn; for each side its median.
let private inTurn rounds (sides: (unit -> float) list) : float list =
    let times = [ for _ in 1..rounds -> sides |> List.map (fun run -> run ()) ]
    List.transpose times |> List.map Clock.median

/// The rivals of a work that can be had.
type private Rivals = { Functorch: Rival; Formula: Rival option }

/// One row of the tables of equal nodes.
let private equalNodes rounds (work: Work) rivals reference nodes : Measured =
    let rule = Rules.gauss nodes
    let byRule = Ours.byRule work
    Clock.warmUp (fun () -> byRule rule)
    let name = string nodes

    let present =
        rivals
        |> Option.map (fun rivals -> rivals.Functorch :: Option.toList rivals.Formula)
        |> Option.defaultValue []

    let notes = present |> List.map (fun rival -> rival.Tune name)

    let ours () = fst (Clock.seconds atLeast (fun () -> byRule rule)) |> milliseconds work.Rows.Length

    let times =
        inTurn rounds (ours :: (present |> List.map (fun rival () -> 1000.0 * rival.Run(name, atLeast))))

    let theirs =
        List.map3
            (fun (rival: Rival) note time -> {
                Milliseconds = time
                Error = rival.Matrices() |> Ours.error reference
                Note = note
            })
            present
            notes
            times.Tail

    {
        Title = work.Title
        Rows = work.Rows.Length
        Nodes = nodes
        Ours = { Milliseconds = times.Head; Error = byRule rule |> Ours.error reference; Note = "" }
        Functorch = List.tryItem 0 theirs
        Formula = List.tryItem 1 theirs
    }

/// A work of groups beside whole Hessians, grouped afterwards: what an automatic Hessian gives who does not differentiate by groups.
let private wholeHessians rounds (work: Work) (python: string option) folder reference : Measured option =
    match python, work.Groups with
    | Some python, Some _ ->
        use rival = Rival.Start(python, "functorch_hessians", folder, [ "whole" ])

        Some {
            equalNodes rounds work (Some { Functorch = rival; Formula = None }) reference orientation with
                Title = $"{work.Title}, whole Hessians"
        }
    | _ -> None

/// Both sides sure of the tolerance.
let private certified rounds (work: Work) rivals reference : Measured =
    let run () = Ours.certified work tolerance
    Clock.warmUp run

    let present =
        rivals
        |> Option.map (fun rivals -> rivals.Functorch :: Option.toList rivals.Formula)
        |> Option.defaultValue []

    let ours () = fst (Clock.seconds atLeast run) |> milliseconds work.Rows.Length

    let times =
        inTurn
            rounds
            (ours
             :: (present
                 |> List.map (fun rival () ->
                     let seconds, _, _ = rival.Certify(tolerance, atLeast)
                     1000.0 * seconds)))

    let theirs =
        List.map2
            (fun (rival: Rival) time ->
                let _, orders, met = rival.Certify(tolerance, 0.0)
                let tried = orders |> List.map string |> String.concat ", "
                let short = if met < work.Rows.Length then $"; {work.Rows.Length - met} rows not sure" else ""
                { Milliseconds = time; Error = rival.Matrices() |> Ours.error reference; Note = tried + short })
            present
            times.Tail

    let found = run ()
    let certified = found |> Array.filter _.Certificate.Satisfied |> Array.length
    let hessians = found |> Array.averageBy (fun row -> float row.Certificate.Evaluations)
    let short = if certified < found.Length then $"; {found.Length - certified} not certified" else ""

    {
        Title = work.Title
        Rows = work.Rows.Length
        Nodes = 0
        Ours = {
            Milliseconds = times.Head
            Error = found |> Array.map Ours.flat |> Ours.error reference
            Note = Document.number hessians + short
        }
        Functorch = List.tryItem 0 theirs
        Formula = List.tryItem 1 theirs
    }

/// The reference implementation's algorithm, on few rows where it is slow.
let private referenceAlgorithm rounds (work: Work) python folder reference : Side * int =
    use rival = Rival.Start(python, "reference_algorithm", folder, [ string work.ReferenceRows ])
    let time = Seq.init (min rounds 3) (fun _ -> rival.Run("16", 0.0)) |> List.ofSeq |> Clock.median

    let side = { Milliseconds = 1000.0 * time; Error = rival.Matrices() |> Ours.error reference; Note = "" }

    side, work.ReferenceRows

/// Fewest nodes of one Gauss rule that bring the error of every row below the tolerance; the most that there are if none do.
let private enough (work: Work) reference =
    let byRule = Ours.byRule work

    Rules.orders
    |> List.tryFind (fun nodes -> byRule (Rules.gauss nodes) |> Ours.error reference <= tolerance)
    |> Option.defaultValue (List.last Rules.orders)

/// Everything measured of one work.
type private Outcome = {
    Equal: Measured list
    Certified: Measured
    Reference: (Side * int) option
    Variants: (string * string) list
    Torch: string option
}

/// A line for who watches.
let private report what (measured: Measured) =
    let side name (side: Side) =
        $"{name} {Document.number side.Milliseconds} ms, error {Document.small side.Error} {side.Note}"

    let sides =
        side "ours" measured.Ours
        :: ([ "functorch", measured.Functorch; "formula", measured.Formula ]
            |> List.choose (fun (name, found) -> found |> Option.map (side name)))

    let line = String.Join("; ", sides)
    printfn $"  {what}: {line}"

let private measure rounds (python: string option) (work: Work) : Outcome =
    printfn $"{work.Title}: {work.Rows.Length} rows"
    Check.requireFixture work
    let folder = Directory.CreateTempSubdirectory("interact-benchmarks-").FullName

    try
        Exchange.write folder work

        let rivals =
            python
            |> Option.map (fun python -> {
                Functorch = Rival.Start(python, "functorch_hessians", folder, [])
                Formula =
                    if work.Network.Kind <> "transformer" then
                        Some(Rival.Start(python, "layer_formula", folder, []))
                    else
                        None
            })

        try
            // The reference comes from the other side where there is one.
            let reference =
                match rivals with
                | Some rivals ->
                    rivals.Functorch.Tune(string orientation) |> ignore
                    rivals.Formula |> Option.iter (fun rival -> rival.Tune(string orientation) |> ignore)
                    let best = rivals.Formula |> Option.defaultValue rivals.Functorch
                    best.Run("reference", 0.0) |> ignore
                    best.Matrices()
                | None -> Ours.byRule work Rules.reference

            match work.Expected with
            | Some expected ->
                printfn
                    $"  the reference differs from the fixture by {Ours.error expected.Matrices reference[.. expected.Matrices.Length - 1]:E1}"
            | None -> ()

            let nodes = List.distinct [ orientation; enough work reference ]

            let equal =
                (nodes |> List.map (equalNodes rounds work rivals reference))
                @ (wholeHessians rounds work python folder reference |> Option.toList)

            for measured in equal do
                report $"{measured.Title}, {measured.Nodes} nodes" measured

            let sure = certified rounds work rivals reference
            report "certified" sure

            {
                Equal = equal
                Certified = sure
                Reference = python |> Option.map (fun python -> referenceAlgorithm rounds work python folder reference)
                Variants = [
                    for measured in equal do
                        for name, side in [ "functorch", measured.Functorch; "hand formula", measured.Formula ] do
                            match side with
                            | Some side -> $"{measured.Title}, {measured.Nodes} nodes, {name}", side.Note
                            | None -> ()
                ]
                Torch =
                    rivals
                    |> Option.map (fun rivals ->
                        let rival = rivals.Functorch
                        $"PyTorch {rival.Torch} with {rival.Library} ({Document.number rival.Gigaflops} Gflop/s in a product of 1024 x 1024 matrices)")
            }
        finally
            match rivals with
            | Some rivals ->
                (rivals.Functorch :> IDisposable).Dispose()
                rivals.Formula |> Option.iter (fun rival -> (rival :> IDisposable).Dispose())
            | None -> ()
    finally
        Directory.Delete(folder, true)

let private cells (ours: Side) (theirs: Side option) =
    match theirs with
    | None -> [ "-"; "-" ]
    | Some side -> [ Document.number side.Milliseconds; Document.times (side.Milliseconds / ours.Milliseconds) ]

let private errorOf (side: Side option) =
    side |> Option.map (fun side -> Document.small side.Error) |> Option.defaultValue "-"

let private equalTable (outcomes: Outcome list) =
    Document.table [
        "work"
        "rows"
        "nodes"
        "Interact"
        "functorch"
        ""
        "hand formula"
        ""
        "error: Interact"
        "functorch"
        "hand formula"
    ] [
        for outcome in outcomes do
            for m in outcome.Equal ->
                [ m.Title; string m.Rows; string m.Nodes; Document.number m.Ours.Milliseconds ]
                @ cells m.Ours m.Functorch
                @ cells m.Ours m.Formula
                @ [ errorOf (Some m.Ours); errorOf m.Functorch; errorOf m.Formula ]
    ]

let private certifiedTable (outcomes: Outcome list) =
    let note side = side |> Option.map _.Note |> Option.defaultValue "-"

    Document.table [
        "work"
        "Interact"
        "Hessians a row"
        "error"
        "functorch"
        ""
        "orders tried"
        "error"
        "hand formula"
        ""
        "orders tried"
        "error"
    ] [
        for { Certified = m } in outcomes ->
            [ m.Title; Document.number m.Ours.Milliseconds; m.Ours.Note; errorOf (Some m.Ours) ]
            @ cells m.Ours m.Functorch
            @ [ note m.Functorch; errorOf m.Functorch ]
            @ cells m.Ours m.Formula
            @ [ note m.Formula; errorOf m.Formula ]
    ]

let private referenceTable (outcomes: Outcome list) =
    Document.table [
        "work"
        "Interact, certified at 1e-10"
        "error"
        "reference algorithm, 100 samples"
        ""
        "error"
        "rows timed"
    ] [
        for outcome in outcomes do
            match outcome.Reference with
            | Some(side, rows) ->
                let ours = outcome.Certified.Ours

                [ outcome.Certified.Title; Document.number ours.Milliseconds; Document.small ours.Error ]
                @ cells ours (Some side)
                @ [ Document.small side.Error; string rows ]
            | None -> ()
    ]

/// Times the works, prints the tables, and writes them to the file.
let run (rounds: int) (path: string) (only: string option) =
    let python = Rival.Python
    if python.IsNone then printfn "No Python with PyTorch was found: only our own side is timed."
    let outcomes = Works.named only |> List.map (measure rounds python)
    let torch = outcomes |> List.tryPick _.Torch |> Option.defaultValue "no PyTorch found"

    let load =
        Machine.load |> Option.map (fun load -> $"; load {load} at the end") |> Option.defaultValue ""

    let lines =
        [
            $"{Machine.date}; {Machine.description}; {torch}. Two threads on each side, float64, milliseconds a row, medians of {rounds} rounds in turn{load}."
            ""
            "**Equal nodes.** Both sides take second derivatives at the nodes of the same Gauss rule."
            ""
        ]
        @ equalTable outcomes
        @ [ ""; "**Certified.** Both sides make sure of a relative error of 1e-10."; "" ]
        @ certifiedTable outcomes
        @ [ ""; "**The reference implementation's algorithm** at its default of 100 samples."; "" ]
        @ referenceTable outcomes
        @ [
            ""
            "The variants of the rivals that were fastest, and are the ones in the table of equal nodes:"
            ""
        ]
        @ [
            for outcome in outcomes do
                for what, variant in outcome.Variants -> $"- {what}: {variant}"
        ]

    lines |> List.iter (printfn "%s")
    let section = only |> Option.map (fun name -> $"compare {name}") |> Option.defaultValue "compare"
    Document.write path section lines
