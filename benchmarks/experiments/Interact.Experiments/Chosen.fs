/// Choosing some of what an experiment has.
module Interact.Experiments.Chosen

/// Those with the given names, all where none are given. Error: InvalidOperationException for a name that none has.
let among (option: string) (name: 'T -> string) (all: 'T list) (given: string list) : 'T list =
    match given |> List.except (List.map name all) with
    | unknown :: _ ->
        let known = all |> List.map name |> String.concat ", "
        invalidOp $"{option}: there is no '{unknown}'; there are {known}."
    | [] -> all |> List.filter (fun own -> given.IsEmpty || List.contains (name own) given)
