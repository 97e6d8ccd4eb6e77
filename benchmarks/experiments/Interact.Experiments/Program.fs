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
  sparsity            [--tables grants,churn] [--from N] [--repeats N] [--epochs N] [--samples N] [--threads N] [--out FILE]
                                            learning from a hundred rows with the sparsity prior
  forbidden-interactions
                      [--seeds 0,1,2] [--rows N] [--epochs N] [--explained N] [--out FILE]
                                            interactions that a prior forbids, before and after
  duplicated-feature  [--rows N] [--steps N] [--out FILE]
                                            a feature given twice, and a prior that makes both copies equal
  smoothness          [--images digits,clothes,mnist] [--networks normalised,convolutional] [--seeds 0,1,2] [--epochs N] [--folder DIR] [--mnist DIR] [--out FILE]
                                            noise on images, with and without the smoothness prior; the folders have the files of
                                            fashion-mnist, and the test images of MNIST
  graph-prior         [--seeds 0,1,2] [--rows 50,100] [--epochs N] [--out FILE]
                                            features in modules of a graph, and a prior that knows it
  rate-simulation     [--rows 1000,10000] [--variables 100,300,1000] [--repeats N] [--out FILE]
                                            variables that RATE finds in networks with a variational last layer

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

/// The one number given by a name, at least so large; none where it is not given.
let private numberFrom least given name =
    given
    |> Map.tryFind name
    |> Option.map (fun text ->
        match numbers name text with
        | [ number ] when number >= least -> number
        | _ -> invalidOp $"{name} {text}: give one number from {least} on.")

/// The one number given by a name, at least 1, or another where it is not given.
let private number given name otherwise = numberFrom 1 given name |> Option.defaultValue otherwise

/// The numbers given by a name, or others where they are not given.
let private several given name otherwise =
    given |> Map.tryFind name |> Option.map (numbers name) |> Option.defaultValue otherwise

/// The words given by a name, none where it is not given.
let private words given name =
    match Map.tryFind name given with
    | Some(text: string) -> text.Split ',' |> List.ofArray
    | None -> []

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

            let seeds = several given "--seeds" [ 0..4 ]

            // Results are kept beside the networks that are kept.
            let folder, csv =
                match Map.tryFind "--networks" given, Map.tryFind "--out" given with
                | None, None -> kept, Some(Path.Combine(kept, "library.csv"))
                | folder, _ -> Option.defaultValue kept folder, None

            TenFunctions.run folder seeds (out given) csv
            0
        | "remove-and-retrain" :: rest ->
            let given = options [ "--python"; "--folder"; "--repeats"; "--out" ] rest

            let folder =
                given
                |> Map.tryFind "--folder"
                |> Option.defaultWith (fun () -> Path.Combine(Path.GetTempPath(), "interact-remove-and-retrain"))

            RemoveAndRetrain.run
                (given |> Map.tryFind "--python" |> Option.defaultValue "python3")
                folder
                (number given "--repeats" 1)
                (out given)
                (Files.ofRepository "benchmarks/experiments/remove-and-retrain/results.csv")

            0
        | "cost" :: rest ->
            options [ "--out" ] rest |> out |> Cost.run
            0
        | "churn" :: rest ->
            options [ "--out" ] rest |> out |> Churn.run
            0
        | "sparsity" :: rest ->
            let given =
                options [ "--tables"; "--from"; "--repeats"; "--epochs"; "--samples"; "--threads"; "--out" ] rest

            Sparsity.run
                (words given "--tables")
                (numberFrom 0 given "--from" |> Option.defaultValue 0)
                (numberFrom 2 given "--repeats")
                (number given "--epochs" 500)
                (number given "--samples" 4)
                (number given "--threads" System.Environment.ProcessorCount)
                (out given)

            0
        | "forbidden-interactions" :: rest ->
            let given = options [ "--seeds"; "--rows"; "--epochs"; "--explained"; "--out" ] rest

            ForbiddenInteractions.run
                (several given "--seeds" [ 0; 1; 2 ])
                (number given "--rows" 2000)
                (number given "--epochs" 30)
                (number given "--explained" 100)
                (out given)

            0
        | "duplicated-feature" :: rest ->
            let given = options [ "--rows"; "--steps"; "--out" ] rest
            DuplicatedFeature.run (number given "--rows" 64) (number given "--steps" 2000) 0 (out given)
            0
        | "rate-simulation" :: rest ->
            let given = options [ "--rows"; "--variables"; "--repeats"; "--out" ] rest

            RateSimulation.run
                (several given "--rows" [ 1000; 10000 ])
                (several given "--variables" [ 100; 300; 1000 ])
                (number given "--repeats" 10)
                (out given)

            0
        | "smoothness" :: rest ->
            let given =
                options [ "--images"; "--networks"; "--seeds"; "--epochs"; "--folder"; "--mnist"; "--out" ] rest

            Smoothness.run
                (words given "--images")
                (words given "--networks")
                (several given "--seeds" [ 0..4 ])
                (number given "--epochs" 2)
                (given |> Map.tryFind "--folder" |> Option.defaultValue Images.fashionFolder)
                (given |> Map.tryFind "--mnist")
                (out given)

            0
        | "graph-prior" :: rest ->
            let given = options [ "--seeds"; "--rows"; "--epochs"; "--out" ] rest

            GraphPrior.run
                (several given "--seeds" [ 0..19 ])
                (several given "--rows" [ 50; 100; 200 ])
                (number given "--epochs" 400)
                (out given)

            0
        | _ ->
            printfn $"{usage}"
            2
    with :? System.InvalidOperationException as problem ->
        eprintfn $"{problem.Message}"
        1
