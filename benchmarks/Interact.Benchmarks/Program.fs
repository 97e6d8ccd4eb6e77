module Interact.Benchmarks.Program

let private usage =
    """Times Interact. Commands:

  kernels  [BenchmarkDotNet's arguments]                    kernels, by BenchmarkDotNet
  compare  [--rounds N] [--out FILE] [--work NAME]          whole explanations beside those of the rivals
  roofline [--out FILE]                                     shares of the machine's peak, and where the rest goes
  profiles [--out FILE]                                     where the time of each work goes, step by step
  scaling  [--out FILE]                                     cost against the number of rows and of groups
  load     [--out FILE]                                     time and memory of loading models of 50 MB
  smoothing [--out FILE]                                    how smoothing tends to exact interactions
  averages [--out FILE]                                     a row over 500 baselines; memory against the number of baselines
  groups   [--out FILE]                                     interactions between a transformer's tokens against forward passes
  mixed    [--out FILE]                                     mixed partial derivatives of orders 2 to 5 by all sets of ten features
  coalitions [--out FILE]                                   Shapley interactions of twenty groups, all coalitions and drawn ones
  rate     [--out FILE]                                     RATE of up to ten thousand variables, time and memory
  training [--out FILE] [--threads N]                       a step of training beside PyTorch's, on one thread and two or on N
  training-profile NAME                                     where the time of a step goes: dense-100, dense-512, cnn, transformer
  check    [--work NAME]                                    what must hold before anything is timed; not timed itself

FILE is docs/performance.md unless given, of smoothing docs/kinks.md, of mixed docs/mixed-partials.md, of coalitions docs/comparators.md,
of rate docs/rate.md, of training docs/training.md. The rivals need Python with PyTorch; see benchmarks/README.md."""

/// The options given, by name. Error: InvalidOperationException for an option that the command does not have.
let private options (known: string list) (arguments: string list) =
    let rec read found rest =
        match rest with
        | [] -> found
        | (name: string) :: value :: rest when List.contains name known -> read (Map.add name value found) rest
        | name :: _ -> invalidOp $"'{name}' is not an option with a value; there are {known}."

    read Map.empty arguments

let private out given =
    given
    |> Map.tryFind "--out"
    |> Option.defaultWith (fun () -> Files.ofRepository "docs/performance.md")

[<EntryPoint>]
let main arguments =
    try
        match List.ofArray arguments with
        | "kernels" :: rest ->
            KernelBenchmarks.run (Array.ofList rest)
            0
        | "compare" :: rest ->
            let given = options [ "--rounds"; "--out"; "--work" ] rest
            let rounds = given |> Map.tryFind "--rounds" |> Option.map int |> Option.defaultValue 7
            Compare.run rounds (out given) (Map.tryFind "--work" given)
            0
        | "roofline" :: rest ->
            Roofline.run (options [ "--out" ] rest |> out)
            0
        | "profiles" :: rest ->
            Profiles.run (options [ "--out" ] rest |> out)
            0
        | "scaling" :: rest ->
            Scaling.run (options [ "--out" ] rest |> out)
            0
        | "load" :: rest ->
            Load.run (options [ "--out" ] rest |> out)
            0
        | [ "load-one"; path ] ->
            Load.one path
            0
        | "smoothing" :: rest ->
            options [ "--out" ] rest
            |> Map.tryFind "--out"
            |> Option.defaultWith (fun () -> Files.ofRepository "docs/kinks.md")
            |> Smoothing.run

            0
        | "averages" :: rest ->
            Averages.run (options [ "--out" ] rest |> out)
            0
        | "groups" :: rest ->
            Grouped.run (options [ "--out" ] rest |> out)
            0
        | "mixed" :: rest ->
            options [ "--out" ] rest
            |> Map.tryFind "--out"
            |> Option.defaultWith (fun () -> Files.ofRepository "docs/mixed-partials.md")
            |> Mixed.run

            0
        | "coalitions" :: rest ->
            options [ "--out" ] rest
            |> Map.tryFind "--out"
            |> Option.defaultWith (fun () -> Files.ofRepository "docs/comparators.md")
            |> Coalitions.run

            0
        | "rate" :: rest ->
            options [ "--out" ] rest
            |> Map.tryFind "--out"
            |> Option.defaultWith (fun () -> Files.ofRepository "docs/rate.md")
            |> Rating.run

            0

        | "training" :: rest ->
            let given = options [ "--out"; "--threads" ] rest

            let threads =
                given
                |> Map.tryFind "--threads"
                |> Option.map (int >> List.singleton)
                |> Option.defaultValue [ 1; 2 ]

            given
            |> Map.tryFind "--out"
            |> Option.defaultWith (fun () -> Files.ofRepository "docs/training.md")
            |> Training.run threads

            0
        | [ "training-profile"; name ] ->
            Training.profile name
            0
        | "check" :: rest -> options [ "--work" ] rest |> Map.tryFind "--work" |> Check.run
        | _ ->
            printfn $"{usage}"
            2
    with :? System.InvalidOperationException as problem ->
        eprintfn $"{problem.Message}"
        1
