/// What must hold before anything is timed: the networks are those of the fixtures, and fixed rules give certified results.
module Interact.Benchmarks.Check

open Interact.Core

let private largest (values: float seq) = values |> Seq.map abs |> Seq.max

/// The rows that are checked.
let private few (work: Work) = { work with Rows = Array.truncate 3 work.Rows }

/// How far a network is from its fixture, if it has one: what was found, the most that it may be, and what it is.
let private fromFixture (work: Work) : (string * float * float) list =
    match work.Expected with
    | None -> []
    | Some expected ->
        let rows = few work

        let values =
            Array.map2
                (fun (outputs: float[]) target -> outputs[target])
                (work.Model.Function.Values rows.Rows)
                rows.Targets

        [
            "outputs differ from the fixture's by", Seq.map2 (-) values expected.Values |> largest, 1e-12
            "matrices differ from the fixture's by",
            Ours.byRule rows Rules.reference |> Ours.error expected.Matrices,
            1e-11
        ]

/// Stops where a network is not that of its fixture. Error: InvalidOperationException.
let requireFixture (work: Work) =
    for what, found, most in fromFixture work do
        if not (found <= most) then invalidOp $"{work.Title}: {what} {found}; at most {most} may pass."

let private findings (work: Work) : (string * float * float) list =
    let rows = few work
    let byRule = Ours.byRule rows Rules.reference
    let certified = Ours.certified rows 1e-10
    let uncertified = certified |> Array.filter (fun row -> not row.Certificate.Satisfied) |> Array.length

    fromFixture work
    @ [
        "rows that are not certified:", float uncertified, 0.0
        "certified matrices differ from those of the reference rule by",
        certified |> Array.map Ours.flat |> Ours.error byRule,
        1e-9
    ]

/// Checks the works of that name, all without one; 0 where all is well, 1 otherwise.
let run (only: string option) =
    let failures = [
        for work in Works.named only do
            for what, found, most in findings work do
                let verdict = if found <= most then "✓" else "✗"
                printfn $"{verdict} {work.Title}: {what} {Document.small found} (at most {Document.small most})"
                if not (found <= most) then 1
    ]

    if failures.IsEmpty then 0 else 1
