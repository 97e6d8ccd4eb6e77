namespace Interact.Core.Onnx

open System

/// Names that somebody may have meant by another one.
module Closest =

    /// More characters of a name, and more names, are not compared.
    let private longest = 100

    let private most = 20_000

    /// The number of characters to insert, delete or replace that make one text of another (Levenshtein 1966).
    let private distance (a: string) (b: string) =
        let mutable previous = Array.init (b.Length + 1) id
        let mutable current = Array.zeroCreate (b.Length + 1)

        for i in 1 .. a.Length do
            current[0] <- i

            for j in 1 .. b.Length do
                let replaced = previous[j - 1] + (if a[i - 1] = b[j - 1] then 0 else 1)
                current[j] <- min replaced (1 + min previous[j] current[j - 1])

            let spare = previous
            previous <- current
            current <- spare

        previous[b.Length]

    /// So many of the known names, those nearest to the wanted one first: names that contain it, or are part of it, before others. Case does
    /// not matter.
    let names (count: int) (wanted: string) (known: string seq) : string list =
        let plain (name: string) = name.Substring(0, min longest name.Length).ToLowerInvariant()
        let wanted = plain wanted

        known
        |> Seq.truncate most
        |> Seq.distinct
        |> Seq.map (fun name ->
            let own = plain name

            let isPart =
                wanted <> ""
                && own <> ""
                && (own.Contains(wanted, StringComparison.Ordinal) || wanted.Contains(own, StringComparison.Ordinal))

            name, ((if isPart then 0 else 1), distance wanted own))
        |> Seq.sortBy snd
        |> Seq.truncate count
        |> Seq.map fst
        |> List.ofSeq
