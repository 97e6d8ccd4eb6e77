module Interact.Experiments.Program

open System.IO
open Interact.Benchmarks

let private usage =
    """Experiments on how good explanations are, and what they cost. Commands:

  ten-functions       [--networks DIR] [--seeds 0,1,2,3,4] [--out FILE]     interactions of ten functions, which are known
  remove-and-retrain  [--python PATH] [--folder DIR] [--repeats N] [--out FILE]
                                            what networks lose without the pairs that a ranking puts first; needs PyTorch
  cost                [--out FILE]          time against the number of features, of every method
  churn               [--out FILE]          interactions in a network that tells which customers leave

FILE is docs/experiments.md unless given; figures are written to the folder images beside it."""

/// The options given, by name. Error: InvalidOperationException for an option that the command does not have.
let private options (known: string list) (arguments: string list) =
    let shown = String.concat ", " known

    let rec read found rest =
        match rest with
        | [] -> found
        | (name: string) :: value :: rest when List.contains name known -> read (Map.add name value found) rest
        | [ name ] when List.contains name known -> invalidOp $"{name} has no value."
        | name :: _ -> invalidOp $"'{name}' is not an option of this command; there are {shown}."

    read Map.empty arguments

let private numbers (name: string) (text: string) =
    text.Split ','
    |> Array.map (fun part ->
        match System.Int32.TryParse part with
        | true, number when number >= 0 -> number
        | _ -> invalidOp $"{name} {text}: '{part}' is no number from 0 on.")
    |> List.ofArray

let private kept = Files.ofRepository "benchmarks/experiments/ten-functions"

[<EntryPoint>]
let main arguments =
    let out given =
        given
        |> Map.tryFind "--out"
        |> Option.defaultWith (fun () -> Files.ofRepository "docs/experiments.md")

    try
        match List.ofArray arguments with
        | "ten-functions" :: rest ->
            let given = options [ "--networks"; "--seeds"; "--out" ] rest

            let seeds =
                given |> Map.tryFind "--seeds" |> Option.map (numbers "--seeds") |> Option.defaultValue [ 0..4 ]

            // Results are kept beside the networks that are kept.
            let folder, csv =
                match Map.tryFind "--networks" given, Map.tryFind "--out" given with
                | None, None -> kept, Some(Path.Combine(kept, "library.csv"))
                | folder, _ -> Option.defaultValue kept folder, None

            TenFunctions.run folder seeds (out given) csv
            0
        | "remove-and-retrain" :: rest ->
            let given = options [ "--python"; "--folder"; "--repeats"; "--out" ] rest

            let repeats =
                given
                |> Map.tryFind "--repeats"
                |> Option.map (numbers "--repeats" >> List.head)
                |> Option.defaultValue 1

            let folder =
                given
                |> Map.tryFind "--folder"
                |> Option.defaultWith (fun () -> Path.Combine(Path.GetTempPath(), "interact-remove-and-retrain"))

            RemoveAndRetrain.run
                (given |> Map.tryFind "--python" |> Option.defaultValue "python3")
                folder
                repeats
                (out given)
                (Files.ofRepository "benchmarks/experiments/remove-and-retrain/results.csv")

            0
        | "cost" :: rest ->
            options [ "--out" ] rest |> out |> Cost.run
            0
        | "churn" :: rest ->
            options [ "--out" ] rest |> out |> Churn.run
            0
        | _ ->
            printfn $"{usage}"
            2
    with :? System.InvalidOperationException as problem ->
        eprintfn $"{problem.Message}"
        1
